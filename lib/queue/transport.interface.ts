import type { Observable } from 'rxjs';
import type { Batch, LaneName, QueueRecord } from './queue-record.js';

/** What became of a batch. */
export interface Settlement {
  /** Records that the server accepted. */
  readonly delivered: number;
  /** Records that it refused and would refuse again. */
  readonly rejected: number;
  /** Why records were rejected, in one line, for the log. */
  readonly cause?: string;
  /** The rejected ones, as far as the server says which: the batch's own. */
  readonly refused?: readonly QueueRecord[];
  /** The batch's own that were neither delivered nor rejected at an abort. */
  readonly rest?: readonly QueueRecord[];
}

/**
 * Whether requests are taken. `cause` is one line for the log, `endpoint` the
 * URL; neither holds a secret.
 *
 * @publicApi
 */
export type DestinationState = {
  /** All that is sent, or only what one lane sends to a route of its own. */
  readonly concerns: 'destination' | LaneName;
} & (
  | {
      /** Whether requests are taken, or what is known of it. */
      readonly status: 'ready';
    }
  /** It failed, and whoever comes next finds out whether it still does. */
  | { readonly status: 'half-open' }
  | {
      readonly status: 'failing';
      readonly endpoint: string;
      readonly cause: string;
    }
);

/** Counters of a transport since it was made. @publicApi */
export interface TransportStats {
  /** All requests, probes among them. */
  readonly requests: number;
  /** Requests that sent again what an earlier request had sent. */
  readonly retries: number;
  /**
   * Records sent again although the server may have them already: the answer
   * to the earlier request never came. Only these can become duplicates.
   */
  readonly resentAfterUnknown: number;
}

/**
 * Brings batches to their destination. The queue's only view of the network:
 * it neither knows HTTP nor what the bytes mean.
 */
export interface Transport {
  /** False while the lane's destination is known to fail: hand nothing over. */
  isFree(lane: LaneName): boolean;
  /** Emits when the destination starts to fail and when it is ready again. */
  readonly state$: Observable<DestinationState>;
  readonly stats: TransportStats;
  /**
   * Delivers a batch, however often that has to be tried. Resolves when each
   * record is delivered or rejected, or early when `signal` aborts: what is
   * neither delivered nor rejected then was not delivered. Never rejects.
   */
  send(batch: Batch, signal: AbortSignal): Promise<Settlement>;
  /** Somebody waits for the last time: what only waits for a back-off may try. */
  hasten(): void;
  /** Releases sockets. Nothing is sent afterwards. */
  close(): void;
}
