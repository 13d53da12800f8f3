import { describe, expect, it } from 'vitest';
import { describeFailure } from './describe-failure.js';
import { simulateLives } from './lives.js';
import { outage } from './outage.js';
import { planOf } from './plan/plan.js';
import { spoolPlanOf } from './plan/spool-plan.js';
import { poisoned, refusedAltogether } from './poison.js';
import { PLANTED_BUGS } from './sabotage.js';
import { type Run, simulate } from './simulate.js';
import { PLANTED_SPOOL_BUGS } from './spool-sabotage.js';

const LONG_MS = 60_000;

const SEEDS = 300;

describe('the queue on its transport', () => {
  it(
    `keeps all its promises in ${SEEDS} simulated lives`,
    async () => {
      for (let seed = 0; seed < SEEDS; seed++) {
        const run = await simulate(planOf(seed));
        if (run.breaches.length > 0) expect.fail(describeFailure(run));
      }
    },
    LONG_MS,
  );
});

describe('processes that follow each other on one spool', () => {
  it(
    `lose nothing that the disk has taken, in ${SEEDS / 3} simulated runs`,
    async () => {
      for (let seed = 0; seed < SEEDS; seed++) {
        const plan = spoolPlanOf(seed);
        const run = plan && (await simulateLives(plan));
        if (run && run.breaches.length > 0) expect.fail(describeFailure(run));
      }
    },
    LONG_MS,
  );
});

describe('an outage at 100 observations a second, with default options', () => {
  const sizes = [
    { name: 'of 60 s', lastsMs: 60_000, seeds: 60, mean: 10, worst: 15 },
    { name: 'of 5 min', lastsMs: 300_000, seeds: 15, mean: 25, worst: 35 },
  ];
  it.each(sizes)(
    '$name costs few requests and no record',
    async ({ lastsMs, seeds, mean, worst }) => {
      const requests: number[] = [];
      for (let seed = 0; seed < seeds; seed++) {
        const { requestsWhileDown, lost } = await outage(seed, lastsMs);
        expect({ seed, lost }).toEqual({ seed, lost: 0 });
        requests.push(requestsWhileDown);
      }
      const total = requests.reduce((sum, each) => sum + each, 0);
      expect(total / seeds).toBeLessThanOrEqual(mean);
      expect(Math.max(...requests)).toBeLessThanOrEqual(worst);
    },
    LONG_MS,
  );
});

describe('a 400', () => {
  const seeds = Array.from({ length: 200 }, (_, seed) => seed);

  it('for bad records in a batch drops them alone, with few requests', async () => {
    for (const seed of seeds) {
      const { batch, bad, requests, allowed, ...came } = await poisoned(seed);
      expect({ seed, ...came }).toEqual({
        seed,
        delivered: batch - bad,
        rejected: bad,
      });
      expect(requests, `seed ${seed}`).toBeLessThanOrEqual(allowed);
    }
  });

  it('for everything holds the data until it ends, with few requests', async () => {
    for (const seed of seeds) {
      const { batch, requests, ...came } = await refusedAltogether(seed);
      expect({ seed, ...came }).toEqual({
        seed,
        delivered: 0,
        rejected: 0,
        deliveredLater: batch,
      });
      // Down to a single record at most, and the question about it.
      const allowed = 2 + Math.ceil(Math.log2(batch));
      expect(requests, `seed ${seed}`).toBeLessThanOrEqual(allowed);
    }
  });
});

describe('the simulator', () => {
  it('does the same twice', async () => {
    for (let seed = 0; seed < 20; seed++) {
      const first = await simulate(planOf(seed));
      expect(await simulate(planOf(seed))).toEqual(first);
      const plan = spoolPlanOf(seed);
      if (!plan) continue;
      const lives = await simulateLives(plan);
      expect(await simulateLives(plan)).toEqual(lives);
    }
  });

  it.each(PLANTED_BUGS)(
    'notices $bug',
    async ({ invariant, sabotage }) => {
      const run = (seed: number) => simulate(planOf(seed), sabotage);
      expect(await breached(invariant, 100, run)).toContain(invariant);
    },
    LONG_MS,
  );

  it.each(PLANTED_SPOOL_BUGS)(
    'notices $bug',
    async ({ invariant, sabotage }) => {
      const run = async (seed: number) => {
        const plan = spoolPlanOf(seed);
        return plan && simulateLives(plan, sabotage);
      };
      expect(await breached(invariant, 300, run)).toContain(invariant);
    },
    LONG_MS,
  );
});

/** The invariants that are breached up to that of `wanted`. */
async function breached(
  wanted: string,
  seeds: number,
  runOf: (seed: number) => Promise<Run | undefined>,
): Promise<string[]> {
  const found = new Set<string>();
  for (let seed = 0; seed < seeds && !found.has(wanted); seed++) {
    const { breaches = [] } = (await runOf(seed)) ?? {};
    for (const breach of breaches) found.add(breach.split(':')[0]!);
  }
  return [...found];
}
