/** What a seed makes happen: settings, a schedule of calls, and faults. */
import type { LangfuseQueueSettings, LaneName } from '../../lib/queue/index.js';
import { Random } from './random.js';

/** A call of the application. */
export type Call =
  | {
      readonly type: 'enqueue';
      readonly at: number;
      readonly lane: LaneName;
      readonly count: number;
      readonly padding: number;
    }
  | { readonly type: 'flush'; readonly at: number; readonly timeoutMs?: number }
  | {
      readonly type: 'shutdown';
      readonly at: number;
      readonly timeoutMs?: number;
    };

/** The ways in which a server, or the way to it, can be at fault. */
export const FAULT_KINDS = [
  'refused',
  'timeout-lost',
  'timeout-taken',
  'reset-lost',
  'reset-taken',
  'stale-connection',
  'status',
  'slow',
  'too-large',
  'all-refused',
  'unauthorized',
  'not-found',
  'web-page',
  'redirect',
  'scores-5xx',
  'partial',
] as const;

/** Those that do not need a person to end. */
const PASSING_FAULTS = FAULT_KINDS.filter(
  (kind) => !/all-refused|unauthorized|not-found|web-page|redirect/.test(kind),
);

/** One of {@link FAULT_KINDS}. */
export type FaultKind = (typeof FAULT_KINDS)[number];

/** What a `Retry-After` header says, and what must be made of it. */
export interface RetryAfter {
  readonly header: string;
  readonly ms: number;
}

/** A fault that begins, ends, and strikes what is sent in between. */
export interface Fault {
  readonly kind: FaultKind;
  readonly from: number;
  readonly until: number;
  /** It strikes so many requests at most. */
  readonly hits: number;
  readonly lane: LaneName | 'both';
  readonly status: number;
  readonly retryAfter: RetryAfter | undefined;
  readonly latencyMs: number;
  /** The largest body that a server with `too-large` takes. */
  readonly bodyBytes: number;
}

/** All that a run depends on. */
export interface Plan {
  readonly seed: number;
  readonly settings: LangfuseQueueSettings;
  readonly timeoutMs: number;
  readonly latencyMs: number;
  /** Every such record is bad; 0 for none. */
  readonly poisonEvery: number;
  /** Whether a bad score is named in a 207, or refuses the request. */
  readonly poisonedScores: '207' | '400';
  readonly calls: readonly Call[];
  readonly faults: readonly Fault[];
  /** From here on the server is well. */
  readonly healsAt: number;
}

/** The answer's own `Date`, for `Retry-After` with a date. */
export const SERVER_DATE = 'Mon, 05 Jan 2026 10:00:00 GMT';

const MAX_RETRY_AFTER_MS = 15 * 60_000;

/** The plan of a seed. */
export function planOf(seed: number): Plan {
  const random = new Random(seed);
  const horizon = random.scaled(60_000, 3_600_000);
  const settings = settingsAtRandom(random);
  const ownFaults = random.pick([0, 20, 30, 40, 50, 50]);
  const faults = Array.from({ length: ownFaults }, () =>
    faultAtRandom(random, horizon),
  );
  // What refuses everything leaves nothing to any other fault, or the library
  // would have to doubt what it has already seen to work.
  faults.sort((a, b) => rank(a) - rank(b));
  const calls = callsAtRandom(random, horizon);
  return {
    seed,
    settings,
    timeoutMs: random.pick([500, 3_000, 30_000]),
    latencyMs: random.pick([1, 20, 200]),
    poisonEvery: random.chance(0.3) ? random.integer(2, 400) : 0,
    poisonedScores: random.chance(0.7) ? '207' : '400',
    calls,
    faults,
    healsAt: faults.reduce((last, { until }) => Math.max(last, until), 0),
  };
}

function rank({ kind }: Fault): number {
  return kind === 'all-refused' ? 0 : 1;
}

