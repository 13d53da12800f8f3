import { setMaxListeners } from 'node:events';
import { mergeMap, Subject, type Subscription, tap } from 'rxjs';
import { type BatchLimits, batches } from './batches.js';
import type { Clock } from './clock.js';
import {
  type DropReason,
  Ledger,
  type LedgerAudit,
  type LedgerSnapshot,
} from './ledger.js';
import type { QueueEvent } from './queue-events.js';
import type { Batch, LaneName, QueueRecord } from './queue-record.js';
import { outsideOfRequests } from './outside-of-requests.js';
import { type PendingRecord, PendingRecords } from './pending-records.js';
import { RingBuffer } from './ring-buffer.js';
import type { Settlement, Transport } from './transport.interface.js';
import { Unsettled, type Watermark } from './unsettled.js';

/** The bounds of a lane. */
export interface LaneLimits {
  readonly batch: BatchLimits;
  /** Records in memory, waiting and in flight together, at most. */
  readonly maxRecords: number;
  /** Their encoded bytes, at most. */
  readonly maxBytes: number;
  /** Batches in flight at once, at most. */
  readonly maxConcurrency: number;
  /** Who goes when the lane is full. */
  readonly overflow: 'drop-oldest' | 'drop-newest';
}

/** What a lane needs from its queue. */
export interface LaneContext {
  readonly transport: Transport;
  readonly clock: Clock;
  readonly emit: (event: QueueEvent) => void;
  readonly audit?: LedgerAudit;
}

/** A batch and what became of it. */
interface Settled extends Settlement {
  readonly batch: Batch;
  readonly startedAt: number;
}

/**
 * The way of one kind of record from `enqueue()` to settled: ring ▸ batches ▸
 * transport ▸ ledger. Two lanes share a transport and know nothing of each other.
 */
export class Lane {
  private readonly pending = new PendingRecords();
  private readonly ring: RingBuffer;
  private readonly ledger: Ledger;
  private readonly wake$ = new Subject<void>();
  private readonly flush$ = new Subject<void>();
  private readonly inFlight = new Set<Batch>();
  private readonly unsettled: Unsettled;
  private readonly abort = new AbortController();
  private readonly pipeline: Subscription;
  private open = true;
  private overflowed = 0;
  /** Slots of mergeMap that are taken. */
  private busy = 0;

