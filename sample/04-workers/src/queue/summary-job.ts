/** What producer and worker agree on. */
import type { TraceCarrier } from 'nestjs-langfuse';

export const SUMMARIES = 'summaries';

/** The data of a job: it lives in Redis, as JSON. */
export interface SummaryJob {
  readonly text: string;
  /** Where in which trace the job was queued, and for whom. */
  readonly carrier: TraceCarrier;
}
