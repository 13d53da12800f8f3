/**
 * Runs one seed: the real queue on the real transport, in virtual time, against
 * a scripted server; after each event everything is compared with the model.
 */
import { LangfuseTransport } from '../../lib/deliver/langfuse-transport.js';
import {
  type DropCounts,
  type FlushResult,
  LangfuseQueue,
  type LaneName,
  type Transport,
} from '../../lib/queue/index.js';
import { Breaches } from './breaches.js';
import { credentials, DESTINATION } from './destination.js';
import type { Call, Plan } from './plan.js';
import { isSameCounts, LaneModel } from './queue-model.js';
import { Random } from './random.js';
import { makeRecord } from './simulated-records.js';
import { SimulatedServer } from './simulated-server.js';
import { settled, VirtualClock } from './virtual-clock.js';

/** What a run did and what was wrong with it. */
export interface Run {
  readonly plan: Plan;
  readonly breaches: readonly string[];
  readonly records: number;
  readonly requests: number;
  /** Scheduled faults that struck. */
  readonly faults: number;
  /** Answers, and failures to get one, that they caused. */
  readonly faultyAnswers: number;
  readonly delivered: number;
  readonly duplicates: number;
  readonly dropped: DropCounts;
}

/** Puts a fault of our own between queue and transport, to try the checks. */
export type Sabotage = (transport: Transport) => Transport;

/** How late `shutdown()` may be. */
const SHUTDOWN_SLACK_MS = 250;

/**
 * After this the longest back-off, asked for by the server or ours, of each of
 * the gates in a row is over, with a backlog sent.
 */
const RECOVERY_MS = 2 * (15 * 60_000 + 300_000) + 600_000;

const LANES: readonly LaneName[] = ['spans', 'scores'];

/** Runs a plan to its end. */
export async function simulate(
  plan: Plan,
  sabotage: Sabotage = (transport) => transport,
): Promise<Run> {
  const simulation = new Simulation(plan, sabotage);
  return simulation.run();
}

class Simulation {
  private readonly clock = new VirtualClock();
  private readonly breaches = new Breaches();
  private readonly server: SimulatedServer;
  private readonly queue: LangfuseQueue;
  private readonly models: readonly LaneModel[];
  private records = 0;
  private waiting = 0;
  private readonly flushes = new Set<{ readonly by: number }>();
  private closing: 'no' | 'yes' | 'done' = 'no';
  private closeBy = Infinity;
  private toldDelivered = 0;
  private toldDropped = 0;

  constructor(
    private readonly plan: Plan,
    sabotage: Sabotage,
  ) {
    const { clock, breaches } = this;
    const { settings, seed, timeoutMs } = plan;
    const network = new Random(seed + 0x5eed);
    const server = new SimulatedServer(plan, clock, network, breaches);
    const backoff = new Random(seed + 0xbac0ff);
    const transport = new LangfuseTransport(
      { timeoutMs, destination: DESTINATION, credentials },
      { clock, random: () => backoff.next(), http: server },
    );
    this.server = server;
    this.models = LANES.map(
      (name) => new LaneModel(name, settings, server, breaches),
    );
    const ignore = () => {};
    this.queue = new LangfuseQueue(settings, {
      transport: sabotage(this.observed(transport)),
      logger: { log: ignore, warn: ignore, error: ignore },
      clock,
    });
    this.queue.events$.subscribe((event) => {
      if (event.type === 'delivered') this.toldDelivered += event.count;
      // Events end with the shutdown, and what comes later is not told.
      if (event.type === 'dropped' && event.reason !== 'closed') {
        this.toldDropped += event.count;
      }
    });
  }

  async run(): Promise<Run> {
    const { clock, plan } = this;
    for (const call of plan.calls) {
      clock.after(call.at, () => this.make(call));
    }
    const lastCallAt = plan.calls.at(-1)?.at ?? 0;
    await this.runUntil(Math.max(lastCallAt, plan.healsAt), () => false);
    if (this.isOpen) await this.recover();
    if (this.isOpen) {
      this.make({ type: 'shutdown', at: clock.now() });
    }
    await this.runUntil(this.closeBy + 1, () => this.closing === 'done');
    this.enqueue('spans', 3, 0);
    this.enqueue('scores', 1, 0);
    await this.runUntil(clock.now() + RECOVERY_MS, () => false);
    if (this.breaches.found.length === 0) this.checkEnd();
    return this.result();
  }

