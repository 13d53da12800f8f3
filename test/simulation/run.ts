/**
 * Simulates many seeds and says what they came to: `--seeds N` (default 1000),
 * `--from N` (default 0), `--keep-going` past a breach, `--without KIND,KIND` to
 * leave out faults, `--outages N` for as many outages of each length. With
 * `SEED=n` in the environment it replays that one.
 */
import { parseArgs } from 'node:util';
import { describeFailure } from './describe-failure.js';
import { outage } from './outage.js';
import { type Plan, planOf } from './plan.js';
import { simulate } from './simulate.js';

// Every ledger checks its balance after every transition.
process.env['NESTJS_LANGFUSE_AUDIT'] = '1';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1000' },
    from: { type: 'string', default: '0' },
    outages: { type: 'string', default: '0' },
    without: { type: 'string', default: '' },
    'keep-going': { type: 'boolean', default: false },
  },
});
const replayed = process.env['SEED'];
const from = Number(replayed ?? values.from);
const seeds = replayed === undefined ? Number(values.seeds) : 1;

let current = from;
process.on('uncaughtException', (error) => {
  say(`seed ${current}: uncaught ${error.stack}`);
  process.exit(1);
});

const totals = {
  records: 0,
  requests: 0,
  faults: 0,
  faultyAnswers: 0,
  duplicates: 0,
};
let failed = 0;
let done = 0;
const startedAt = performance.now();
for (; current < from + seeds; current++) {
  const run = await simulate(planWithout(planOf(current)));
  done += 1;
  for (const key of Object.keys(totals) as (keyof typeof totals)[]) {
    totals[key] += run[key];
  }
  if (run.breaches.length === 0) continue;
  failed += 1;
  say(describeFailure(run));
  process.exitCode = 1;
  if (!values['keep-going']) break;
}
const seconds = (performance.now() - startedAt) / 1000;
const perSeed = Object.entries(totals)
  .map(([name, total]) => `${name} ${(total / done).toFixed(1)}`)
  .join(', ');
if (done > 0)
  say(
    `${done} seeds in ${seconds.toFixed(1)} s (${(done / seconds).toFixed(0)} a second), ` +
      `${failed} with a breach; a seed on average: ${perSeed}`,
  );

for (const lastsMs of [60_000, 300_000]) await tellOutages(lastsMs);

async function tellOutages(lastsMs: number): Promise<void> {
  const count = Number(values.outages);
  if (count === 0) return;
  let lost = 0;
  let requests = 0;
  let worst = 0;
  for (let seed = 0; seed < count; seed++) {
    const came = await outage(seed, lastsMs);
    lost += came.lost;
    requests += came.requestsWhileDown;
    worst = Math.max(worst, came.requestsWhileDown);
  }
  say(
    `${count} outages of ${lastsMs / 1000} s: requests mean ` +
      `${(requests / count).toFixed(2)}, worst ${worst}; lost ${lost}`,
  );
  if (lost > 0) process.exitCode = 1;
}

function planWithout(plan: Plan): Plan {
  const without = values.without.split(',');
  const faults = plan.faults.filter(({ kind }) => !without.includes(kind));
  return { ...plan, faults };
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
