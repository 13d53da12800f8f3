/**
 * Runs one seed: the real queue on the real transport, in virtual time, against
 * a scripted server; after each event everything is compared with the model.
 */
import type { Http } from '../../lib/deliver/http-client.js';
import { LangfuseTransport } from '../../lib/deliver/langfuse-transport.js';
import {
  type DropCounts,
  LangfuseQueue,
  type Transport,
} from '../../lib/queue/index.js';
import { Application } from './application.js';
import { Books } from './checks/books.js';
import { Breaches } from './checks/breaches.js';
import type { Plan } from './plan/plan.js';
import { Random } from './plan/random.js';
import { credentials, DESTINATION } from './server/destination.js';
import { SimulatedServer } from './server/simulated-server.js';
import { SILENT } from './silent-logger.js';
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
  readonly faultyReplies: number;
  readonly delivered: number;
  readonly duplicates: number;
  readonly dropped: DropCounts;
}

/** Faults of our own, planted on either side of the transport, to try the checks. */
export interface Sabotage {
  readonly transport?: (transport: Transport) => Transport;
  readonly http?: (http: Http) => Http;
}

/**
 * After this the longest back-off, asked for by the server or ours, of each of
 * the gates in a row is over, with a backlog sent.
 */
const RECOVERY_MS = 2 * (15 * 60_000 + 300_000) + 600_000;

/** Runs a plan to its end. */
export async function simulate(
  plan: Plan,
  sabotage: Sabotage = {},
): Promise<Run> {
  return new Simulation(plan, sabotage).run();
}

class Simulation {
  private readonly clock = new VirtualClock();
  private readonly breaches = new Breaches();
  private readonly server: SimulatedServer;
  private readonly queue: LangfuseQueue;
  private readonly books: Books;
  private readonly application: Application;

  constructor(
    private readonly plan: Plan,
    sabotage: Sabotage,
  ) {
    const { clock, breaches } = this;
    const { settings, seed, timeoutMs } = plan;
    const network = new Random(seed + 0x5eed);
    const backoff = new Random(seed + 0xbac0ff);
    const server = new SimulatedServer(plan, clock, network, breaches);
    const books = new Books(settings, server, breaches);
    const transport = new LangfuseTransport(
      { timeoutMs, destination: DESTINATION, credentials },
      {
        clock,
        random: () => backoff.next(),
        http: sabotage.http?.(server) ?? server,
      },
    );
    const booked = books.around(transport);
    const queue = new LangfuseQueue(settings, {
      transport: sabotage.transport?.(booked) ?? booked,
      logger: SILENT,
      clock,
    });
    books.listenTo(queue);
    this.server = server;
    this.books = books;
    this.queue = queue;
    this.application = new Application({
      plan,
      queue,
      books,
      clock,
      holding: () => clock.holding,
      breaches,
    });
  }

  async run(): Promise<Run> {
    const { clock, plan, application } = this;
    for (const call of plan.calls) {
      clock.after(call.at, () => application.make(call));
    }
    const lastCallAt = plan.calls.at(-1)?.at ?? 0;
    await this.runUntil(Math.max(lastCallAt, plan.healsAt));
    if (application.shutdownState === 'none') {
      await this.recover();
      application.make({
        type: 'shutdown',
        at: clock.now(),
        timeoutMs: undefined,
      });
    }
    await this.runUntil(
      application.closesBy + 1,
      () => application.shutdownState === 'done',
    );
    this.checkClosed();
    application.make(tooLate('spans', clock.now()));
    application.make(tooLate('scores', clock.now()));
    await this.runUntil(clock.now() + RECOVERY_MS);
    if (this.breaches.found.length === 0) this.books.compareTotals(this.queue);
    return this.result();
  }

  /** What waits must arrive, now that nothing is in its way. */
  private async recover(): Promise<void> {
    const { clock, breaches, plan, queue } = this;
    const isSettled = () => {
      const { queued, inFlight } = queue.stats();
      return queued + inFlight === 0;
    };
    await this.runUntil(clock.now() + RECOVERY_MS, isSettled);
    breaches.check(
      isSettled() || breaches.found.length > 0,
      'I12',
      () =>
        `the server is well since ${plan.healsAt} ms, and at ${clock.now()} ms: ` +
        JSON.stringify(queue.stats()),
    );
  }

  private async runUntil(
    until: number,
    isDone: () => boolean = () => false,
  ): Promise<void> {
    const { clock, breaches, application } = this;
    await settled();
    application.check();
    while (breaches.found.length === 0 && !isDone()) {
      if (!clock.fireNext(until)) return;
      await settled();
      application.check();
    }
  }

  private checkClosed(): void {
    const { breaches, server } = this;
    breaches.check(
      server.isClosed || breaches.found.length > 0,
      'I11',
      () => 'the transport is open after shutdown()',
    );
  }

  private result(): Run {
    const { server, plan, breaches, application } = this;
    const { delivered, dropped } = this.queue.stats();
    return {
      plan,
      breaches: breaches.found,
      records: application.records,
      requests: server.requests,
      faults: server.faultsStruck,
      faultyReplies: server.faultyReplies,
      delivered,
      duplicates: server.fates.duplicates,
      dropped,
    };
  }
}

/** Records that come after the shutdown. */
function tooLate(lane: 'spans' | 'scores', at: number) {
  return { type: 'enqueue', at, lane, count: 2, padding: 0 } as const;
}
