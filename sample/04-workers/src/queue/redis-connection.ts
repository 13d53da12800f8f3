/** Where the queue is. */
import type { SharedBullAsyncConfiguration } from '@nestjs/bullmq';

export const redisConnection: SharedBullAsyncConfiguration = {
  useFactory: () => ({
    connection: { url: process.env['REDIS_URL'] ?? 'redis://127.0.0.1:6379' },
  }),
};
