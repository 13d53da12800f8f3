/**
 * Runs one seed with a spool: processes that follow each other on one disk, each
 * ended by a shutdown, an exit or a kill, against a scripted server. What the
 * disk had taken has to arrive, by whichever of them.
 */
import { LangfuseTransport } from '../../lib/deliver/langfuse-transport.js';
import { LangfuseQueue, type Spool } from '../../lib/queue/index.js';
import { Machine } from '../spool/support/machine.js';
import { MemoryFiles, WALL_TIME } from '../spool/support/memory-files.js';
import { Application } from './application.js';
import { Breaches } from './checks/breaches.js';
import { SpooledBooks } from './checks/spooled-books.js';
import { Mortal } from './mortal.js';
import { Random } from './plan/random.js';
import type { End, SpoolPlan } from './plan/spool-plan.js';
import { credentials, DESTINATION } from './server/destination.js';
import { RecordFates } from './server/record-fates.js';
import { SimulatedServer } from './server/simulated-server.js';
import { SILENT } from './silent-logger.js';
import type { Run, Sabotage } from './simulate.js';
import { settled, VirtualClock } from './virtual-clock.js';

/** Bugs that can be planted on either side of the spool, too. */
export interface SpoolSabotage extends Sabotage {
  readonly spool?: (spool: Spool) => Spool;
  readonly settings?: (
    settings: SpoolPlan['settings'],
  ) => SpoolPlan['settings'];
}

/** As in a run without a spool, with a file that cannot be read for a while. */
const RECOVERY_MS = 2 * (15 * 60_000 + 300_000) + 660_000;

/** One process. */
interface Life {
  readonly mortal: Mortal;
  readonly queue: LangfuseQueue;
  readonly books: SpooledBooks;
  readonly application: Application;
  readonly server: SimulatedServer;
  readonly kill: () => void;
}

/** Runs a plan to its end. */
export async function simulateLives(
  plan: SpoolPlan,
  sabotage: SpoolSabotage = {},
): Promise<Run> {
  return new Lives(plan, sabotage).run();
}

class Lives {
  private readonly clock = new VirtualClock();
  private readonly breaches = new Breaches();
  private readonly fates = new RecordFates(this.breaches);
  private readonly files = new MemoryFiles();
  private readonly machine: Machine;
  private readonly network: Random;
  private readonly backoff: Random;
  private readonly lives: Life[] = [];
  private life: Life;
  /** Records that a kill may have taken along. */
  private atRisk = 0;

  constructor(
    private readonly plan: SpoolPlan,
    private readonly sabotage: SpoolSabotage,
  ) {
    const { seed, maxBytes, segmentBytes } = plan;
    const minFreeBytes = 0;
    const limits = { maxBytes, segmentBytes, minFreeBytes };
    this.machine = new Machine(this.files, limits);
    this.network = new Random(seed + 0x5eed);
    this.backoff = new Random(seed + 0xbac0ff);
    this.life = this.start(0);
  }

  async run(): Promise<Run> {
    const { clock, plan } = this;
    for (const call of plan.calls) {
      clock.after(call.at, () => this.life.application.make(call));
    }
    for (const { from, until } of plan.brokenDisk) {
      clock.after(from, () => (this.files.fault = brokenDisk));
      clock.after(until, () => (this.files.fault = () => undefined));
    }
    for (const { at, how } of plan.ends) {
      await this.runUntil(at);
      await this.end(how);
    }
    const lastCallAt = plan.calls.at(-1)?.at ?? 0;
    const mendedAt = plan.brokenDisk.at(-1)?.until ?? 0;
    await this.runUntil(Math.max(lastCallAt, plan.healsAt, mendedAt));
    await this.recover();
    await this.shutDown();
    this.checkFates();
    return this.result();
  }

  private start(records: number): Life {
    const { plan, breaches, fates, sabotage, machine, backoff } = this;
    const mortal = new Mortal();
    const clock = mortal.clock(this.clock);
    machine.wallNow = WALL_TIME + clock.now();
    const process = machine.startOn(clock, {}, mortal.files(this.files));
    const { network } = this;
    const server = new SimulatedServer(plan, clock, network, breaches, fates);
    const books = new SpooledBooks(plan, fates, breaches);
    const http = mortal.http(sabotage.http?.(server) ?? server);
    const transport = books.around(
      new LangfuseTransport(
        { timeoutMs: plan.timeoutMs, destination: DESTINATION, credentials },
        { clock, random: () => backoff.next(), http },
      ),
    );
    const disk = sabotage.spool?.(process.spool) ?? process.spool;
    const queue = new LangfuseQueue(
      sabotage.settings?.(plan.settings) ?? plan.settings,
      {
        transport: sabotage.transport?.(transport) ?? transport,
        logger: SILENT,
        clock,
        spool: { mode: plan.mode, disk },
      },
    );
    books.listenTo(queue);
    const holding = () => mortal.holding;
    const given = { plan, queue, books, clock, holding, breaches };
    const application = new Application(given);
    application.records = records;
    const kill = () => {
      mortal.isAlive = false;
      process.kill();
    };
    const life = { mortal, queue, books, application, server, kill };
    this.lives.push(life);
    return life;
  }

