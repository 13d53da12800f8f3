/** A scripted Langfuse behind a scripted network, and what it remembers. */
import type {
  Http,
  HttpFailure,
  HttpRequest,
  HttpResult,
  SendOptions,
} from '../../lib/deliver/http-client.js';
import type { LaneName } from '../../lib/queue/index.js';
import { Breaches } from './breaches.js';
import { DestinationWatch, type Meaning } from './destination-watch.js';
import { type Fault, type Plan, SERVER_DATE } from './plan.js';
import type { Random } from './random.js';
import { readRecords } from './simulated-records.js';
import type { VirtualClock } from './virtual-clock.js';

/** How an exchange goes on: when, with what, and what the server did. */
interface Reply {
  readonly afterMs: number;
  readonly result: HttpResult;
  readonly meaning: Meaning;
  /** Records that the server stores when the request arrives. */
  readonly taken: readonly number[];
  /** Records of which the answer says that they will never be stored. */
  readonly refused: readonly number[];
}

/** What the server, which sees all, knows of one record. */
interface Seen {
  taken: number;
  acknowledged: boolean;
  refused: boolean;
  /** It may be called rejected: nobody could have told that it is good. */
  suspect: boolean;
  /** The last request with it ended without an answer. */
  unknown: boolean;
}

/** The server and the network of one run. */
export class SimulatedServer implements Http {
  requests = 0;
  faults = 0;
  /** Records that were sent after their last request had no known end. */
  resentAfterUnknown = 0;
  duplicates = 0;
  isClosed = false;
  private readonly seen = new Map<number, Seen>();
  private readonly hits = new Map<Fault, number>();
  private readonly struck = new Set<Fault>();
  private readonly stale = new Set<HttpRequest>();
  private readonly watch: DestinationWatch;

  constructor(
    private readonly plan: Plan,
    private readonly clock: VirtualClock,
    private readonly random: Random,
    private readonly breaches: Breaches,
  ) {
    this.watch = new DestinationWatch(
      plan.settings.maxConcurrency,
      clock,
      breaches,
    );
  }

  /** Scheduled faults that struck at least one request. */
  get faultsMet(): number {
    return this.struck.size;
  }

  seenOf(number: number): Readonly<Seen> {
    return this.entry(number);
  }

  isPoison(number: number): boolean {
    const { poisonEvery } = this.plan;
    return poisonEvery > 0 && number % poisonEvery === 0;
  }

  send(request: HttpRequest, options: SendOptions): Promise<HttpResult> {
    if (options.signal.aborted) return Promise.resolve(ABORTED);
    this.breaches.check(
      !this.isClosed,
      'I11',
      () => `a request after shutdown, at ${this.clock.now()} ms`,
    );
    const lane = request.url.pathname.endsWith('/traces') ? 'spans' : 'scores';
    const numbers = readRecords(lane, request.body);
    this.requests += 1;
    for (const number of numbers) this.noteSent(number);
    const exchange = this.watch.begin(
      lane,
      numbers.length > 0,
      this.stale.has(request),
    );
    const bytes = Number(request.headers['content-length']);
    const coming = this.inTime(
      this.reply(lane, numbers, bytes, request),
      options.timeoutMs,
    );
    for (const number of coming.taken) this.take(number);
    return new Promise((resolve) => {
      const end = (result: HttpResult, meaning: Meaning) => {
        timer.cancel();
        options.signal.removeEventListener('abort', abort);
        exchange.end(meaning);
        resolve(result);
      };
      const abort = () => end(ABORTED, { kind: 'aborted' });
      const timer = this.clock.after(coming.afterMs, () => {
        this.acknowledge(numbers, coming);
        end(coming.result, coming.meaning);
      });
      options.signal.addEventListener('abort', abort);
    });
  }

  close(): void {
    this.isClosed = true;
  }

  private reply(
    lane: LaneName,
    numbers: readonly number[],
    bytes: number,
    request: HttpRequest,
  ): Reply {
    const fault = this.faultFor(lane, numbers.length, bytes);
    // What is sent again at once goes over a new connection.
    const isFresh = this.stale.delete(request);
    if (fault?.kind === 'stale-connection') {
      if (isFresh) return this.wellReply(lane, numbers);
      this.stale.add(request);
    }
    if (!fault) return this.wellReply(lane, numbers);
    this.faults += 1;
    this.struck.add(fault);
    return this.faultReply(fault, lane, numbers);
  }

