import type { PendingRecord, PendingRecords } from './pending-records.js';
import type { Batch } from './queue-record.js';
import type { RingBuffer } from './ring-buffer.js';

/** All that a lane had taken at one moment. */
export interface Watermark {
  /** What was ready has sequence numbers up to this one. */
  readonly seq: number;
  /** What was not ready gets later ones, or none at all. */
  readonly pending: ReadonlySet<PendingRecord>;
}

interface Waiter {
  readonly watermark: Watermark;
  readonly done: () => void;
}

/**
 * What of a lane is neither delivered nor dropped, and who waits for it. A
 * record is in one of three places until it is: pending, in the ring, in flight.
 */
export class Unsettled {
  private readonly waiters = new Set<Waiter>();

  constructor(
    private readonly pending: PendingRecords,
    private readonly ring: RingBuffer,
    private readonly inFlight: ReadonlySet<Batch>,
  ) {}

  /** All that is here now, and what was before. */
  mark(): Watermark {
    return { seq: this.ring.lastSeq, pending: this.pending.snapshot() };
  }

  /** Records below the watermark that are not settled. */
  count({ seq, pending }: Watermark): number {
    const upTo = (first: number, last: number) =>
      Math.max(0, Math.min(last, seq) - first + 1);
    let count = upTo(this.ring.firstSeq, this.ring.lastSeq);
    for (const { firstSeq, lastSeq } of this.inFlight) {
      count += upTo(firstSeq, lastSeq);
    }
    for (const record of pending) if (this.isOpen(record)) count += 1;
    return count;
  }

  /**
   * Calls `done` once everything below the watermark is settled; the function
   * that it returns forgets about it.
   */
  whenSettled(watermark: Watermark, done: () => void): () => void {
    const waiter = { watermark, done };
    this.waiters.add(waiter);
    this.notify();
    return () => this.waiters.delete(waiter);
  }

  /** Whether anybody waits for a record that was pending when they came. */
  isAwaited(record: PendingRecord): boolean {
    for (const { watermark } of this.waiters) {
      if (watermark.pending.has(record)) return true;
    }
    return false;
  }

  /** To be called when something was settled. */
  notify(): void {
    if (this.waiters.size === 0) return;
    let firstUnsettled = this.ring.firstSeq;
    for (const { firstSeq } of this.inFlight) {
      firstUnsettled = Math.min(firstUnsettled, firstSeq);
    }
    for (const waiter of this.waiters) {
      const { seq, pending } = waiter.watermark;
      if (seq >= firstUnsettled) continue;
      if (this.hasOpen(pending)) continue;
      this.waiters.delete(waiter);
      waiter.done();
    }
  }

  private hasOpen(records: Iterable<PendingRecord>): boolean {
    for (const record of records) if (this.isOpen(record)) return true;
    return false;
  }

  private isOpen(record: PendingRecord): boolean {
    if (this.pending.has(record)) return true;
    const { seq } = record;
    if (seq === undefined) return false;
    if (seq >= this.ring.firstSeq) return true;
    for (const { firstSeq, lastSeq } of this.inFlight) {
      if (firstSeq <= seq && seq <= lastSeq) return true;
    }
    return false;
  }
}