  /** A getter, since it changes while something else is awaited. */
  private get isOpen(): boolean {
    return this.closing === 'no';
  }

  /** What waits must arrive, now that nothing is in its way. */
  private async recover(): Promise<void> {
    const { clock, breaches } = this;
    const isSettled = () => {
      const { queued, inFlight } = this.queue.stats();
      return queued + inFlight === 0;
    };
    await this.runUntil(clock.now() + RECOVERY_MS, isSettled);
    breaches.check(
      isSettled() || this.breaches.found.length > 0,
      'I12',
      () =>
        `the server is well since ${this.plan.healsAt} ms, and at ${clock.now()} ms: ` +
        JSON.stringify(this.queue.stats()),
    );
  }

  private async runUntil(until: number, isDone: () => boolean): Promise<void> {
    const { clock } = this;
    await settled();
    this.checkNow();
    while (!isDone() && this.breaches.found.length === 0) {
      const { nextAt } = clock;
      if (nextAt === undefined || nextAt > until) return;
      clock.fireNext();
      await settled();
      this.checkNow();
    }
  }

  private make(call: Call): void {
    switch (call.type) {
      case 'enqueue':
        return this.enqueue(call.lane, call.count, call.padding);
      case 'flush':
        return void this.flush(call.timeoutMs);
      case 'shutdown':
        return void this.shutdown(call.timeoutMs);
    }
  }

  private enqueue(lane: LaneName, count: number, padding: number): void {
    const model = this.models[LANES.indexOf(lane)]!;
    for (let i = 0; i < count; i++) {
      this.records += 1;
      const record = makeRecord(lane, this.records, padding);
      model.enqueue(record, this.closing !== 'no');
      try {
        this.queue.enqueue(record);
      } catch (error) {
        this.breaches.check(false, 'I8', () => `enqueue() threw: ${error}`);
      }
    }
  }

  private async flush(timeoutMs: number | undefined): Promise<void> {
    const { clock, breaches } = this;
    const startedAt = clock.now();
    const allowed = timeoutMs ?? this.plan.settings.flushTimeoutMs;
    const watermarks = this.models.map(({ lastSeq }) => lastSeq);
    const before = this.counts();
    const isOwn = this.closing === 'no';
    const wait = { by: isOwn ? startedAt + allowed : Infinity };
    this.flushes.add(wait);
    this.waiting += 1;
    const result = await this.queue
      .flush(timeoutMs === undefined ? {} : { timeoutMs })
      .catch((error: unknown) => {
        breaches.check(false, 'I5', () => `flush() rejected: ${error}`);
      });
    this.waiting -= 1;
    this.flushes.delete(wait);
    // One that shutdown overtakes has its counts checked by the shutdown.
    if (!result || !isOwn || !this.isOpen) return;
    let pending = 0;
    for (const [index, model] of this.models.entries()) {
      pending += model.unsettled(watermarks[index]!);
    }
    const tookMs = clock.now() - startedAt;
    breaches.check(
      result.pending === pending &&
        result.timedOut === pending > 0 &&
        result.durationMs === tookMs &&
        (!result.timedOut || tookMs === allowed),
      'I5',
      () =>
        `flush() of ${startedAt} ms said ${JSON.stringify(result)} after ${tookMs} ms with ${pending} pending`,
    );
    this.checkCounts('I5', result, before);
  }

  private async shutdown(timeoutMs: number | undefined): Promise<void> {
    const { clock, breaches } = this;
    const startedAt = clock.now();
    const isFirst = this.closing === 'no';
    if (isFirst) {
      this.closing = 'yes';
      const allowed = timeoutMs ?? this.plan.settings.shutdownTimeoutMs;
      this.closeBy = startedAt + allowed + SHUTDOWN_SLACK_MS;
    }
    const before = this.counts();
    this.waiting += 1;
    const result = await this.queue
      .shutdown(timeoutMs === undefined ? {} : { timeoutMs })
      .catch((error: unknown) => {
        breaches.check(false, 'I11', () => `shutdown() rejected: ${error}`);
      });
    this.waiting -= 1;
    if (!result || !isFirst) return;
    for (const model of this.models) model.close();
    this.closing = 'done';
    breaches.check(
      clock.now() <= this.closeBy && result.pending === 0,
      'I11',
      () => `shutdown() of ${startedAt} ms: ${JSON.stringify(result)}`,
    );
    const { queued, inFlight, bytes } = this.queue.stats();
    breaches.check(
      queued === 0 && inFlight === 0 && bytes === 0 && this.server.isClosed,
      'I11',
      () => `after shutdown: ${JSON.stringify(this.queue.stats())}`,
    );
    this.checkCounts('I11', result, before);
  }

