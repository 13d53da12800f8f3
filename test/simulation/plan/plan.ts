/** What a seed makes happen: settings, a schedule of calls, and faults. */
import type { LangfuseQueueSettings } from '../../../lib/queue/index.js';
import { type Call, callsAtRandom } from './call.js';
import { type Fault, faultAtRandom } from './fault.js';
import { Random } from './random.js';

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

/** The plan of a seed. */
export function planOf(seed: number): Plan {
  const random = new Random(seed);
  const horizon = random.scaled(60_000, 3_600_000);
  const faults = Array.from({ length: random.pick([0, 20, 40, 50, 60]) }, () =>
    faultAtRandom(random, horizon),
  );
  return {
    seed,
    settings: settingsAtRandom(random),
    timeoutMs: random.pick([500, 3_000, 30_000]),
    latencyMs: random.pick([1, 20, 200]),
    poisonEvery: random.chance(0.3) ? random.integer(10, 400) : 0,
    poisonedScores: random.chance(0.7) ? '207' : '400',
    calls: callsAtRandom(random, horizon),
    faults,
    healsAt: faults.reduce((last, { until }) => Math.max(last, until), 0),
  };
}

function settingsAtRandom(random: Random): LangfuseQueueSettings {
  const isSmall = random.chance(0.25);
  return {
    // One record a request takes as long as thirty other seeds.
    flushAt: random.chance(0.02)
      ? 1
      : random.pick([10, 30, 50, 100, 100, 100, 512, 512, 512]),
    flushInterval: random.pick([0.05, 0.5, 1, 5]),
    maxBatchBytes: random.chance(0.3) ? random.scaled(1024, 20_000) : 3_500_000,
    maxQueueSize: isSmall ? random.scaled(10, 1_000) : 100_000,
    maxQueueBytes: random.chance(0.15)
      ? random.scaled(2_000, 50_000)
      : 64 * 1024 * 1024,
    maxConcurrency: random.pick([1, 2, 4, 8]),
    exportMode: random.chance(0.07) ? 'immediate' : 'batched',
    overflow: random.chance(0.3) ? 'drop-newest' : 'drop-oldest',
    flushTimeoutMs: random.pick([0, 100, 10_000, 60_000]),
    shutdownTimeoutMs: random.pick([0, 50, 5_000, 60_000]),
  };
}