  /** Ends the process; the next one starts at once. */
  private async end(how: End): Promise<void> {
    const { queue, books, application } = this.life;
    if (how === 'shutdown') await this.shutDown();
    // What is sent has an end that nobody comes to know.
    const isOrderly = how === 'shutdown';
    const { queued, inFlight } = queue.stats();
    if (how === 'exit') this.exit();
    if (how === 'kill' && this.plan.mode === 'overflow') {
      this.atRisk += queued + inFlight;
    }
    const unsettled = [...books.unsettled()];
    const sent = isOrderly ? [] : [...books.sent()];
    if (this.plan.brokenDisk.length > 0) {
      // It may not have taken the notes of what was settled either.
      for (let i = 1; i <= application.records; i++) sent.push(i);
    }
    this.life.kill();
    this.fates.unsettled(unsettled);
    this.fates.orphaned(sent);
    this.life = this.start(application.records);
  }

  /** Nothing that is awaited comes to its end any more. */
  private exit(): void {
    const { application, queue, books } = this.life;
    application.shutdownState = 'done';
    queue.saveNow();
    books.end();
  }

  private async shutDown(): Promise<void> {
    const { application, queue } = this.life;
    const at = this.clock.now();
    application.make({ type: 'shutdown', at, timeoutMs: undefined });
    await this.runUntil(
      application.closesBy + 1,
      () => application.shutdownState === 'done',
    );
    this.life.books.compare(queue);
  }

  /** What waits must arrive, now that nothing is in its way. */
  private async recover(): Promise<void> {
    const { clock, breaches } = this;
    const isSettled = () => {
      const { queued, inFlight, spooled } = this.life.queue.stats();
      return queued + inFlight + spooled === 0;
    };
    // What a process has left may be taken over with the next heartbeat.
    await this.runUntil(clock.now() + 10_000);
    await this.runUntil(clock.now() + RECOVERY_MS, isSettled);
    breaches.check(
      isSettled() || breaches.found.length > 0,
      'I12',
      () => `at ${clock.now()} ms: ${JSON.stringify(this.life.queue.stats())}`,
    );
  }

  private async runUntil(
    until: number,
    isDone: () => boolean = () => false,
  ): Promise<void> {
    const { clock, breaches } = this;
    await settled();
    this.life.application.check();
    while (breaches.found.length === 0 && !isDone()) {
      if (!clock.fireNext(until)) return;
      await settled();
      this.life.application.check();
    }
  }

  /** What became of each record in the end. */
  private checkFates(): void {
    const { breaches, fates, life, lives } = this;
    let lost = 0;
    for (let number = 1; number <= life.application.records; number++) {
      const isSettled =
        fates.isAcknowledged(number) ||
        fates.isRefused(number) ||
        fates.isBad(number);
      if (!isSettled) lost += 1;
    }
    let told = 0;
    for (const { books } of lives) {
      for (const count of Object.values(books.lost)) told += count;
      told += books.counts().dropped.closed ?? 0;
    }
    const allowed = this.atRisk + told + this.mayLoseUntold();
    breaches.check(
      lost <= allowed || breaches.found.length > 0,
      'I9',
      () => `${lost} records were lost, and the queues told of ${told}`,
    );
  }

  /** A kill takes along what was in memory and the disk had no room for. */
  private mayLoseUntold(): number {
    return this.life.books.isExact ? 0 : Infinity;
  }

  private result(): Run {
    const { lives, plan, breaches, fates } = this;
    const sum = (of: (life: Life) => number) =>
      lives.reduce((total, life) => total + of(life), 0);
    return {
      plan,
      breaches: breaches.found,
      records: this.life.application.records,
      requests: sum(({ server }) => server.requests),
      faults: sum(({ server }) => server.faultsStruck),
      faultyReplies: sum(({ server }) => server.faultyReplies),
      delivered: sum(({ queue }) => queue.stats().delivered),
      duplicates: fates.duplicates,
      dropped: this.life.queue.stats().dropped,
    };
  }
}

/** Reading works on, as on a full disk. */
function brokenDisk(call: string): string | undefined {
  return ['open', 'write', 'makeFolder'].includes(call) ? 'ENOSPC' : undefined;
}
