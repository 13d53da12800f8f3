/**
 * Simulates many seeds and says what they came to. Exits with 1 on a breach. A
 * third of them run twice: without a spool, and as processes that follow each
 * other on one.
 *
 * - `--seeds N` (default 1000), `--from N` (default 0): which ones.
 * - `--jobs N` (default 1): in so many processes.
 * - `--keep-going`: past a breach.
 * - `--without KIND,KIND`: leaves out kinds of faults.
 * - `--outages N`: then N outages of each length.
 *
 * With `SEED=n` in the environment it replays that one.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { describeFailure } from './describe-failure.js';
import { simulateLives } from './lives.js';
import { outage } from './outage.js';
import { type Plan, planOf } from './plan/plan.js';
import { spoolPlanOf } from './plan/spool-plan.js';
import { simulate } from './simulate.js';
import { Totals } from './totals.js';

// Every ledger checks its balance after every transition.
process.env['NESTJS_LANGFUSE_AUDIT'] = '1';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1000' },
    from: { type: 'string', default: '0' },
    jobs: { type: 'string', default: '1' },
    outages: { type: 'string', default: '0' },
    without: { type: 'string', default: '' },
    'keep-going': { type: 'boolean', default: false },
  },
});
const replayed = process.env['SEED'];
const from = Number(replayed ?? values.from);
const seeds = replayed === undefined ? Number(values.seeds) : 1;
const jobs = Math.min(Number(values.jobs), seeds);

// Each shutdown makes errors of which nobody reads the stack.
if (replayed === undefined) Error.stackTraceLimit = 0;

const startedAt = performance.now();
const totals = jobs > 1 ? await runInJobs() : await runHere();
if (totals.failed > 0) process.exitCode = 1;
if (process.send) {
  process.send(totals);
  process.disconnect();
} else {
  if (totals.seeds > 0) {
    say(totals.describe((performance.now() - startedAt) / 1000));
  }
  for (const lastsMs of [60_000, 300_000]) await tellOutages(lastsMs);
}

async function runHere(): Promise<Totals> {
  const sums = new Totals();
  let seed = from;
  process.on('uncaughtException', (error) => {
    say(`seed ${seed}: uncaught ${error.stack}`);
    process.exit(1);
  });
  for (; seed < from + seeds; seed++) {
    const spooled = spoolPlanOf(seed);
    const runs = [
      await simulate(planWithout(planOf(seed))),
      ...(spooled ? [await simulateLives(planWithout(spooled))] : []),
    ];
    for (const run of runs) sums.add(run);
    const failed = runs.filter(({ breaches }) => breaches.length > 0);
    for (const run of failed) say(describeFailure(run));
    if (failed.length > 0 && !values['keep-going']) break;
  }
  return sums;
}

/** Each job runs this file on its share of the seeds. */
async function runInJobs(): Promise<Totals> {
  const sums = new Totals();
  const share = Math.ceil(seeds / jobs);
  const runJob = async (job: number) => {
    const first = from + job * share;
    const count = Math.min(share, from + seeds - first);
    const flags = { seeds: count, from: first, jobs: 1, outages: 0 };
    // Of a flag that is given twice, the last one counts.
    const child = fork(import.meta.filename, [
      ...process.argv.slice(2),
      ...Object.entries(flags).map(([name, value]) => `--${name}=${value}`),
    ]);
    child.on('message', (message) => sums.addAll(message as Totals));
    const [code] = await once(child, 'close');
    if (code !== 0) process.exitCode = 1;
  };
  await Promise.all(Array.from({ length: jobs }, (_, job) => runJob(job)));
  return sums;
}

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

function planWithout<P extends Plan>(plan: P): P {
  const without = values.without.split(',');
  const faults = plan.faults.filter(({ kind }) => !without.includes(kind));
  return { ...plan, faults };
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
