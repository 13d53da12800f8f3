/**
 * The books of one process with a spool, as sets of records: which were enqueued,
 * which are on their way, and what became of them. Where a record is otherwise,
 * in memory or on the disk, is the queue's business; that it is somewhere is not.
 */
import {
  type Batch,
  isLive,
  type LaneName,
  type LangfuseQueue,
  type LedgerSnapshot,
  type QueueRecord,
  type Settlement,
  type Transport,
} from '../../../lib/queue/index.js';
import { AMPLE_BYTES, type SpoolPlan } from '../plan/spool-plan.js';
import type { RecordFates } from '../server/record-fates.js';
import { RecordMemory } from '../server/simulated-records.js';
import type { Breaches } from './breaches.js';
import type { RunBooks } from './books.js';
import { type Counts, total } from './counts.js';

const LANES = ['spans', 'scores'] as const;

/** What happened in one lane. */
class LaneSets {
  /** Enqueued here and not settled, oldest first. */
  readonly open = new Set<number>();
  readonly underWay = new Set<Batch>();
  enqueued = 0;
  adopted = 0;
  delivered = 0;
  rejected = 0;
  closed = 0;

  get inFlight(): number {
    let count = 0;
    for (const { records } of this.underWay) count += records.length;
    return count;
  }
}

/** The books of one process. */
export class SpooledBooks implements RunBooks {
  readonly memory = new RecordMemory();
  /** What the queue said that it lost, by reason. */
  readonly lost: { [reason: string]: number } = {};
  private hasEnded = false;
  private readonly lanes = { spans: new LaneSets(), scores: new LaneSets() };

  constructor(
    private readonly plan: SpoolPlan,
    private readonly fates: RecordFates,
    private readonly breaches: Breaches,
  ) {}

  get isExact(): boolean {
    const { brokenDisk, maxBytes } = this.plan;
    return brokenDisk.length === 0 && maxBytes === AMPLE_BYTES;
  }

  /** Records of which this process does not know an end. */
  *unsettled(): Iterable<number> {
    for (const lane of LANES) {
      yield* this.lanes[lane].open;
      yield* this.underWay(lane);
    }
  }

  /** Those of them that are being sent. */
  *sent(): Iterable<number> {
    for (const lane of LANES) yield* this.underWay(lane);
  }

  enqueue({ lane, id }: QueueRecord, isClosed: boolean): void {
    const sets = this.lanes[lane];
    sets.enqueued += 1;
    if (isClosed) sets.closed += 1;
    else sets.open.add(Number(id));
  }

  close(): void {}

  /** The process has ended: what it still does, it does not do. */
  end(): void {
    this.hasEnded = true;
  }

  around(transport: Transport): Transport {
    return {
      isFree: (lane) => transport.isFree(lane),
      state$: transport.state$,
      get stats() {
        return transport.stats;
      },
      send: async (batch, signal) => {
        this.cut(batch);
        const settlement = await transport.send(batch, signal);
        if (!this.hasEnded) this.settle(batch, settlement, signal.aborted);
        return settlement;
      },
      hasten: () => transport.hasten(),
      close: () => transport.close(),
    };
  }

  listenTo(queue: LangfuseQueue): void {
    queue.events$.subscribe((event) => {
      if (event.type === 'adopted') {
        this.lanes[event.lane].adopted += event.count;
      } else if (event.type === 'dropped') {
        if (event.reason === 'rejected' || event.reason === 'closed') return;
        this.lost[event.reason] = (this.lost[event.reason] ?? 0) + event.count;
      }
    });
  }

  counts(): Counts {
    const { spans, scores } = this.lanes;
    const closed = spans.closed + scores.closed;
    return {
      delivered: spans.delivered + scores.delivered,
      dropped: {
        ...this.lost,
        ...(closed > 0 ? { closed } : {}),
        rejected: spans.rejected + scores.rejected,
      },
    };
  }

