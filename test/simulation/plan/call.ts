/** What the application of a run calls, and when. */
import type { LaneName } from '../../../lib/queue/index.js';
import type { Random } from './random.js';

/** A call of the application. */
export type Call =
  | {
      readonly type: 'enqueue';
      readonly at: number;
      readonly lane: LaneName;
      readonly count: number;
      /** Bytes that each record has beyond what it needs. */
      readonly padding: number;
    }
  | {
      readonly type: 'flush' | 'shutdown';
      readonly at: number;
      /** Without it the option holds. */
      readonly timeoutMs: number | undefined;
    };

/** The calls of a run up to `horizon`, in their order. */
export function callsAtRandom(random: Random, horizon: number): Call[] {
  const bursts = burstsAtRandom(random, horizon);
  const flushes = Array.from({ length: random.integer(0, 6) }, (): Call => {
    // Also together, at the same instant, and with a burst.
    const at = random.chance(0.5)
      ? random.pick(bursts).at
      : random.integer(0, horizon);
    const timeoutMs = random.pick([undefined, 0, 1, 2_000, 120_000]);
    return { type: 'flush', at, timeoutMs };
  });
  const shutdowns = random.chance(0.3)
    ? shutdownsAtRandom(random, horizon)
    : [];
  return [...bursts, ...flushes, ...shutdowns].toSorted((a, b) => a.at - b.at);
}

function burstsAtRandom(random: Random, horizon: number): Call[] {
  const isLarge = random.chance(0.25);
  return Array.from({ length: random.integer(30, 90) }, () => ({
    type: 'enqueue',
    at: random.integer(0, horizon),
    lane: random.chance(0.65) ? 'spans' : 'scores',
    count: random.scaled(1, 80),
    padding: isLarge && random.chance(0.3) ? random.scaled(20, 1_500) : 0,
  }));
}

function shutdownsAtRandom(random: Random, horizon: number): Call[] {
  const first = random.integer(horizon * 0.6, horizon);
  return Array.from({ length: random.integer(1, 2) }, () => ({
    type: 'shutdown',
    at: first + random.pick([0, 0, 10, 4_000]),
    timeoutMs: random.pick([undefined, 0, 300, 20_000]),
  }));
}
