import type { FlushResult } from './flush-result.js';
import type { DropReason } from './ledger.js';
import type { LaneName } from './queue-record.js';
import type { DestinationState } from './transport.interface.js';

/**
 * What happens in a {@link LangfuseQueue}, per batch, flush and change of state;
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
      /** Milliseconds that the batch was under way, retries among them. */
      readonly durationMs: number;
    }
  | {
      readonly type: 'dropped';
      readonly lane: LaneName;
      readonly count: number;
      readonly reason: DropReason;
      /** What the server said, for `rejected`. */
      readonly cause?: string;
    }
  | { readonly type: 'destination'; readonly state: DestinationState }
  | {
      /** Records that a process which ended has left in the spool wait here. */
      readonly type: 'adopted';
      readonly lane: LaneName;
      readonly count: number;
    }
  | {
      /** Whether the disk takes records; while it does not, memory goes on. */
      readonly type: 'spool';
      readonly state:
        | { readonly status: 'working' }
        | { readonly status: 'failing'; readonly cause: string };
    }
  | {
      /** A `flush()` has come to its end; `shutdown` is the last event. */
      readonly type: 'flushed' | 'shutdown';
      readonly result: FlushResult;
    };