  watermark(): () => number {
    const marked = LANES.flatMap((lane) => [...this.lanes[lane].open]);
    return () => {
      const isOpen = (number: number) =>
        LANES.some((lane) => this.lanes[lane].open.has(number));
      return marked.filter(isOpen).length;
    };
  }

  compare(queue: LangfuseQueue): void {
    const stats = queue.stats();
    for (const lane of LANES) this.compareLane(lane, stats.lanes[lane]);
    this.breaches.check(
      stats.spooled === stats.spool?.waiting,
      'I1',
      () => `${stats.spooled} spooled, ${stats.spool?.waiting} on the disk`,
    );
    let live = stats.queued;
    for (const lane of LANES) {
      for (const batch of this.lanes[lane].underWay) {
        if (isLive(batch)) live += batch.records.length;
      }
    }
    const { held, releasedTwice } = this.memory;
    this.breaches.check(
      held === live && releasedTwice === 0,
      'I4',
      () =>
        `${live} records in memory, ${held} are held, ` +
        `${releasedTwice} were released twice`,
    );
  }

  private compareLane(name: LaneName, real: LedgerSnapshot): void {
    const { plan, breaches } = this;
    const { enqueued, adopted, delivered, rejected, closed, inFlight } =
      this.lanes[name];
    const { maxQueueSize, maxQueueBytes } = plan.settings;
    breaches.check(
      real.enqueued === enqueued + adopted &&
        real.delivered === delivered &&
        real.inFlight === inFlight &&
        (real.dropped.rejected ?? 0) === rejected &&
        (real.dropped.closed ?? 0) === closed,
      'I1',
      () =>
        `${name}: ledger ${JSON.stringify(real)}, expected ` +
        JSON.stringify({ enqueued, adopted, delivered, inFlight, rejected }),
    );
    const isAlone = real.queued + real.inFlight === 1;
    breaches.check(
      (real.bytes <= maxQueueBytes || isAlone) &&
        real.queued + real.inFlight <= maxQueueSize,
      'I2',
      () => `${name}: ${JSON.stringify(real)}`,
    );
    const lost = total(real.dropped) - rejected - closed;
    breaches.check(
      lost === 0 || !this.isExact,
      'I9',
      () => `${name}: lost with a spool: ${JSON.stringify(real)}`,
    );
  }

  private *underWay(lane: LaneName): Iterable<number> {
    for (const { records } of this.lanes[lane].underWay) {
      for (const { id } of records) yield Number(id);
    }
  }

  private cut(batch: Batch): void {
    const { underWay } = this.lanes[batch.lane];
    const { maxConcurrency } = this.plan.settings;
    underWay.add(batch);
    const replayed = [...underWay].filter((each) => !isLive(each)).length;
    this.breaches.check(
      underWay.size <= maxConcurrency &&
        replayed <= Math.max(1, maxConcurrency / 2),
      'I3',
      () => `${underWay.size} batches at once, ${replayed} from the disk`,
    );
  }

  private settle(
    batch: Batch,
    { delivered, rejected, rest = [] }: Settlement,
    isAborted: boolean,
  ): void {
    const sets = this.lanes[batch.lane];
    const { length } = batch.records;
    const isLeft = new Set(rest);
    const isOwn = rest.every((record) => batch.records.includes(record));
    this.breaches.check(
      isOwn &&
        delivered + rejected + isLeft.size === length &&
        (isAborted || isLeft.size === 0),
      'I4',
      () => `${length}: ${delivered} + ${rejected} + ${isLeft.size} left`,
    );
    const acknowledged = batch.records.filter(({ id }) =>
      this.fates.isAcknowledged(Number(id)),
    );
    this.breaches.check(
      delivered === acknowledged.length &&
        acknowledged.every((record) => !isLeft.has(record)),
      'I4',
      () => `${delivered} called delivered, ${acknowledged.length} are`,
    );
    sets.underWay.delete(batch);
    sets.delivered += delivered;
    sets.rejected += rejected;
    for (const record of batch.records) {
      if (!isLeft.has(record)) sets.open.delete(Number(record.id));
    }
  }
}
