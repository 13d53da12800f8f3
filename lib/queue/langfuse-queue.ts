import { filter, NEVER, Observable, Subject, type Subscription } from 'rxjs';
import { type Clock, systemClock } from './clock.js';
import { changesSince, drain } from './drain.js';
import type { FlushResult } from './flush-result.js';
import { Lane } from './lane.js';
import { addLedgers, auditBalance } from './ledger.js';
import { Outages } from './outages.js';
import type { QueueEvent } from './queue-events.js';
import { QueueLog, type QueueLogger } from './queue-log.js';
import type { LaneName, QueueRecord } from './queue-record.js';
import { laneLimits, type LangfuseQueueSettings } from './queue-settings.js';
import {
  laneSpool,
  openSpool,
  type QueueSpool,
  savingTimeMs,
} from './queue-spool.js';
import type { QueueStats } from './queue-stats.js';
import type { DestinationState, Transport } from './transport.interface.js';

/** The server takes at most 100 scores in a request of 4.5 MB. */
const MAX_SCORES_PER_BATCH = 100;
const MAX_SCORE_BATCH_BYTES = 2_500_000;

/** What a queue works with. */
export interface LangfuseQueueDependencies {
  readonly transport: Transport;
  readonly logger: QueueLogger;
  readonly clock?: Clock;
  /** Without one, records are in memory only. */
  readonly spool?: QueueSpool;
}

/** Options of `flush()` and `shutdown()`. @publicApi */
export interface DeadlineOptions {
  /** Milliseconds after which the call resolves, whatever is left. */
  readonly timeoutMs?: number;
}

/**
 * Takes encoded observations and scores, and brings them to Langfuse in
 * batches by count, bytes and time. Injectable wherever `LangfuseModule` is
 * visible; `createLangfuseQueue()` makes one without Nest.
 *
 * Nothing here throws into the caller, and nothing is lost silently: each
 * record is delivered, or dropped with a reason that `stats()` counts.
 *
 * @publicApi
 */
export class LangfuseQueue {
  /**
   * Deliveries, drops, changes of the destination's state, and what flushes came
   * to. Completes after `shutdown()`.
   */
  readonly events$: Observable<QueueEvent>;

  private readonly events = new Subject<QueueEvent>();
  private readonly lanes: { readonly [name in LaneName]: Lane };
  private readonly all: readonly Lane[];
  private readonly transport: Transport;
  private readonly clock: Clock;
  private readonly log: QueueLog;
  private readonly spool: QueueSpool | undefined;
  private readonly destination: Subscription;
  private readonly outages = new Outages();
  private readonly emit: (event: QueueEvent) => void;
  private closing: Promise<FlushResult> | undefined;
  private isClosed = false;

  constructor(
    private readonly settings: LangfuseQueueSettings,
    {
      transport,
      logger,
      clock = systemClock,
      spool,
    }: LangfuseQueueDependencies,
  ) {
    this.transport = transport;
    this.clock = clock;
    this.spool = spool;
    this.events$ = this.events.asObservable();
    this.log = new QueueLog(logger, clock);
    // The log is no subscriber: drops after shutdown are told there, too.
    const waiting = () => {
      const { queued, inFlight } = this.stats();
      return queued + inFlight;
    };
    const emit = (event: QueueEvent): void => {
      this.log.record(event, waiting);
      this.events.next(event);
    };
    this.emit = emit;
    const context = {
      transport,
      clock,
      emit,
      ...(process.env['NESTJS_LANGFUSE_AUDIT'] ? { audit: auditBalance } : {}),
    };
    const { flushAt, maxBatchBytes } = settings;
    const lane = (name: LaneName, count: number, bytes: number) =>
      new Lane(name, laneLimits(settings, count, bytes), {
        ...context,
        spool: laneSpool(spool, name),
      });
    const spans = lane('spans', flushAt, maxBatchBytes);
    const scores = lane(
      'scores',
      Math.min(flushAt, MAX_SCORES_PER_BATCH),
      Math.min(maxBatchBytes, MAX_SCORE_BATCH_BYTES),
    );
    this.lanes = { spans, scores };
    this.all = [spans, scores];
    this.destination = transport.state$.subscribe((state) => {
      this.outages.record(state);
      emit({ type: 'destination', state });
      if (state.status === 'ready') this.reportRecovery(state.concerns);
    });
    if (spool) openSpool(spool, { lanes: this.lanes, emit });
  }

  /**
   * Queues a record. Never throws and never waits. When the queue is full the
   * oldest that wait go to the spool; where there is none that takes them, a
   * record is dropped and counted as `overflow`, by default the oldest (option
   * `overflow`). After `shutdown()` it is counted as `closed`.
   */
  enqueue(record: QueueRecord): void {
    const lane = this.lanes[record.lane] as Lane | undefined;
    if (lane) lane.enqueue(record);
    else this.refuse('spans');
  }

  /**
   * Queues a record that is still being made: it counts as queued from now on,
   * with `expectedBytes` until its length is known, and `flush()` and
   * `shutdown()` wait for it. One that cannot be made (`undefined`, or a
   * rejection) is dropped as `invalid`. Never throws and never waits.
   */
  enqueueLater(
    lane: LaneName,
    record: Promise<QueueRecord | undefined>,
    expectedBytes: number,
  ): void {
    this.lanes[lane].enqueueLater(record, expectedBytes);
  }

