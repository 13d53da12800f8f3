import type { LaneLimits } from './lane.js';

/** Settings of a queue; each is an option of the module. */
export interface LangfuseQueueSettings {
  readonly flushAt: number;
  /** Seconds, as everywhere in Langfuse. */
  readonly flushInterval: number;
  readonly maxBatchBytes: number;
  readonly maxQueueSize: number;
  readonly maxQueueBytes: number;
  readonly maxConcurrency: number;
  readonly exportMode: 'batched' | 'immediate';
  readonly overflow: 'drop-oldest' | 'drop-newest';
  readonly flushTimeoutMs: number;
  readonly shutdownTimeoutMs: number;
}

/** What they mean for one lane, whose batches have bounds of their own. */
export function laneLimits(
  settings: LangfuseQueueSettings,
  count: number,
  bytes: number,
): LaneLimits {
  const { exportMode, flushInterval, overflow } = settings;
  return {
    maxRecords: settings.maxQueueSize,
    maxBytes: settings.maxQueueBytes,
    maxConcurrency: settings.maxConcurrency,
    overflow,
    batch: {
      count,
      // While all slots are taken, records still gather into batches.
      dueAt: exportMode === 'immediate' ? 1 : count,
      bytes,
      timeMs: flushInterval * 1000,
    },
  };
}
