/** The ways in which a server, or the way to it, can be at fault. */
import type { LaneName } from '../../../lib/queue/index.js';
import type { Random } from './random.js';

/** Those that pass by themselves. */
const PASSING_FAULTS = [
  'refused',
  'timeout-lost',
  'timeout-taken',
  'reset-lost',
  'reset-taken',
  'stale-connection',
  'status',
  'slow',
  'too-large',
  'scores-5xx',
  'partial',
] as const;

/** Those that a person has to end. */
const LASTING_FAULTS = [
  'all-refused',
  'unauthorized',
  'not-found',
  'web-page',
  'redirect',
] as const;

/** What a fault is. */
export type FaultKind =
  (typeof PASSING_FAULTS)[number] | (typeof LASTING_FAULTS)[number];

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

/** The answer's own `Date`, for `Retry-After` with a date. */
export const SERVER_DATE = 'Mon, 05 Jan 2026 10:00:00 GMT';

const MAX_RETRY_AFTER_MS = 15 * 60_000;

/** A fault that begins before `horizon`. */
export function faultAtRandom(random: Random, horizon: number): Fault {
  const isPassing = random.chance(0.88);
  const kind = random.pick(isPassing ? PASSING_FAULTS : LASTING_FAULTS);
  const from = random.integer(0, horizon);
  const isShot = random.chance(0.8);
  return {
    kind,
    from,
    until: isShot ? horizon : from + random.scaled(100, horizon / 10),
    hits: isShot ? random.pick([1, 1, 1, 2, 3]) : Infinity,
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
