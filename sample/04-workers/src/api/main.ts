/** The process that takes articles. */
import { NestFactory } from '@nestjs/core';
import { ApiModule } from './api.module.js';

const app = await NestFactory.create(ApiModule, {
  logger: ['warn', 'error', 'fatal'],
});
app.enableShutdownHooks();
await app.listen(process.env['PORT'] ?? 3000, '127.0.0.1');
// Tells whoever started it, as PM2's wait_ready, for instance, wants it.
process.send?.(await app.getUrl());
