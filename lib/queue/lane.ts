import {
  Delivery,
  type DeliveryContext,
  type DeliveryLimits,
} from './delivery.js';
import { Drops } from './drops.js';
import { LaneDisk, type LaneSpool } from './lane-disk.js';
import { Ledger, type LedgerAudit, type LedgerSnapshot } from './ledger.js';
import { type PendingRecord, PendingRecords } from './pending-records.js';
import type { LaneName, LiveBatch, QueueRecord } from './queue-record.js';
import { RingBuffer } from './ring-buffer.js';
import { Room, type RoomLimits } from './room.js';
import type { SpoolLossReason } from './spool.interface.js';
import { Unsettled, type Watermark } from './unsettled.js';

/** The bounds of a lane. */
export interface LaneLimits extends RoomLimits, DeliveryLimits {}

/** What a lane needs from its queue. */
export interface LaneContext extends DeliveryContext {
  readonly spool?: LaneSpool | undefined;
  readonly audit?: LedgerAudit;
}

/**
 * The way of one kind of record from `enqueue()` to settled: ring ▸ batches ▸
 * transport ▸ ledger. Two lanes share a transport and know nothing of each other.
 */
export class Lane {
  private readonly pending = new PendingRecords();
  private readonly ring: RingBuffer;
  private readonly ledger: Ledger;
  private readonly unsettled: Unsettled;
  private readonly drops: Drops;
  private readonly disk: LaneDisk | undefined;
  private readonly room: Room;
  private readonly delivery: Delivery;
  private open = true;

  constructor(
    readonly name: LaneName,
    limits: LaneLimits,
    context: LaneContext,
  ) {
    const { spool, audit, emit } = context;
    const { pending } = this;
    const ring = new RingBuffer(name);
    const ledger = new Ledger(audit);
    const inFlight = new Set<LiveBatch>();
    const unsettled = new Unsettled(pending, ring, inFlight, spool);
    const drops = new Drops(name, emit);
    const disk =
      spool && new LaneDisk(name, spool, { ring, ledger, unsettled });
    const parts = { ring, pending, ledger, unsettled, drops, disk, inFlight };
    const room = new Room(limits, parts);
    this.ring = ring;
    this.ledger = ledger;
    this.unsettled = unsettled;
    this.drops = drops;
    this.disk = disk;
    this.room = room;
    this.delivery = new Delivery(name, limits, context, { ...parts, room });
  }

  enqueue(record: QueueRecord): void {
    if (this.open) this.admit(record);
    else this.turnAway(record, 'closed');
  }

  /**
   * Takes a record that is still being made: it is in the books from now on,
   * and in the ring when it is ready. Undefined, or a rejection, says that it
   * cannot be made.
   */
  enqueueLater(
    making: Promise<QueueRecord | undefined>,
    expectedBytes: number,
  ): void {
    const isTaken = this.open && this.room.make(expectedBytes);
    const place = isTaken ? this.pending.add(expectedBytes) : undefined;
    if (isTaken) this.ledger.enqueue(expectedBytes);
    else this.refuse(this.open ? 'overflow' : 'closed');
    // Others may have gone to the disk, and may leave from there.
    this.delivery.wake();
    making.then(
      (record) => this.arrive(place, record),
      () => this.arrive(place, undefined),
    );
  }

  /** All that was taken so far. */
  mark(): Watermark {
    return this.unsettled.mark();
  }

  /** Makes all that waits due now, and what is pending when it is ready. */
  flush(): Watermark {
    this.delivery.flush();
    return this.unsettled.mark();
  }

  /** See {@link Unsettled.whenSettled}. */
  whenSettled(watermark: Watermark, done: () => void): () => void {
    return this.unsettled.whenSettled(watermark, done);
  }

  /** Records below the watermark that are neither delivered nor dropped. */
  countUnsettled(watermark: Watermark): number {
    return this.unsettled.count(watermark);
  }

  /** From now on `enqueue()` drops with the reason `closed`. */
  stopIntake(): void {
    this.open = false;
  }

  /**
   * Ends all sending now. What was not delivered is left to the disk, as far as
   * there is one that takes it; else it is dropped as `shutdown_deadline`.
   */
  async close(): Promise<void> {
    this.clear();
    await this.delivery.end();
  }

  /** As `close()`, but what is under way is not waited for. */
  saveNow(): void {
    this.clear();
    this.delivery.endNow();
  }

  snapshot(): LedgerSnapshot {
    return this.ledger.snapshot();
  }

  /** Counts a record that never gets in. */
  refuse(reason: 'closed' | 'overflow' | 'invalid'): void {
    this.ledger.refuse(reason);
    if (reason === 'overflow') this.drops.reportOverflow();
    else this.drops.report(reason, 1);
  }

  /** Records that another process has left wait on the disk. */
  adopt(count: number): void {
    this.ledger.adopt(count);
    // Whoever has found them is not done yet.
    queueMicrotask(() => this.delivery.wake());
  }

  /** Another process has taken records over that waited on the disk. */
  leave(count: number): void {
    this.ledger.adopt(-count);
    this.unsettled.notify();
  }

  /** Records that waited on the disk do not wait any more. */
  lose(reason: SpoolLossReason, count: number, cause: string): void {
    this.ledger.dropSpooled(reason, count);
    this.drops.report(reason, count, cause);
    this.unsettled.notify();
  }

  private admit(record: QueueRecord): boolean {
    if (!this.room.make(record.bytes.byteLength)) return this.passOn(record);
    this.push(record);
    this.delivery.arrived();
    return true;
  }

  /** What memory has no room for goes through it to the disk. */
  private passOn(record: QueueRecord): boolean {
    if (!this.disk?.spillAll()) return this.turnAway(record, 'overflow');
    this.push(record);
    // It is the only one that waits, and the one that goes if it cannot stay.
    const isTaken = this.disk.spill() || !this.room.dropOldest();
    this.delivery.wake();
    return isTaken;
  }

  private push(record: QueueRecord): void {
    this.ring.push(this.disk?.keep(record) ?? record);
    this.ledger.enqueue(record.bytes.byteLength);
  }

  private turnAway(record: QueueRecord, reason: 'closed' | 'overflow'): false {
    record.release?.();
    this.refuse(reason);
    return false;
  }

  /** A record is ready; its place may have been dropped meanwhile. */
  private arrive(
    place: PendingRecord | undefined,
    record: QueueRecord | undefined,
  ): void {
    if (!place || !this.pending.remove(place)) return record?.release?.();
    // Whoever waits for it must not take it for settled while room is made.
    place.seq = this.ring.lastSeq + 1;
    this.ledger.recall(place.expectedBytes);
    if (record === undefined) this.refuse('invalid');
    if (record === undefined || !this.admit(record)) place.seq = undefined;
    else if (this.unsettled.isAwaited(place)) this.delivery.flush();
    this.unsettled.notify();
  }

  /** Nothing comes in or goes out any more, and nothing waits in memory. */
  private clear(): void {
    this.open = false;
    this.delivery.stop();
    const { records, bytes } = this.ring.take(Infinity, Infinity);
    const pending = this.pending.clear();
    const saved = this.disk?.save(records) ?? { count: 0, bytes: 0 };
    const lost = records.length - saved.count + pending.count;
    const lostBytes = bytes - saved.bytes + pending.bytes;
    this.ledger.spill(saved.count, saved.bytes);
    this.ledger.dropQueued('shutdown_deadline', lost, lostBytes);
    for (const record of records) record.release?.();
    this.drops.report('shutdown_deadline', lost);
    this.unsettled.leaveDisk();
    this.unsettled.notify();
  }
}
