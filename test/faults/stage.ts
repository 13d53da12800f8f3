/** Where a row plays: a queue with its clock, a server, and what is noted. */
import { randomUUID } from 'node:crypto';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import {
  setImmediate as nextTurn,
  setTimeout as wait,
} from 'node:timers/promises';
import type {
  FlushResult,
  LangfuseModuleOptions,
  LangfuseQueue,
  LangfuseService,
  QueueStats,
} from '../../lib/index.js';
import { createRuntime } from '../../lib/langfuse.runtime.js';
import { resolveOptions } from '../../lib/options/index.js';
import { audit, PUBLIC_KEY, SECRET_KEY } from './audit.js';
import { clockInUse } from './clock-in-use.js';
import { FaultServer } from './fault-server.js';
import { HurriedClock } from './hurried-clock.js';
import { type Row, type RowResult, sum } from './row.js';

const DEFAULT_SPEED = 20;
/** The default of the option. */
const MAX_QUEUE_BYTES = 64 * 1024 * 1024;
/** Real milliseconds by which a call may pass its deadline. */
const GRACE_MS = 250;
/** Real milliseconds after which a call counts as never returning. */
const NEVER_MS = 5_000;

const KEYS = { publicKey: PUBLIC_KEY, secretKey: SECRET_KEY };

/** One row's queue, server and notes; checks each call that it makes. */
export class Stage {
  readonly server = new FaultServer();
  readonly clock: HurriedClock;
  /** `level: message`, as logged. */
  readonly log: string[] = [];
  readonly failures: string[] = [];
  private readonly startedAt = performance.now();
  private readonly recordedIds = new Set<string>();
  private closed = false;
  private foreign: ForeignBooks | undefined;
  private runtime:
    { queue: LangfuseQueue; service: LangfuseService } | undefined;

  constructor(private readonly row: Row) {
    this.clock = new HurriedClock(row.speed ?? DEFAULT_SPEED);
  }

  /** What was recorded, in order. */
  get ids(): readonly string[] {
    return [...this.recordedIds];
  }

  /** Pauses between an answer and the next request, in the row's seconds. */
  get pauses(): number[] {
    const { exchanges } = this.server;
    return exchanges.slice(1).map(({ at }, i) => {
      const real = at - (exchanges[i]?.answeredAt ?? at);
      return (real * this.clock.speed) / 1_000;
    });
  }

  get queue(): LangfuseQueue {
    return this.start().queue;
  }

  get service(): LangfuseService {
    return this.start().service;
  }

  /** Makes the queue; else the first use does, with the server's address. */
  start(options: LangfuseModuleOptions = {}) {
    if (this.runtime) return this.runtime;
    const write = (level: string) => (message: string) =>
      void this.log.push(`${level}: ${message}`);
    clockInUse.current = this.clock;
    try {
      this.runtime = createRuntime(
        resolveOptions(
          {
            ...(options.credentials ? {} : KEYS),
            baseUrl: this.server.url,
            ...this.row.options,
            ...options,
          },
          {},
        ),
        { log: write('log'), warn: write('warn'), error: write('error') },
      );
    } finally {
      clockInUse.current = undefined;
    }
    return this.runtime;
  }

  /** Another process did the work: its books count, its queue has ended. */
  adopt({ ids, stats, log }: ForeignBooks): void {
    for (const id of ids) this.recordedIds.add(id);
    this.foreign = { ids, stats, log };
  }

  /** Records observations, one after the other, within this turn. */
  spans(count: number, { name = 'work', input }: SpanParts = {}): void {
    for (let i = 0; i < count; i++) {
      const observation = this.service.startObservation(name, { input });
      this.recordedIds.add(observation.id);
      observation.end();
    }
  }

  scores(count: number, name = 'helpful'): void {
    for (let i = 0; i < count; i++) {
      const id = randomUUID();
      const traceId = 'a'.repeat(32);
      this.recordedIds.add(id);
      this.service.createScore({ id, traceId, name, value: 1 });
    }
  }

  /** Records evenly, `perSecond` for so many seconds of the row's clock. */
  async load(perSecond: number, seconds: number): Promise<void> {
    const from = this.clock.now();
    const total = perSecond * seconds;
    let count = 0;
    while (count < total) {
      const elapsed = (this.clock.now() - from) / 1_000;
      const due = Math.min(total, Math.ceil(elapsed * perSecond));
      this.spans(due - count);
      count = due;
      const { bytes } = this.queue.stats();
      if (bytes > MAX_QUEUE_BYTES) this.check(false, `${bytes} bytes held`);
      await wait(5);
    }
  }

  /** Waits so long on the row's clock. */
  async seconds(seconds: number): Promise<void> {
    await wait(this.clock.real(seconds * 1_000));
  }

