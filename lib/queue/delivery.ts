/** How the records of a lane leave it: from memory and disk to the transport. */
import { setMaxListeners } from 'node:events';
import {
  EMPTY,
  merge,
  mergeMap,
  type Observable,
  Subject,
  type Subscription,
  takeUntil,
  tap,
} from 'rxjs';
import { type BatchLimits, batches, isFull } from './batches.js';
import type { Clock } from './clock.js';
import type { Drops } from './drops.js';
import type { LaneDisk } from './lane-disk.js';
import type { Ledger } from './ledger.js';
import { outsideOfRequests } from './outside-of-requests.js';
import type { QueueEvent } from './queue-events.js';
import {
  type Batch,
  isLive,
  type LaneName,
  type LiveBatch,
  type QueueRecord,
} from './queue-record.js';
import { replays } from './replays.js';
import type { RingBuffer } from './ring-buffer.js';
import type { Room } from './room.js';
import type { Settlement, Transport } from './transport.interface.js';
import type { Unsettled } from './unsettled.js';

/** How much leaves at once. */
export interface DeliveryLimits {
  readonly batch: BatchLimits;
  /** Batches in flight at once, at most. */
  readonly maxConcurrency: number;
}

/** What delivery needs from the queue. */
export interface DeliveryContext {
  readonly transport: Transport;
  readonly clock: Clock;
  readonly emit: (event: QueueEvent) => void;
}

/** What of its lane delivery works with. */
export interface DeliveryParts {
  readonly ring: RingBuffer;
  readonly ledger: Ledger;
  readonly unsettled: Unsettled;
  readonly drops: Drops;
  readonly room: Room;
  readonly disk: LaneDisk | undefined;
  /** Batches from memory that are under way; kept up to date here. */
  readonly inFlight: Set<LiveBatch>;
}

/** A batch and what became of it. */
interface Settled extends Settlement {
  readonly batch: Batch;
  readonly startedAt: number;
}

/** Pulls batches out of memory, and from the disk beside, and settles them. */
export class Delivery {
  private readonly wake$ = new Subject<void>();
  private readonly flush$ = new Subject<void>();
  private readonly ended$ = new Subject<void>();
  private readonly abort = new AbortController();
  private readonly pipeline: Subscription;
  /** Batches from the disk that are under way. */
  private readonly replaying = new Set<Batch>();
  /** Slots of mergeMap that are taken. */
  private busy = 0;

  constructor(
    private readonly lane: LaneName,
    private readonly limits: DeliveryLimits,
    private readonly context: DeliveryContext,
    private readonly parts: DeliveryParts,
  ) {
    const { disk } = parts;
    // Each request under way listens; Node warns of more than ten.
    setMaxListeners(Infinity, this.abort.signal);
    // In this order: what is new goes before what has waited on the disk.
    this.pipeline = merge(this.live(), disk ? this.replayed(disk) : EMPTY)
      .pipe(
        takeUntil(this.ended$),
        outsideOfRequests(),
        mergeMap((batch) => this.deliver(batch), limits.maxConcurrency),
        tap((settled) => this.settle(settled)),
      )
      .subscribe();
    this.pipeline.add(context.transport.state$.subscribe(() => this.wake()));
  }

  /** Something may have become due, or has made room. */
  wake(): void {
    this.wake$.next();
  }

  /** A record has come. */
  arrived(): void {
    if (!this.waitsForMore()) this.wake();
  }

  /** Makes all that waits due now. */
  flush(): void {
    this.flush$.next();
  }

  /** Nothing leaves any more but what is under way. */
  stop(): void {
    this.ended$.next();
  }

  /**
   * Ends what is under way. What of it was not delivered is left to the disk, as
   * far as there is one that takes it; else it is dropped as `shutdown_deadline`.
   */
  async end(): Promise<void> {
    this.abort.abort();
    await new Promise<void>((resolve) => this.pipeline.add(resolve));
  }