function settingsAtRandom(random: Random): LangfuseQueueSettings {
  const small = random.chance(0.25);
  return {
    flushAt: random.pick([1, 5, 20, 20, 50, 50, 100, 100, 512, 512]),
    flushInterval: random.pick([0.05, 0.5, 1, 5]),
    maxBatchBytes: random.chance(0.3) ? random.scaled(1024, 20_000) : 3_500_000,
    maxQueueSize: small ? random.scaled(10, 1_000) : 100_000,
    maxQueueBytes: random.chance(0.15)
      ? random.scaled(2_000, 50_000)
      : 64 * 1024 * 1024,
    maxConcurrency: random.pick([1, 2, 4, 8]),
    exportMode: random.chance(0.1) ? 'immediate' : 'batched',
    overflow: random.chance(0.3) ? 'drop-newest' : 'drop-oldest',
    flushTimeoutMs: random.pick([0, 100, 10_000, 60_000]),
    shutdownTimeoutMs: random.pick([0, 50, 5_000, 60_000]),
  };
}

function callsAtRandom(random: Random, horizon: number): Call[] {
  const calls: Call[] = [];
  const bursts = random.integer(40, 120);
  const large = random.chance(0.25);
  for (let i = 0; i < bursts; i++) {
    calls.push({
      type: 'enqueue',
      at: random.integer(0, horizon),
      lane: random.chance(0.65) ? 'spans' : 'scores',
      count: random.scaled(1, 70),
      padding: large && random.chance(0.3) ? random.scaled(20, 1_500) : 0,
    });
  }
  // Also together, at the same instant, and with a burst.
  const flushes = random.integer(0, 6);
  for (let i = 0; i < flushes; i++) {
    const at = random.chance(0.5)
      ? random.pick(calls).at
      : random.integer(0, horizon);
    const timeoutMs = random.pick([undefined, 0, 1, 2_000, 120_000]);
    calls.push({
      type: 'flush',
      at,
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
    });
  }
  if (random.chance(0.3)) {
    const shutdowns = random.integer(1, 2);
    const at = random.integer(horizon * 0.6, horizon);
    for (let i = 0; i < shutdowns; i++) {
      const timeoutMs = random.pick([undefined, 0, 300, 20_000]);
      const call = {
        type: 'shutdown',
        at: at + random.pick([0, 0, 10, 4_000]),
      } as const;
      calls.push(timeoutMs === undefined ? call : { ...call, timeoutMs });
    }
  }
  return calls.toSorted((a, b) => a.at - b.at);
}

function faultAtRandom(random: Random, horizon: number): Fault {
  const kind = random.chance(0.85)
    ? random.pick(PASSING_FAULTS)
    : random.pick(FAULT_KINDS);
  const from = random.integer(0, horizon);
  // One 400 about nothing cannot be told from one about the record.
  const isShot = kind !== 'all-refused' && random.chance(0.8);
  const lasts = random.scaled(100, horizon / 10);
  return {
    kind,
    from: kind === 'all-refused' ? 0 : from,
    until: isShot ? horizon : from + lasts,
    hits: isShot ? random.integer(1, 3) : Infinity,
    lane: random.pick(['both', 'both', 'spans', 'scores']),
    status: random.pick([500, 502, 503, 503, 504, 429, 429, 408, 507]),
    retryAfter: retryAfterAtRandom(random),
    latencyMs: random.scaled(50, 60_000),
    bodyBytes: random.scaled(600, 20_000),
  };
}

function retryAfterAtRandom(random: Random): RetryAfter | undefined {
  const seconds = random.integer(0, 90);
  const ms = seconds * 1000;
  switch (random.integer(0, 7)) {
    case 0:
    case 1:
      return { header: `${seconds}`, ms };
    case 2: {
      const date = new Date(Date.parse(SERVER_DATE) + ms);
      return { header: date.toUTCString(), ms };
    }
    case 3:
      return { header: random.pick(['soon', '', '-', 'NaN', '1e3']), ms: 0 };
    case 4:
      return { header: `-${seconds}`, ms: 0 };
    case 5:
      return {
        header: '9'.repeat(random.integer(5, 30)),
        ms: MAX_RETRY_AFTER_MS,
      };
    default:
      return undefined;
  }
}