  /** Waits until it is true; a failure when it is not in time. */
  async until(
    what: string,
    isTrue: () => boolean,
    seconds = 120,
  ): Promise<void> {
    const deadline = this.clock.now() + seconds * 1_000;
    while (!isTrue()) {
      if (this.clock.now() > deadline) return this.check(false, what);
      await wait(2);
    }
  }

  /** Sends what is there, until the client has noticed that it cannot. */
  async failing(): Promise<void> {
    void this.queue.flush();
    await this.until('no failure was logged', () => this.log.length > 0);
  }

  check(isTrue: boolean, what: string): void {
    if (!isTrue) this.failures.push(what);
  }

  /** `flush()`, which must return in time with the truth. */
  async flush(seconds: number): Promise<FlushResult | undefined> {
    const result = await this.returns('flush', seconds, () =>
      this.queue.flush({ timeoutMs: seconds * 1_000 }),
    );
    if (result?.timedOut === false) {
      this.check(result.pending === 0, 'flush: done, yet something is pending');
      const { queued, inFlight, delivered } = this.queue.stats();
      const { size } = this.server.truth.acknowledged;
      this.check(
        queued + inFlight > 0 || delivered === size,
        `flush: done, ${delivered} delivered, but the server has ${size}`,
      );
    }
    return result;
  }

  /** A flush that must not be able to deliver, and must say so. */
  async flushInVain(seconds = 1): Promise<void> {
    const result = await this.flush(seconds);
    if (!result) return;
    const { timedOut, pending } = result;
    const { queued, inFlight } = this.queue.stats();
    this.check(timedOut, 'flush did not say that it ran out of time');
    this.check(
      pending === queued + inFlight && pending > 0,
      `flush says ${pending} pending, stats ${queued + inFlight}`,
    );
  }

  /** A flush that must deliver all that is there. */
  async flushAll(seconds = 600): Promise<void> {
    const result = await this.flush(seconds);
    if (!result) return;
    this.check(
      !result.timedOut,
      `not settled within ${seconds} s: ${result.pending} pending`,
    );
  }

  /** `shutdown()`, which must return in time with the truth. */
  async shutdown(seconds: number): Promise<FlushResult | undefined> {
    this.closed = true;
    const before = this.queue.stats();
    const result = await this.returns('shutdown', seconds, () =>
      this.queue.shutdown({ timeoutMs: seconds * 1_000 }),
    );
    const after = this.queue.stats();
    if (!result) return undefined;
    this.check(
      result.delivered === after.delivered - before.delivered &&
        sum(result.dropped) === sum(after.dropped) - sum(before.dropped),
      `shutdown reports ${JSON.stringify(result)}, stats differ`,
    );
    return result;
  }

  /** Ends the row: shuts down, and holds the books against the server's. */
  async finish(): Promise<RowResult> {
    if (!this.foreign && !this.closed) await this.shutdown(5);
    const { server, row, recordedIds } = this;
    const stats = this.foreign?.stats ?? this.queue.stats();
    const log = this.foreign?.log ?? this.log.join('\n');
    const { length: requests } = server.exchanges;
    this.failures.push(
      ...audit(row.expected, { stats, log, recordedIds, truth: server.truth }),
    );
    // What the server is about to read.
    await nextTurn();
    await server.close();
    const late = server.exchanges.length - requests;
    this.check(late === 0, `${late} requests after shutdown`);
    return {
      row,
      recorded: recordedIds.size,
      delivered: server.truth.acknowledged.size,
      duplicates: server.truth.duplicates,
      dropped: stats.dropped,
      requests,
      tries: stats.requests,
      seconds: (performance.now() - this.startedAt) / 1_000,
      failures: this.failures,
    };
  }

  private async returns<T>(
    name: string,
    seconds: number,
    call: () => Promise<T>,
  ): Promise<T | undefined> {
    const startedAt = performance.now();
    const deadline = this.clock.real(seconds * 1_000);
    // Other rows keep the process busy, which no deadline can help.
    const lag = monitorEventLoopDelay({ resolution: 10 });
    lag.enable();
    const never = new AbortController();
    try {
      const result = await Promise.race([
        call(),
        wait(deadline + NEVER_MS, undefined, never),
      ]);
      const took = performance.now() - startedAt;
      const allowed = deadline + GRACE_MS + lag.max / 1e6;
      this.check(
        took <= allowed,
        `${name}: ${Math.round(took)} ms, at most ${Math.round(allowed)} expected`,
      );
      return result;
    } catch (error) {
      this.check(false, `${name} rejected: ${String(error)}`);
      return undefined;
    } finally {
      never.abort();
      lag.disable();
    }
  }
}

/** The queue of another process, after its end. */
export interface ForeignBooks {
  readonly ids: readonly string[];
  readonly stats: QueueStats;
  readonly log: string;
}

/** What the observations of a load have in common. */
export interface SpanParts {
  readonly name?: string;
  readonly input?: unknown;
}
