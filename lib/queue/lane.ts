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
import { RingBuffer } from './ring-buffer.js';
import type { Settlement, Transport } from './transport.interface.js';

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
}

/** Somebody who waits until all up to `seq` is settled. */
interface Waiter {
  readonly seq: number;
  readonly done: () => void;
}

/**
 * The way of one kind of record from `enqueue()` to settled: ring ▸ batches ▸
 * transport ▸ ledger. Two lanes share a transport and know nothing of each other.
 */
export class Lane {
  private readonly ring: RingBuffer;
  private readonly ledger: Ledger;
  private readonly wake$ = new Subject<void>();
  private readonly flush$ = new Subject<void>();
  private readonly inFlight = new Set<Batch>();
  private readonly waiters = new Set<Waiter>();
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
    const bytes = record.bytes.byteLength;
    if (!this.open || !this.makeRoom(bytes)) {
      record.release?.();
      this.refuse(this.open ? 'overflow' : 'closed');
      return;
    }
    this.ring.push(record);
    this.ledger.enqueue(bytes);
    this.wake$.next();
  }

  /** Sequence number of the newest record. */
  get lastSeq(): number {
    return this.ring.lastSeq;
  }

  /** Makes all that waits due now. Returns the sequence number it reaches to. */
  flush(): number {
    this.flush$.next();
    return this.ring.lastSeq;
  }

  /**
   * Calls `done` once everything up to `seq` is settled; the function that it
   * returns forgets about it.
   */
  whenSettled(seq: number, done: () => void): () => void {
    const waiter = { seq, done };
    this.waiters.add(waiter);
    this.notifyWaiters();
    return () => this.waiters.delete(waiter);
  }

  /** Records up to `seq` that are neither delivered nor dropped. */
  unsettled(seq: number): number {
    const upTo = (first: number, last: number) =>
      Math.max(0, Math.min(last, seq) - first + 1);
    let count = upTo(this.ring.firstSeq, this.ring.lastSeq);
    for (const { firstSeq, lastSeq } of this.inFlight) {
      count += upTo(firstSeq, lastSeq);
    }
    return count;
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
    this.ledger.dropQueued('shutdown_deadline', records.length, bytes);
    for (const record of records) record.release?.();
    this.report('shutdown_deadline', records.length);
    this.abort.abort();
    await new Promise<void>((resolve) => {
      this.whenSettled(this.ring.lastSeq, resolve);
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
    try {
      const { signal } = this.abort;
      const settlement = await this.context.transport.send(batch, signal);
      return { batch, ...settlement };
    } catch (error) {
      // An error here would end the pipeline, and with it all later delivery.
      return { batch, delivered: 0, rejected: 0, cause: String(error) };
    }
  }

  private settle({ batch, delivered, rejected, cause }: Settled): void {
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
      });
    }
    this.report('rejected', rejected, cause);
    this.report(restReason, rest, cause);
    this.notifyWaiters();
    // mergeMap frees its slot after this handler; pulled any sooner, the next
    // batch would land in its hidden buffer.
    queueMicrotask(() => {
      this.busy -= 1;
      this.wake$.next();
    });
  }

  /** Whether `bytes` more fit, be it that the oldest waiting records go. */
  private makeRoom(bytes: number): boolean {
    const { maxRecords, maxBytes, overflow } = this.limits;
    const { ledger, ring } = this;
    // What is in flight cannot go; if that leaves too little, nobody has to.
    if (
      ledger.inFlight >= maxRecords ||
      ledger.bytes - ring.bytes + bytes > maxBytes
    ) {
      return false;
    }
    while (
      this.ledger.queued + this.ledger.inFlight >= maxRecords ||
      this.ledger.bytes + bytes > maxBytes
    ) {
      if (overflow === 'drop-newest') return false;
      const oldest = this.ring.shift();
      if (!oldest) return false;
      this.ledger.dropQueued('overflow', 1, oldest.bytes.byteLength);
      oldest.release?.();
      this.reportOverflow();
      this.notifyWaiters();
    }
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

  private notifyWaiters(): void {
    if (this.waiters.size === 0) return;
    let firstUnsettled = this.ring.firstSeq;
    for (const { firstSeq } of this.inFlight) {
      firstUnsettled = Math.min(firstUnsettled, firstSeq);
    }
    for (const waiter of this.waiters) {
      if (waiter.seq >= firstUnsettled) continue;
      this.waiters.delete(waiter);
      waiter.done();
    }
  }
}