  private faultFor(
    lane: LaneName,
    count: number,
    bytes: number,
  ): Fault | undefined {
    const now = this.clock.now();
    for (const fault of this.plan.faults) {
      if (now < fault.from || now >= fault.until) continue;
      if (fault.lane !== 'both' && fault.lane !== lane) continue;
      if (!concerns(fault, lane, count, bytes)) continue;
      const hits = this.hits.get(fault) ?? 0;
      if (hits >= fault.hits) continue;
      this.hits.set(fault, hits + 1);
      return fault;
    }
    return undefined;
  }

  private faultReply(
    fault: Fault,
    lane: LaneName,
    numbers: readonly number[],
  ): Reply {
    const afterMs = this.latency();
    const broken = (code: string, mayHaveArrived: boolean, isTaken = false) =>
      reply({
        afterMs: code === 'TIMEOUT' ? Infinity : afterMs,
        result: failure(code, mayHaveArrived),
        meaning: { kind: 'destination', unknown: mayHaveArrived, waitMs: 0 },
        // What is not valid is not stored either.
        taken: isTaken ? this.wellReply(lane, numbers).taken : [],
      });
    const config = (status: number, headers = {}) =>
      reply({
        afterMs,
        result: answer(status, '', headers),
        meaning: { kind: 'destination', unknown: false, waitMs: 0 },
      });
    switch (fault.kind) {
      case 'refused':
        return broken('ECONNREFUSED', false);
      case 'timeout-lost':
        return broken('TIMEOUT', this.random.chance(0.5));
      case 'timeout-taken':
        return broken('TIMEOUT', true, true);
      case 'reset-lost':
        return broken('ECONNRESET', true);
      case 'reset-taken':
        return broken('ECONNRESET', true, true);
      case 'stale-connection': {
        const unknown = this.random.chance(0.5);
        const result = failure('ECONNRESET', unknown);
        return reply({
          afterMs,
          result: { ...result, onStaleConnection: true },
          meaning: { kind: 'stale', unknown },
          taken: unknown ? this.wellReply(lane, numbers).taken : [],
        });
      }
      case 'status':
        return reply({
          afterMs,
          result: answer(fault.status, 'unwell', {
            date: SERVER_DATE,
            ...(fault.retryAfter && { 'retry-after': fault.retryAfter.header }),
          }),
          meaning: {
            kind: 'destination',
            unknown: false,
            waitMs: fault.retryAfter?.ms ?? 0,
          },
        });
      case 'slow':
        return { ...this.wellReply(lane, numbers), afterMs: fault.latencyMs };
      case 'too-large':
        return reply({
          afterMs,
          result: answer(413, 'too large'),
          meaning: { kind: 'decided' },
        });
      case 'all-refused':
        // If it ends before the library can ask, the record seems at fault.
        if (numbers.length === 1 && this.isEnding(fault)) {
          this.entry(numbers[0]!).suspect = true;
        }
        return reply({
          afterMs,
          result: answer(400, 'no'),
          meaning: { kind: numbers.length === 0 ? 'lane' : 'decided' },
        });
      case 'unauthorized':
        return config(this.random.pick([401, 403]));
      case 'not-found':
        return reply({
          afterMs,
          result: answer(404, ''),
          meaning: { kind: 'lane' },
        });
      case 'web-page':
        return config(200, { 'content-type': 'text/html; charset=utf-8' });
      case 'redirect':
        return config(302, { location: 'https://elsewhere.invalid/login' });
      case 'scores-5xx':
        return this.scoresReply(numbers, () => this.random.chance(0.3));
      case 'partial':
        return this.partialReply(numbers);
    }
  }

  private isEnding({ until }: Fault): boolean {
    const { latencyMs, timeoutMs } = this.plan;
    return until - this.clock.now() < 3 * latencyMs + timeoutMs;
  }

  private wellReply(lane: LaneName, numbers: readonly number[]): Reply {
    const isBad = numbers.some((number) => this.isPoison(number));
    if (lane === 'scores' && (!isBad || this.plan.poisonedScores === '207')) {
      return this.scoresReply(numbers, () => false);
    }
    if (isBad) {
      return reply({
        afterMs: this.latency(),
        result: answer(400, 'bad record'),
        meaning: { kind: 'decided' },
        refused: numbers.length === 1 ? numbers : [],
      });
    }
    return reply({
      afterMs: this.latency(),
      result: answer(200, '{}'),
      meaning: { kind: numbers.length === 0 ? 'probe-taken' : 'decided' },
      taken: numbers,
    });
  }