  /** Counts a record as dropped because it could not be made (`invalid`). */
  refuse(lane: LaneName): void {
    this.lanes[lane].refuse('invalid');
  }

  /**
   * Sends what is queued now. Resolves when everything that was enqueued
   * before the call is settled, or after `timeoutMs` (default: the option
   * `flushTimeoutMs`) with `timedOut: true` and the number that is `pending`;
   * those stay queued and go on being retried. Never rejects. After
   * `shutdown()` it resolves with what that call came to.
   */
  flush({ timeoutMs }: DeadlineOptions = {}): Promise<FlushResult> {
    return (
      this.closing ?? this.flushNow(timeoutMs ?? this.settings.flushTimeoutMs)
    );
  }

  /**
   * Takes no more records, sends what is queued, and ends. Resolves when all is
   * settled, or after `timeoutMs` (default: the option `shutdownTimeoutMs`),
   * when the rest is left to the spool or, without one, dropped as
   * `shutdown_deadline`. With a spool it does not wait for a destination that
   * was failing and fails once more. Nothing is sent afterwards. A second call
   * returns the first one's result. Never rejects.
   */
  shutdown({ timeoutMs }: DeadlineOptions = {}): Promise<FlushResult> {
    this.closing ??= this.close(timeoutMs ?? this.settings.shutdownTimeoutMs);
    return this.closing;
  }

  /**
   * For the last moment of a process (its event `exit`): leaves all that is in
   * memory to the disk, and the disk to the next process, before it returns.
   * Nothing is sent afterwards. Does nothing without a spool, or after
   * `shutdown()`. Never throws.
   */
  saveNow(): void {
    if (!this.spool || this.isClosed) return;
    this.destination.unsubscribe();
    for (const lane of this.all) lane.saveNow();
    this.leave();
    this.transport.close();
  }

  /** As in the former Langfuse client: {@link LangfuseQueue.flush}. */
  flushAsync(options?: DeadlineOptions): Promise<FlushResult> {
    return this.flush(options);
  }

  /** As in the former Langfuse client: {@link LangfuseQueue.shutdown}. */
  shutdownAsync(options?: DeadlineOptions): Promise<FlushResult> {
    return this.shutdown(options);
  }

  /**
   * As OpenTelemetry's processors have it: {@link LangfuseQueue.flush}, without
   * the result.
   */
  async forceFlush(): Promise<void> {
    await this.flush();
  }

  /** Where every record is, and how much traffic it took. */
  stats(): QueueStats {
    const spans = this.lanes.spans.snapshot();
    const scores = this.lanes.scores.snapshot();
    return {
      ...addLedgers([spans, scores]),
      ...this.transport.stats,
      lanes: { spans, scores },
      outages: this.outages.list(),
      spool: this.spool?.disk.stats,
    };
  }

  private async flushNow(timeoutMs: number): Promise<FlushResult> {
    const result = await this.drain(timeoutMs);
    this.emit({ type: 'flushed', result });
    return result;
  }

  private async close(timeoutMs: number): Promise<FlushResult> {
    for (const lane of this.all) lane.stopIntake();
    const before = this.stats();
    const savingMs = savingTimeMs(this.spool, timeoutMs, before.bytes);
    const drained = this.drain(timeoutMs - savingMs, this.hopeless());
    this.transport.hasten();
    const { durationMs, timedOut } = await drained;
    // From here on "ready" only says that a back-off ended, with nobody to try.
    this.destination.unsubscribe();
    await Promise.all(this.all.map((lane) => lane.close()));
    this.transport.close();
    this.leave();
    const result = {
      ...changesSince(before, this.stats()),
      pending: 0,
      timedOut,
      durationMs,
    };
    this.emit({ type: 'shutdown', result });
    this.events.complete();
    return result;
  }

  private drain(
    timeoutMs: number,
    hopeless$: Observable<DestinationState> = NEVER,
  ): Promise<FlushResult> {
    const { all: lanes, clock } = this;
    const stats = () => this.stats();
    return drain({ lanes, stats, clock, hopeless$ }, timeoutMs);
  }

  /** Leaves what is on the disk to the next process, and says so. */
  private leave(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.spool?.disk.close();
    this.log.closed(this.stats());
  }

  /**
   * For a last attempt: emits when it fails where all before have failed, and
   * the disk has a better chance.
   */
  private hopeless(): Observable<DestinationState> {
    if (!this.spool) return NEVER;
    const failing = new Set(
      this.outages.list().map(({ concerns }) => concerns),
    );
    return this.transport.state$.pipe(
      filter(
        ({ status, concerns }) => status === 'failing' && failing.has(concerns),
      ),
    );
  }

  /** Says that the destination is back once what had waited for it is settled. */
  private reportRecovery(concerns: DestinationState['concerns']): void {
    const before = this.stats();
    const freed = this.all.filter(({ name }) => this.transport.isFree(name));
    let open = freed.length;
    for (const lane of freed) {
      lane.whenSettled(lane.mark(), () => {
        open -= 1;
        if (open > 0) return;
        const { delivered } = this.stats();
        this.log.recovered(concerns, delivered - before.delivered);
      });
    }
  }
}
