import type { SpoolLossReason } from './spool.interface.js';

/**
 * Why a record was dropped.
 *
 * - `overflow`: the queue was full (see the option `overflow`).
 * - `rejected`: the server refused this record and would refuse it again.
 * - `invalid`: it could not be encoded, or the server would have accepted it and
 *   lost it; the reason is in the log.
 * - `closed`: it came after `shutdown()`.
 * - `shutdown_deadline`: it was not delivered before `shutdown()` had to return.
 * - `transport_error`: a custom transport broke its contract by rejecting.
 * - `spool_quota`, `spool_ttl`, `spool_corrupt`: see {@link SpoolLossReason}.
 *
 * @publicApi
 */
export type DropReason =
  | SpoolLossReason
  | 'overflow'
  | 'rejected'
  | 'invalid'
  | 'closed'
  | 'shutdown_deadline'
  | 'transport_error';

/**
 * Dropped records by reason; a reason that never happened is absent.
 *
 * @publicApi
 */
export type DropCounts = { readonly [reason in DropReason]?: number };

/**
 * Where every record that was ever enqueued is now. At any instant
 * `enqueued = queued + inFlight + delivered + spooled + Σ dropped`.
 *
 * @publicApi
 */
export interface LedgerSnapshot {
  /** Every record that came, dropped ones among them. */
  readonly enqueued: number;
  /** Waiting in memory. */
  readonly queued: number;
  /** Handed to the transport, which sends it or waits to send it again. */
  readonly inFlight: number;
  /** Accepted by the server. */
  readonly delivered: number;
  /**
   * On the disk alone: what memory had no room for, and what processes that
   * ended have left behind.
   */
  readonly spooled: number;
  /** Given up, by reason. */
  readonly dropped: DropCounts;
  /** Bytes of what is queued and in flight. */
  readonly bytes: number;
}

/** What a ledger can be asked to check itself against. */
export type LedgerAudit = (ledger: LedgerSnapshot) => void;

/**
 * The books of one lane: each record enters once, moves, and is settled once.
 * It only counts; the records themselves are with the ring and the transport.
 */
export class Ledger implements LedgerSnapshot {
  enqueued = 0;
  queued = 0;
  inFlight = 0;
  delivered = 0;
  spooled = 0;
  readonly dropped: { [reason in DropReason]?: number } = {};
  bytes = 0;

  /** @param audit called after every transition; for tests. */
  constructor(private readonly audit?: LedgerAudit) {}

  enqueue(bytes: number): void {
    this.enqueued += 1;
    this.queued += 1;
    this.bytes += bytes;
    this.audit?.(this);
  }

  /**
   * Strikes out a record that was entered before it was ready, to be entered
   * again as it is.
   */
  recall(expectedBytes: number): void {
    this.enqueued -= 1;
    this.queued -= 1;
    this.bytes -= expectedBytes;
    this.audit?.(this);
  }

  /** A record that was refused at the door: it never held a byte. */
  refuse(reason: DropReason): void {
    this.enqueued += 1;
    this.count(reason, 1);
    this.audit?.(this);
  }

  dropQueued(reason: DropReason, records: number, bytes: number): void {
    this.queued -= records;
    this.bytes -= bytes;
    this.count(reason, records);
    this.audit?.(this);
  }

  cut(records: number): void {
    this.queued -= records;
    this.inFlight += records;
    this.audit?.(this);
  }

  /** Records that waited in memory are on the disk alone. */
  spill(records: number, bytes: number): void {
    this.queued -= records;
    this.spooled += records;
    this.bytes -= bytes;
    this.audit?.(this);
  }

  /** Records that were on the disk alone are under way. */
  unspool(records: number, bytes: number): void {
    this.spooled -= records;
    this.inFlight += records;
    this.bytes += bytes;
    this.audit?.(this);
  }

  /** Another process's records are in this one's care; negative: the reverse. */
  adopt(records: number): void {
    this.enqueued += records;
    this.spooled += records;
    this.audit?.(this);
  }

  dropSpooled(reason: DropReason, records: number): void {
    this.spooled -= records;
    this.count(reason, records);
    this.audit?.(this);
  }

  /** @param batch.spooled Records that are on the disk alone from now on. */
  settle(batch: {
    readonly bytes: number;
    readonly delivered: number;
    readonly spooled: number;
    readonly dropped: DropCounts;
  }): void {
    const { delivered, spooled } = batch;
    this.inFlight -= delivered + spooled + totalDropped(batch.dropped);
    this.bytes -= batch.bytes;
    this.delivered += delivered;
    this.spooled += spooled;
    for (const [reason, count] of Object.entries(batch.dropped)) {
      this.count(reason as DropReason, count);
    }
    this.audit?.(this);
  }

  snapshot(): LedgerSnapshot {
    const { enqueued, queued, inFlight, delivered, spooled, bytes } = this;
    const dropped = { ...this.dropped };
    return { enqueued, queued, inFlight, delivered, spooled, dropped, bytes };
  }

  private count(reason: DropReason, records: number): void {
    if (records === 0) return;
    this.dropped[reason] = (this.dropped[reason] ?? 0) + records;
  }
}

/** Sum over all reasons. */
export function totalDropped(dropped: DropCounts): number {
  let total = 0;
  for (const count of Object.values(dropped)) total += count;
  return total;
}

/** `later - earlier`, reason by reason; reasons without a change are absent. */
export function droppedSince(
  later: DropCounts,
  earlier: DropCounts,
): DropCounts {
  const since: { [reason in DropReason]?: number } = {};
  for (const [key, count] of Object.entries(later)) {
    const reason = key as DropReason;
    const change = count - (earlier[reason] ?? 0);
    if (change > 0) since[reason] = change;
  }
  return since;
}

/** Several lanes as one. */
export function addLedgers(ledgers: readonly LedgerSnapshot[]): LedgerSnapshot {
  const sum = new Ledger();
  for (const ledger of ledgers) {
    sum.enqueued += ledger.enqueued;
    sum.queued += ledger.queued;
    sum.inFlight += ledger.inFlight;
    sum.delivered += ledger.delivered;
    sum.spooled += ledger.spooled;
    sum.bytes += ledger.bytes;
    for (const [key, count] of Object.entries(ledger.dropped)) {
      const reason = key as DropReason;
      sum.dropped[reason] = (sum.dropped[reason] ?? 0) + count;
    }
  }
  return sum.snapshot();
}

/** Throws when the books do not balance. For test builds. */
export const auditBalance: LedgerAudit = (ledger) => {
  const { enqueued, queued, inFlight, delivered, spooled, bytes } = ledger;
  const accounted =
    queued + inFlight + delivered + spooled + totalDropped(ledger.dropped);
  if (
    accounted !== enqueued ||
    Math.min(queued, inFlight, delivered, spooled, bytes) < 0 ||
    (queued + inFlight === 0 && bytes !== 0)
  ) {
    throw new Error(`The ledger does not balance: ${JSON.stringify(ledger)}`);
  }
};
