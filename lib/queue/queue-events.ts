import type { DropReason } from './ledger.js';
import type { LaneName } from './queue-record.js';
import type { DestinationState } from './transport.interface.js';

/**
 * What happens in a {@link LangfuseQueue}, per batch and per change of state;
 * there is no event per record.
 *
 * @publicApi
 */
export type QueueEvent =
  | {
      /** What happened: it says which other fields there are. */
      readonly type: 'delivered';
      readonly lane: LaneName;
      readonly count: number;
    }
  | {
      readonly type: 'dropped';
      readonly lane: LaneName;
      readonly count: number;
      readonly reason: DropReason;
      /** What the server said, for `rejected`. */
      readonly cause?: string;
    }
  | { readonly type: 'destination'; readonly state: DestinationState };