  /** Looks at the batches on their way, as the model has to know them. */
  private observed(transport: LangfuseTransport): Transport {
    const modelOf = (lane: LaneName) => this.models[LANES.indexOf(lane)]!;
    return {
      isFree: (lane) => transport.isFree(lane),
      state$: transport.state$,
      get stats() {
        return transport.stats;
      },
      async send(batch, signal) {
        modelOf(batch.lane).cut(batch);
        const settlement = await transport.send(batch, signal);
        modelOf(batch.lane).settle(batch, settlement, signal.aborted);
        return settlement;
      },
      hasten: () => transport.hasten(),
      close: () => transport.close(),
    };
  }

  private checkNow(): void {
    const { breaches, clock } = this;
    if (this.closing !== 'yes' && this.models.some(({ isNews }) => isNews)) {
      const stats = this.queue.stats();
      for (const model of this.models) model.compare(stats.lanes[model.name]);
    }
    breaches.check(
      this.closing !== 'yes' || clock.now() <= this.closeBy,
      'I11',
      () => `shutdown() has not resolved by ${clock.now()} ms`,
    );
    for (const { by } of this.flushes) {
      breaches.check(
        clock.now() <= by,
        'I5',
        () =>
          `flush() has not resolved by ${clock.now()} ms, but was to by ${by}`,
      );
    }
    breaches.check(
      this.waiting > 0 || clock.holding === 0,
      'I13',
      () => `${clock.holding} timers hold the process at ${clock.now()} ms`,
    );
  }

  private checkEnd(): void {
    const { breaches, server } = this;
    const stats = this.queue.stats();
    for (const model of this.models) model.compare(stats.lanes[model.name]);
    breaches.check(
      stats.requests === server.requests,
      'I1',
      () => `${stats.requests} requests counted, ${server.requests} came`,
    );
    breaches.check(
      stats.resentAfterUnknown === server.resentAfterUnknown &&
        server.duplicates <= stats.resentAfterUnknown,
      'I4',
      () =>
        `resentAfterUnknown ${stats.resentAfterUnknown}, the server saw ` +
        `${server.resentAfterUnknown} and ${server.duplicates} duplicates`,
    );
    const { closed = 0 } = stats.dropped;
    const dropped = sum(stats.dropped) - closed;
    breaches.check(
      this.toldDelivered === stats.delivered && this.toldDropped === dropped,
      'I1',
      () =>
        `events told of ${this.toldDelivered} delivered and ${this.toldDropped} dropped: ${JSON.stringify(stats)}`,
    );
  }

  private counts(): {
    readonly delivered: number;
    readonly dropped: DropCounts;
  } {
    let delivered = 0;
    const dropped: Record<string, number> = {};
    for (const model of this.models) {
      delivered += model.delivered;
      for (const [reason, count] of Object.entries(model.dropped)) {
        dropped[reason] = (dropped[reason] ?? 0) + count;
      }
    }
    return { delivered, dropped };
  }

  private checkCounts(
    invariant: string,
    result: FlushResult,
    before: ReturnType<Simulation['counts']>,
  ): void {
    const after = this.counts();
    const dropped: Record<string, number> = {};
    for (const [reason, count] of Object.entries(after.dropped)) {
      const earlier = (before.dropped as Record<string, number>)[reason] ?? 0;
      if (count > earlier) dropped[reason] = count - earlier;
    }
    const delivered = after.delivered - before.delivered;
    this.breaches.check(
      result.delivered === delivered && isSameCounts(result.dropped, dropped),
      invariant,
      () =>
        `said ${JSON.stringify(result)}, was ${JSON.stringify({ delivered, dropped })}`,
    );
  }

  private result(): Run {
    const { server, plan, breaches } = this;
    const { delivered, dropped } = this.queue.stats();
    return {
      plan,
      breaches: breaches.found,
      records: this.records,
      requests: server.requests,
      faults: server.faultsMet,
      faultyAnswers: server.faults,
      delivered,
      duplicates: server.duplicates,
      dropped,
    };
  }
}

function sum(counts: DropCounts): number {
  return Object.values(counts).reduce((total, count) => total + count, 0);
}
