import type { LaneSpool } from './lane-disk.js';
import type { PendingRecord, PendingRecords } from './pending-records.js';
import type { LiveBatch } from './queue-record.js';
import type { RingBuffer } from './ring-buffer.js';

/** All that a lane had taken at one moment. */
export interface Watermark {
  /** What was ready has sequence numbers up to this one. */
  readonly seq: number;
  /** What was not ready gets later ones, or none at all. */
  readonly pending: ReadonlySet<PendingRecord>;
  /**
   * What of it is on the disk has numbers up to this one there. What goes there
   * later raises it, be it that a few others are waited for as well.
   */
  upToNumber: number;
}

interface Waiter {
  readonly watermark: Watermark;
  readonly done: () => void;
}

/**
 * What of a lane is neither delivered nor dropped, and who waits for it. Until
 * it is, a record is pending, in the ring, in flight, or on the disk. What other
 * processes have left there nobody waits for: it was not enqueued here.
 */
export class Unsettled {
  private readonly waiters = new Set<Waiter>();

  constructor(
    private readonly pending: PendingRecords,
    private readonly ring: RingBuffer,
    private readonly inFlight: ReadonlySet<LiveBatch>,
    private spool?: LaneSpool,
  ) {}

  /** All that is here now, and what was before. */
  mark(): Watermark {
    return {
      seq: this.ring.lastSeq,
      pending: this.pending.snapshot(),
      upToNumber: this.spool?.log.lastNumber ?? 0,
    };
  }

  /** Records below the watermark that are not settled. */
  count(watermark: Watermark): number {
    const { seq, pending } = watermark;
    const upTo = (first: number, last: number) =>
      Math.max(0, Math.min(last, seq) - first + 1);
    let count = upTo(this.ring.firstSeq, this.ring.lastSeq);
    for (const { firstSeq, lastSeq } of this.inFlight) {
      count += upTo(firstSeq, lastSeq);
    }
    const onDisk = this.countOnDisk(watermark);
    // Where each record is kept, those in memory are on the disk as well.
    if (this.spool?.mode === 'event') count = Math.max(count, onDisk);
    else count += onDisk;
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
      if (this.countOnDisk(waiter.watermark) > 0) continue;
      this.waiters.delete(waiter);
      waiter.done();
    }
  }

  /**
   * To be called when records have left the ring for the disk: who waits for one
   * of them waits for it there.
   *
   * @param written How many of them were not there before.
   */
  spilled({ firstSeq, lastSeq, records }: LiveBatch, written: number): void {
    const { lastNumber = 0 } = this.spool?.log ?? {};
    for (const { watermark } of this.waiters) {
      // What was there has a number that the watermark covers, unless it was
      // pending when the watermark was set.
      let last = written > 0 ? Math.min(watermark.seq, lastSeq) : -1;
      for (const { seq = -1 } of watermark.pending) {
        if (seq <= lastSeq) last = Math.max(last, seq);
      }
      if (last < firstSeq) continue;
      // Numbers follow each other as records do if all of them were written.
      const later = written === records.length ? lastSeq - last : 0;
      watermark.upToNumber = Math.max(watermark.upToNumber, lastNumber - later);
    }
  }

  /** From now on what is on the disk is the next process's concern. */
  leaveDisk(): void {
    this.spool = undefined;
  }

  private countOnDisk({ upToNumber }: Watermark): number {
    return this.spool?.log.countUnsettled(upToNumber) ?? 0;
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
