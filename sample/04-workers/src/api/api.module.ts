/** The application that queues jobs. */
import { BullModule } from '@nestjs/bullmq';
import { Module } from '@nestjs/common';
import { LangfuseModule } from 'nestjs-langfuse';
import { redisConnection } from '../queue/redis-connection.js';
import { SUMMARIES } from '../queue/summary-job.js';
import { ArticlesController } from './articles.controller.js';
import { ArticlesService } from './articles.service.js';

@Module({
  imports: [
    LangfuseModule.forRoot({ traceRequests: true }),
    BullModule.forRootAsync(redisConnection),
    BullModule.registerQueue({ name: SUMMARIES }),
  ],
  controllers: [ArticlesController],
  providers: [ArticlesService],
})
export class ApiModule {}
