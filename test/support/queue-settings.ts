import type { LangfuseQueueSettings } from '../../lib/queue/index.js';

/** Settings of a queue that is small enough to be filled by a test. */
export const QUEUE_SETTINGS: LangfuseQueueSettings = {
  flushAt: 10,
  flushInterval: 5,
  maxBatchBytes: 1_000_000,
  maxQueueSize: 1_000,
  maxQueueBytes: 1_000_000,
  maxConcurrency: 2,
  exportMode: 'batched',
  overflow: 'drop-oldest',
  flushTimeoutMs: 10_000,
  shutdownTimeoutMs: 5_000,
};
