/** The worker: each attempt at a job is an observation in the job's trace. */
import { Processor, WorkerHost } from '@nestjs/bullmq';
import type { Job } from 'bullmq';
import { LangfuseService, Trace } from 'nestjs-langfuse';
import { SUMMARIES, type SummaryJob } from '../queue/summary-job.js';
import { SummaryModel } from './summary-model.js';

@Processor(SUMMARIES)
export class SummariesProcessor extends WorkerHost {
  constructor(
    private readonly langfuse: LangfuseService,
    private readonly model: SummaryModel,
  ) {
    super();
  }

  process(job: Job<SummaryJob>): Promise<string> {
    return this.langfuse.continueTrace(job.data.carrier, () =>
      this.summarise(job),
    );
  }

  /** An error is on the observation of its attempt, and BullMQ tries again. */
  @Trace({
    name: 'summarise',
    asType: 'chain',
    captureInput: (job) => job.data.text,
    metadata: ({ id, attemptsMade, timestamp, processedOn = timestamp }) => ({
      job: id,
      attempt: attemptsMade + 1,
      msSinceQueued: processedOn - timestamp,
    }),
  })
  async summarise(job: Job<SummaryJob>): Promise<string> {
    return this.model.summarise(job.data.text);
  }
}
