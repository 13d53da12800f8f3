import type { LedgerSnapshot } from './ledger.js';
import type { DestinationOutage } from './outages.js';
import type { LaneName } from './queue-record.js';
import type { SpoolStats } from './spool.interface.js';
import type { TransportStats } from './transport.interface.js';

/**
 * A snapshot of the queue: both lanes together, each lane, and the traffic.
 *
 * @publicApi
 */
export interface QueueStats extends LedgerSnapshot, TransportStats {
  /** The same for observations (`spans`) and for `scores` alone. */
  readonly lanes: { readonly [name in LaneName]: LedgerSnapshot };
  /** What does not take data now, the longest first; empty while all does. */
  readonly outages: readonly DestinationOutage[];
  /** The disk; undefined without a spool. */
  readonly spool: SpoolStats | undefined;
}
