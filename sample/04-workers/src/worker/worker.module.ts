/** The application that works jobs off. */
import { BullModule } from '@nestjs/bullmq';
import { Module } from '@nestjs/common';
import { LangfuseModule } from 'nestjs-langfuse';
import { redisConnection } from '../queue/redis-connection.js';
import { SUMMARIES } from '../queue/summary-job.js';
import { SummariesProcessor } from './summaries.processor.js';
import { SummaryModel } from './summary-model.js';

@Module({
  imports: [
    LangfuseModule.forRoot(),
    BullModule.forRootAsync(redisConnection),
    BullModule.registerQueue({ name: SUMMARIES }),
  ],
  providers: [SummariesProcessor, SummaryModel],
})
export class WorkerModule {}