  /** As `end()`, but what is under way is not waited for. */
  endNow(): void {
    void this.end();
    this.pipeline.unsubscribe();
    const startedAt = this.context.clock.now();
    for (const batch of [...this.parts.inFlight, ...this.replaying]) {
      const rest = batch.records;
      this.settle({ batch, startedAt, delivered: 0, rejected: 0, rest });
    }
  }

  /** Batches of what waits in memory. */
  private live(): Observable<LiveBatch> {
    const { wake$, flush$, limits } = this;
    const { ring, inFlight, ledger } = this.parts;
    const { clock } = this.context;
    const isFree = () => this.isFree();
    const triggers = { wake$, flush$, isFree, clock };
    return batches(ring, limits.batch, triggers).pipe(
      tap((batch) => {
        inFlight.add(batch);
        ledger.cut(batch.records.length);
      }),
    );
  }

  /** Batches of what is on the disk alone, in at most half of the slots. */
  private replayed(disk: LaneDisk): Observable<Batch> {
    const { wake$, limits, replaying } = this;
    const { clock } = this.context;
    const most = Math.max(1, Math.floor(limits.maxConcurrency / 2));
    const isFree = () => replaying.size < most && this.isFree();
    const source = {
      get waiting() {
        return disk.waiting;
      },
      take: () => disk.replay(limits.batch, this.parts.room),
    };
    return replays(source, { wake$, isFree, clock }).pipe(
      tap((batch) => replaying.add(batch)),
    );
  }

  /**
   * Whether the record that has come is one of those that change nothing: it is
   * not the first, which a timer is armed for, and fills no batch. While nothing
   * can be sent, timers end without being armed again; and what a disk makes
   * room for may leave it.
   */
  private waitsForMore(): boolean {
    const { ring, disk } = this.parts;
    const isFew = ring.size > 1 && !isFull(ring, this.limits.batch);
    return isFew && !disk && this.isFree();
  }

  private isFree(): boolean {
    const { transport } = this.context;
    return (
      transport.isFree(this.lane) && this.busy < this.limits.maxConcurrency
    );
  }

  private async deliver(batch: Batch): Promise<Settled> {
    this.busy += 1;
    const startedAt = this.context.clock.now();
    try {
      const { signal } = this.abort;
      const settlement = await this.context.transport.send(batch, signal);
      return { batch, startedAt, ...settlement };
    } catch (error) {
      // An error here would end the pipeline, and with it all later delivery.
      const cause = String(error);
      const rest = batch.records;
      return { batch, startedAt, delivered: 0, rejected: 0, cause, rest };
    }
  }

  private settle(settled: Settled): void {
    const { batch, startedAt, delivered, rejected, cause } = settled;
    const { inFlight, ledger, drops, unsettled } = this.parts;
    const spooled = this.leaveToDisk(settled);
    const lost = batch.records.length - delivered - rejected - spooled;
    const lostReason = this.abort.signal.aborted
      ? 'shutdown_deadline'
      : 'transport_error';
    if (isLive(batch)) inFlight.delete(batch);
    else this.replaying.delete(batch);
    ledger.settle({
      bytes: batch.bytes,
      delivered,
      spooled,
      dropped: { rejected, [lostReason]: lost },
    });
    for (const record of batch.records) record.release?.();
    if (delivered > 0) {
      this.context.emit({
        type: 'delivered',
        lane: this.lane,
        count: delivered,
        durationMs: this.context.clock.now() - startedAt,
      });
    }
    drops.report('rejected', rejected, cause);
    drops.report(lostReason, lost, cause);
    unsettled.notify();
    // mergeMap frees its slot after this handler; pulled any sooner, the next
    // batch would land in its hidden buffer.
    queueMicrotask(() => {
      this.busy -= 1;
      this.wake();
    });
  }

  /** Returns how many records of a batch are on the disk alone from now on. */
  private leaveToDisk({ batch, refused = [], rest = [] }: Settled): number {
    const left: readonly QueueRecord[] = this.abort.signal.aborted ? rest : [];
    return this.parts.disk?.settle(batch.records, refused, left) ?? 0;
  }
}