  private scoresReply(
    numbers: readonly number[],
    failsNow: () => boolean,
  ): Reply {
    const taken: number[] = [];
    const refused: number[] = [];
    const errors: { id: string; status: number }[] = [];
    let again = 0;
    for (const number of numbers) {
      if (failsNow()) {
        errors.push({ id: `${number}`, status: 500 });
        again += 1;
      } else if (this.isPoison(number)) {
        errors.push({ id: `${number}`, status: 400 });
        refused.push(number);
      } else {
        taken.push(number);
      }
    }
    const body = JSON.stringify({ successes: [], errors });
    const decided = numbers.length === 0 ? 'probe-taken' : 'decided';
    return reply({
      afterMs: this.latency(),
      result: answer(207, body),
      meaning: again > 0 ? { kind: 'lane' } : { kind: decided },
      taken,
      refused,
    });
  }

  /** A collector on the way that leaves out some, without saying which. */
  private partialReply(numbers: readonly number[]): Reply {
    const refused = numbers.slice(0, this.random.integer(1, numbers.length));
    const rejectedSpans = `${refused.length}`;
    return reply({
      afterMs: this.latency(),
      result: answer(
        200,
        JSON.stringify({ partialSuccess: { rejectedSpans } }),
      ),
      meaning: { kind: 'decided' },
      taken: numbers.slice(refused.length),
      refused,
    });
  }

  /** What takes longer than the request may is cut off by the client. */
  private inTime(given: Reply, timeoutMs: number): Reply {
    if (given.afterMs < timeoutMs) return given;
    const { result } = given;
    const mayHaveArrived = result.kind === 'answer' || result.mayHaveArrived;
    return {
      ...given,
      afterMs: timeoutMs,
      result: failure('TIMEOUT', mayHaveArrived),
      meaning: { kind: 'destination', unknown: mayHaveArrived, waitMs: 0 },
      refused: [],
    };
  }

  private latency(): number {
    return this.plan.latencyMs * (0.5 + this.random.next());
  }

  private entry(number: number): Seen {
    let entry = this.seen.get(number);
    if (!entry) {
      entry = {
        taken: 0,
        acknowledged: false,
        refused: false,
        suspect: false,
        unknown: false,
      };
      this.seen.set(number, entry);
    }
    return entry;
  }

  private noteSent(number: number): void {
    const entry = this.entry(number);
    if (entry.unknown) this.resentAfterUnknown += 1;
    entry.unknown = false;
    this.breaches.check(
      !entry.acknowledged && !entry.refused,
      'I4',
      () => `record ${number} was sent again after its answer`,
    );
  }

  private take(number: number): void {
    const entry = this.entry(number);
    entry.taken += 1;
    if (entry.taken > 1) this.duplicates += 1;
  }

  /** The client gets the answer: from here on it knows. */
  private acknowledge(numbers: readonly number[], given: Reply): void {
    const { result, meaning } = given;
    const isUnknown = 'unknown' in meaning && meaning.unknown;
    if (isUnknown) {
      for (const number of numbers) this.entry(number).unknown = true;
    }
    if (result.kind === 'failure') return;
    for (const number of given.taken) this.entry(number).acknowledged = true;
    for (const number of given.refused) this.entry(number).refused = true;
  }
}

const ABORTED = failure('ABORTED', true);

/** Whether a fault can be met by such a request at all. */
function concerns(
  { kind, bodyBytes }: Fault,
  lane: LaneName,
  count: number,
  bytes: number,
): boolean {
  switch (kind) {
    case 'too-large':
      return bytes > bodyBytes;
    case 'scores-5xx':
      return lane === 'scores' && count > 0;
    case 'partial':
      return lane === 'spans' && count > 0;
    default:
      return true;
  }
}

function reply(
  given: Pick<Reply, 'afterMs' | 'result' | 'meaning'> & Partial<Reply>,
): Reply {
  return { taken: [], refused: [], ...given };
}

function answer(status: number, body: string, headers = {}): HttpResult {
  return { kind: 'answer', status, headers, body: Buffer.from(body) };
}

function failure(code: string, mayHaveArrived: boolean): HttpFailure {
  return {
    kind: 'failure',
    code,
    message: code,
    mayHaveArrived,
    onStaleConnection: false,
  };
}
