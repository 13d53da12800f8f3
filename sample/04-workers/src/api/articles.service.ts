/** The producer: queues jobs that know which trace they belong to. */
import { InjectQueue } from '@nestjs/bullmq';
import { Injectable, NotFoundException } from '@nestjs/common';
import type { Queue } from 'bullmq';
import { LangfuseService, Trace } from 'nestjs-langfuse';
import { SUMMARIES, type SummaryJob } from '../queue/summary-job.js';

/** A job as its client sees it. */
export interface Progress {
  /** `waiting`, `active`, `delayed` until the next attempt, `completed`, … */
  readonly state: string;
  /** Attempts that have ended. */
  readonly attempts: number;
  readonly summary?: string;
}

@Injectable()
export class ArticlesService {
  constructor(
    @InjectQueue(SUMMARIES)
    private readonly queue: Queue<SummaryJob, string>,
    private readonly langfuse: LangfuseService,
  ) {}

  /** @returns the job's id */
  @Trace({ name: 'queue summary' })
  async submit(text: string): Promise<string> {
    const job = await this.queue.add(
      'summarise',
      // Within the method, so that the worker's part is below this observation.
      { text, carrier: this.langfuse.carrier() },
      { attempts: 3, backoff: { type: 'fixed', delay: 200 } },
    );
    return job.id!;
  }

  async progressOf(id: string): Promise<Progress> {
    // In this order: a job that has completed by now has its result.
    const state = await this.queue.getJobState(id);
    const job = await this.queue.getJob(id);
    if (!job) throw new NotFoundException(`there is no job ${id}`);
    return {
      state,
      attempts: job.attemptsMade,
      ...(state === 'completed' ? { summary: job.returnvalue } : {}),
    };
  }
}
