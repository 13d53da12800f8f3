import type { DropCounts } from './ledger.js';

/**
 * What `flush()` and `shutdown()` did. The counts cover the time of the call.
 *
 * @publicApi
 */
export interface FlushResult {
  /** Records accepted by the server. */
  readonly delivered: number;
  /** Records given up, by reason. */
  readonly dropped: DropCounts;
  /** By how many more records than before are on the disk alone. */
  readonly spooled: number;
  /** Records enqueued before the call that are still on their way. */
  readonly pending: number;
  /** Whether not everything was settled in the time that there was. */
  readonly timedOut: boolean;
  /** Milliseconds that the call took. */
  readonly durationMs: number;
}