  constructor(
    readonly name: LaneName,
    private readonly limits: LaneLimits,
    private readonly context: LaneContext,
  ) {
    const { transport, clock } = context;
    this.ring = new RingBuffer(name);
    this.unsettled = new Unsettled(this.pending, this.ring, this.inFlight);
    this.ledger = new Ledger(context.audit);
    this.pipeline = batches(this.ring, limits.batch, {
      wake$: this.wake$,
      flush$: this.flush$,
      isFree: () => transport.isFree(name) && this.busy < limits.maxConcurrency,
      clock,
    })
      .pipe(
        outsideOfRequests(),
        mergeMap((batch) => this.deliver(batch), limits.maxConcurrency),
        tap((settled) => this.settle(settled)),
      )
      .subscribe();
    // Each request under way listens; Node warns of more than ten.
    setMaxListeners(Infinity, this.abort.signal);
    this.pipeline.add(transport.state$.subscribe(() => this.wake$.next()));
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
    const isTaken = this.open && this.makeRoom(expectedBytes);
    const place = isTaken ? this.pending.add(expectedBytes) : undefined;
    if (isTaken) this.ledger.enqueue(expectedBytes);
    else this.refuse(this.open ? 'overflow' : 'closed');
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
    this.flush$.next();
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
   * Ends all sending now. What was not delivered is dropped with the reason
   * `shutdown_deadline`.
   */
  async close(): Promise<void> {
    this.open = false;
    const { records, bytes } = this.ring.take(Infinity, Infinity);
    const pending = this.pending.clear();
    const count = records.length + pending.count;
    this.ledger.dropQueued('shutdown_deadline', count, bytes + pending.bytes);
    for (const record of records) record.release?.();
    this.report('shutdown_deadline', count);
    this.abort.abort();
    await new Promise<void>((resolve) => {
      this.whenSettled(this.mark(), resolve);
    });
    this.pipeline.unsubscribe();
  }

  snapshot(): LedgerSnapshot {
    return this.ledger.snapshot();
  }

  private async deliver(batch: Batch): Promise<Settled> {
    this.inFlight.add(batch);
    this.busy += 1;
    this.ledger.cut(batch.records.length);
    const startedAt = this.context.clock.now();
    try {
      const { signal } = this.abort;
      const settlement = await this.context.transport.send(batch, signal);
      return { batch, startedAt, ...settlement };
    } catch (error) {
      // An error here would end the pipeline, and with it all later delivery.
      const cause = String(error);
      return { batch, startedAt, delivered: 0, rejected: 0, cause };
    }
  }

  private settle(settled: Settled): void {
    const { batch, startedAt, delivered, rejected, cause } = settled;
    const rest = batch.records.length - delivered - rejected;
    const restReason = this.abort.signal.aborted
      ? 'shutdown_deadline'
      : 'transport_error';
    this.inFlight.delete(batch);
    this.ledger.settle({
      bytes: batch.bytes,
      delivered,
      dropped: { rejected, [restReason]: rest },
    });
    for (const record of batch.records) record.release?.();
    if (delivered > 0) {
      this.context.emit({
        type: 'delivered',
        lane: this.name,
        count: delivered,
        durationMs: this.context.clock.now() - startedAt,
      });
    }
    this.report('rejected', rejected, cause);
    this.report(restReason, rest, cause);
    this.unsettled.notify();
    // mergeMap frees its slot after this handler; pulled any sooner, the next
    // batch would land in its hidden buffer.
    queueMicrotask(() => {
      this.busy -= 1;
      this.wake$.next();
    });
  }

  private admit(record: QueueRecord): boolean {
    const bytes = record.bytes.byteLength;
    if (!this.makeRoom(bytes)) return this.turnAway(record, 'overflow');
    this.ring.push(record);
    this.ledger.enqueue(bytes);
    this.wake$.next();
    return true;
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
    else if (this.unsettled.isAwaited(place)) this.flush$.next();
    this.unsettled.notify();
  }

  /** Whether `bytes` more fit, be it that the oldest waiting records go. */
  private makeRoom(bytes: number): boolean {
    const { maxRecords, maxBytes, overflow } = this.limits;
    const { ledger, ring, pending } = this;
    // What is in flight cannot go; if that leaves too little, nobody has to.
    if (
      ledger.inFlight >= maxRecords ||
      ledger.bytes - ring.bytes - pending.bytes + bytes > maxBytes
    ) {
      return false;
    }
    while (
      this.ledger.queued + this.ledger.inFlight >= maxRecords ||
      this.ledger.bytes + bytes > maxBytes
    ) {
      if (overflow === 'drop-newest' || !this.dropOldest()) return false;
    }
    return true;
  }

  /** What is pending is younger than nearly all that waits to be sent. */
  private dropOldest(): boolean {
    const oldest = this.ring.shift();
    const bytes = oldest?.bytes.byteLength ?? this.pending.shift();
    if (bytes === undefined) return false;
    this.ledger.dropQueued('overflow', 1, bytes);
    oldest?.release?.();
    this.reportOverflow();
    this.unsettled.notify();
    return true;
  }

  /** Counts a record that never gets in. */
  refuse(reason: 'closed' | 'overflow' | 'invalid'): void {
    this.ledger.refuse(reason);
    if (reason === 'overflow') this.reportOverflow();
    else this.report(reason, 1);
  }

  /** A full queue drops record by record; who listens hears of it per turn. */
  private reportOverflow(): void {
    this.overflowed += 1;
    if (this.overflowed > 1) return;
    queueMicrotask(() => {
      const count = this.overflowed;
      this.overflowed = 0;
      this.report('overflow', count);
    });
  }

  private report(reason: DropReason, count: number, cause?: string): void {
    if (count === 0) return;
    this.context.emit({
      type: 'dropped',
      lane: this.name,
      count,
      reason,
      ...(cause === undefined ? {} : { cause }),
    });
  }
}
