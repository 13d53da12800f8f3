/**
 * The books of both lanes as they have to be, kept beside the queue: from what
 * is enqueued, what its transport is handed, and what the server says.
 */
import {
  isLive,
  type LaneName,
  type LangfuseQueue,
  type LangfuseQueueSettings,
  type QueueRecord,
  type Transport,
} from '../../../lib/queue/index.js';
import { RecordMemory } from '../server/simulated-records.js';
import type { SimulatedServer } from '../server/simulated-server.js';
import type { Breaches } from './breaches.js';
import { addCounts, type Counts, total } from './counts.js';
import { LaneModel } from './lane-model.js';

/** What the application of a run is checked against. */
export interface RunBooks {
  readonly memory: RecordMemory;
  /** Whether it knows of each record what became of it, not only of how many. */
  readonly isExact: boolean;
  /** Called before the queue: a batch may leave while it is in there. */
  enqueue(record: QueueRecord, isClosed: boolean): void;
  /** `shutdown()` is over. */
  close(): void;
  counts(): Counts;
  /** Counts what of all that is enqueued now is not settled later. */
  watermark(): () => number;
  /** Compares with the queue if something changed. */
  compare(queue: LangfuseQueue): void;
}

/** The books of one run. */
export class Books implements RunBooks {
  readonly memory = new RecordMemory();
  readonly isExact = true;
  private readonly lanes: { readonly [name in LaneName]: LaneModel };
  private readonly all: readonly LaneModel[];
  /** What the queue's events tell. */
  private readonly told = { delivered: 0, dropped: 0 };

  constructor(
    settings: LangfuseQueueSettings,
    private readonly server: SimulatedServer,
    private readonly breaches: Breaches,
  ) {
    const lane = (name: LaneName) =>
      new LaneModel(name, settings, server, breaches);
    this.lanes = { spans: lane('spans'), scores: lane('scores') };
    this.all = [this.lanes.spans, this.lanes.scores];
  }

  enqueue(record: QueueRecord, isClosed: boolean): void {
    this.lanes[record.lane].enqueue(record, isClosed);
  }

  /** What it left is dropped. */
  close(): void {
    for (const lane of this.all) lane.close();
  }

  /** Books each batch that is handed to the transport, and what it came to. */
  around(transport: Transport): Transport {
    const { lanes } = this;
    return {
      isFree: (lane) => transport.isFree(lane),
      state$: transport.state$,
      get stats() {
        return transport.stats;
      },
      async send(batch, signal) {
        if (isLive(batch)) lanes[batch.lane].cut(batch);
        const settlement = await transport.send(batch, signal);
        if (isLive(batch))
          lanes[batch.lane].settle(batch, settlement, signal.aborted);
        return settlement;
      },
      hasten: () => transport.hasten(),
      close: () => transport.close(),
    };
  }

  listenTo(queue: LangfuseQueue): void {
    queue.events$.subscribe((event) => {
      if (event.type === 'delivered') this.told.delivered += event.count;
      // Events end with the shutdown, and what comes later is not told.
      if (event.type === 'dropped' && event.reason !== 'closed') {
        this.told.dropped += event.count;
      }
    });
  }

  counts(): Counts {
    return addCounts(this.all);
  }

  watermark(): () => number {
    const marks = this.all.map((lane) => ({ lane, seq: lane.lastSeq }));
    return () =>
      marks.reduce((sum, { lane, seq }) => sum + lane.unsettled(seq), 0);
  }

  compare(queue: LangfuseQueue): void {
    if (!this.all.some(({ isNews }) => isNews)) return;
    const { lanes } = queue.stats();
    for (const lane of this.all) lane.compare(lanes[lane.name]);
    const { held, releasedTwice } = this.memory;
    const waiting = this.all.reduce((sum, { size }) => sum + size, 0);
    this.breaches.check(
      held === waiting && releasedTwice === 0,
      'I4',
      () =>
        `${waiting} records wait, ${held} are held in memory, ` +
        `${releasedTwice} were released twice`,
    );
  }

  /** Once all is over. */
  compareTotals(queue: LangfuseQueue): void {
    const { server, breaches, told } = this;
    const stats = queue.stats();
    for (const lane of this.all) lane.compare(stats.lanes[lane.name]);
    breaches.check(
      stats.requests === server.requests,
      'I1',
      () => `${stats.requests} requests counted, ${server.requests} came`,
    );
    const { resentAfterUnknown, duplicates } = server.fates;
    breaches.check(
      stats.resentAfterUnknown === resentAfterUnknown &&
        duplicates <= resentAfterUnknown,
      'I4',
      () =>
        `resentAfterUnknown ${stats.resentAfterUnknown}, the server saw ` +
        `${resentAfterUnknown} and ${duplicates} duplicates`,
    );
    const { closed = 0 } = stats.dropped;
    breaches.check(
      told.delivered === stats.delivered &&
        told.dropped === total(stats.dropped) - closed,
      'I1',
      () => `events told of ${JSON.stringify(told)}: ${JSON.stringify(stats)}`,
    );
  }
}
