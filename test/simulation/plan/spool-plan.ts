/** What a seed makes happen to processes that follow each other on one disk. */
import type { QueueSpool } from '../../../lib/queue/index.js';
import { type Plan, planOf } from './plan.js';
import { Random } from './random.js';

/** Bytes of a disk that no run fills. */
export const AMPLE_BYTES = 2 ** 28;

/** How a process ends. */
export type End =
  /** As `kill -9` does it. */
  | 'kill'
  /** As `process.exit()` does it. */
  | 'exit'
  | 'shutdown';

/** All that the lives of a run depend on. */
export interface SpoolPlan extends Plan {
  readonly mode: QueueSpool['mode'];
  readonly segmentBytes: number;
  /** Bytes on the disk, at most. */
  readonly maxBytes: number;
  /** The end of each process but the last one; the next starts at once. */
  readonly ends: readonly { readonly at: number; readonly how: End }[];
  /** The disk takes nothing in between. */
  readonly brokenDisk: readonly {
    readonly from: number;
    readonly until: number;
  }[];
}

/** A third of all seeds have a spool. */
export function spoolPlanOf(seed: number): SpoolPlan | undefined {
  if (seed % 3 !== 0) return undefined;
  const plan = planOf(seed);
  const random = new Random(seed + 0x5b001);
  const horizon = Math.max(plan.healsAt, plan.calls.at(-1)?.at ?? 0);
  const atRandom = () => random.integer(0, horizon);
  const ends = Array.from({ length: random.integer(0, 4) }, () => ({
    // Often in the middle of something.
    at: random.chance(0.6) ? random.pick(plan.calls).at : atRandom(),
    how: random.pick<End>(['kill', 'kill', 'exit', 'shutdown']),
  }));
  const isBroken = random.chance(0.15);
  return {
    ...plan,
    // An end takes the place of the shutdowns of the plan.
    calls: plan.calls.filter(({ type }) => type !== 'shutdown'),
    settings: {
      ...plan.settings,
      ...(random.chance(0.6) ? tight(random) : {}),
    },
    mode: random.pick(['overflow', 'event']),
    segmentBytes: random.scaled(512, 65_536),
    maxBytes: random.chance(0.1) ? random.scaled(10_000, 100_000) : AMPLE_BYTES,
    ends: ends.toSorted((a, b) => a.at - b.at),
    brokenDisk: isBroken ? [breakAtRandom(random, horizon)] : [],
  };
}

/** Memory that a burst fills. */
function tight(random: Random): Partial<Plan['settings']> {
  return random.chance(0.5)
    ? { maxQueueSize: random.scaled(10, 500) }
    : { maxQueueBytes: random.scaled(2_000, 20_000) };
}

function breakAtRandom(random: Random, horizon: number) {
  const from = random.integer(0, horizon);
  return { from, until: from + random.scaled(1_000, horizon / 4) };
}
