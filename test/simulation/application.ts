/** The application of a run: it makes the calls and checks what they promise. */
import type {
  Clock,
  DeadlineOptions,
  FlushResult,
  LaneName,
  LangfuseQueue,
} from '../../lib/queue/index.js';
import type { RunBooks } from './checks/books.js';
import type { Breaches } from './checks/breaches.js';
import { type Counts, countsSince, isSameCounts } from './checks/counts.js';
import type { Call } from './plan/call.js';
import type { Plan } from './plan/plan.js';
import { makeRecord } from './server/simulated-records.js';

/** How late `shutdown()` may be. */
const SHUTDOWN_SLACK_MS = 250;

/** What the application of a run works with. */
export interface ApplicationDependencies {
  readonly plan: Plan;
  readonly queue: LangfuseQueue;
  readonly books: RunBooks;
  readonly clock: Clock;
  /** Timers that would keep the process alive. */
  readonly holding: () => number;
  readonly breaches: Breaches;
}

/** Makes the calls of a plan. */
export class Application {
  /** Records enqueued up to now. */
  records = 0;
  /** How far the shutdown is. */
  shutdownState: 'none' | 'under way' | 'done' = 'none';
  /** When the shutdown has to be over. */
  closesBy = Infinity;
  /** When each flush under way has to be over. */
  private readonly flushesBy = new Set<{ readonly at: number }>();
  /** Calls that have not resolved. */
  private waiting = 0;

  constructor(private readonly given: ApplicationDependencies) {}

  make(call: Call): void {
    switch (call.type) {
      case 'enqueue':
        return this.enqueue(call.lane, call.count, call.padding);
      case 'flush':
        return void this.flush(call.timeoutMs);
      case 'shutdown':
        return void this.shutdown(call.timeoutMs);
    }
  }

  /** What has to hold at any instant. */
  check(): void {
    const { breaches, clock, queue, books, holding } = this.given;
    const now = clock.now();
    if (this.shutdownState !== 'under way') books.compare(queue);
    breaches.check(
      this.shutdownState !== 'under way' || now <= this.closesBy,
      'I11',
      () => `shutdown() has not resolved by ${now} ms`,
    );
    for (const { at } of this.flushesBy) {
      breaches.check(
        now <= at,
        'I5',
        () => `flush() has not resolved by ${now} ms, but was to by ${at}`,
      );
    }
    breaches.check(
      this.waiting > 0 || holding() === 0,
      'I13',
      () => `${holding()} timers hold the process at ${now} ms`,
    );
  }

  private enqueue(lane: LaneName, count: number, padding: number): void {
    const { queue, books, breaches } = this.given;
    for (let i = 0; i < count; i++) {
      this.records += 1;
      const record = makeRecord(lane, this.records, padding, books.memory);
      books.enqueue(record, this.shutdownState !== 'none');
      try {
        queue.enqueue(record);
      } catch (error) {
        breaches.check(false, 'I8', () => `enqueue() threw: ${error}`);
      }
    }
  }

  private async flush(timeoutMs: number | undefined): Promise<void> {
    const { clock, breaches, books, queue, plan } = this.given;
    const startedAt = clock.now();
    const allowedMs = timeoutMs ?? plan.settings.flushTimeoutMs;
    const pendingNow = books.watermark();
    const before = books.counts();
    const isOpen = this.shutdownState === 'none';
    const by = { at: isOpen ? startedAt + allowedMs : Infinity };
    this.flushesBy.add(by);
    const result = await this.outcome('I5', queue.flush(options(timeoutMs)));
    this.flushesBy.delete(by);
    // One that a shutdown overtakes has its counts checked by the shutdown.
    if (!result || !this.isOpen) return;
    const pending = pendingNow();
    const tookMs = clock.now() - startedAt;
    breaches.check(
      (books.isExact
        ? result.pending === pending
        : result.pending <= pending) &&
        result.timedOut === result.pending > 0 &&
        result.durationMs === tookMs &&
        (!result.timedOut || tookMs === allowedMs),
      'I5',
      () =>
        `flush() of ${startedAt} ms said ${JSON.stringify(result)} ` +
        `after ${tookMs} ms with ${pending} pending`,
    );
    this.checkCounts('I5', result, before);
  }

  private async shutdown(timeoutMs: number | undefined): Promise<void> {
    const { clock, breaches, books, queue, plan } = this.given;
    const startedAt = clock.now();
    const isFirst = this.isOpen;
    if (isFirst) {
      const allowedMs = timeoutMs ?? plan.settings.shutdownTimeoutMs;
      this.shutdownState = 'under way';
      this.closesBy = startedAt + allowedMs + SHUTDOWN_SLACK_MS;
    }
    const before = books.counts();
    const closing = queue.shutdown(options(timeoutMs));
    const result = await this.outcome('I11', closing);
    if (!result || !isFirst) return;
    books.close();
    this.shutdownState = 'done';
    const stats = queue.stats();
    const { queued, inFlight, bytes } = stats;
    breaches.check(
      clock.now() <= this.closesBy &&
        result.pending === 0 &&
        queued === 0 &&
        inFlight === 0 &&
        bytes === 0,
      'I11',
      () =>
        `shutdown() of ${startedAt} ms said ${JSON.stringify(result)} ` +
        `at ${clock.now()} ms: ${JSON.stringify(stats)}`,
    );
    this.checkCounts('I11', result, before);
  }

  /** A getter, since it changes while something else is awaited. */
  private get isOpen(): boolean {
    return this.shutdownState === 'none';
  }

  /** Waits for a call, which must not reject. */
  private async outcome(
    invariant: string,
    call: Promise<FlushResult>,
  ): Promise<FlushResult | undefined> {
    this.waiting += 1;
    try {
      return await call;
    } catch (error) {
      this.given.breaches.check(false, invariant, () => `rejected: ${error}`);
      return undefined;
    } finally {
      this.waiting -= 1;
    }
  }

  private checkCounts(
    invariant: string,
    result: FlushResult,
    before: Counts,
  ): void {
    const came = countsSince(this.given.books.counts(), before);
    this.given.breaches.check(
      result.delivered === came.delivered &&
        isSameCounts(result.dropped, came.dropped),
      invariant,
      () => `said ${JSON.stringify(result)}, was ${JSON.stringify(came)}`,
    );
  }
}

function options(timeoutMs: number | undefined): DeadlineOptions {
  return timeoutMs === undefined ? {} : { timeoutMs };
}
