/** `npm run bench`: runs the contenders in turn and says what they came to. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { differences } from './check/same-observations.js';
import { type BenchOptions, readCommandLine, USAGE } from './command-line.js';
import type { ContenderName } from './contenders/index.js';
import { nodeBinary } from './node-binary.js';
import { aimLines, gzipLines } from './report/aims.js';
import { plots } from './report/plots.js';
import { profileTables } from './report/profile-tables.js';
import { type Case, Results } from './report/results.js';
import { workloadTable } from './report/tables.js';
import { run } from './run.js';
import type { Compression } from './run-spec.js';
import { STEADY, WORKLOADS, type WorkloadName } from './workloads/index.js';

const RESULTS = fileURLToPath(new URL('../results/', import.meta.url));

try {
  const options = readCommandLine(process.argv.slice(2));
  mkdirSync(RESULTS, { recursive: true });
  if (options.profile) await profile(options, options.profile);
  else await compare(options);
} catch (error) {
  say(error instanceof Error ? error.message : String(error), '', USAGE);
  process.exitCode = 1;
}

async function compare(options: BenchOptions): Promise<void> {
  const different = await differences();
  say(
    different.length === 0
      ? 'All contenders send the same observations.'
      : `NOT THE SAME:\n${different.join('\n')}`,
  );
  const node = nodeBinary(options.node);
  const results = new Results();
  for (const { workload, compression } of plan(options)) {
    await measure(results, options, { workload, compression, node });
    say('', workloadTable(results, workload, compression));
  }
  say('', ...aimLines(results), ...gzipLines(results));
  save(options, results);
  for (const [file, svg] of plots(results)) {
    writeFileSync(`${RESULTS}${file}`, svg);
  }
  say('', `Results and plots: ${RESULTS}`);
}

/** Every workload without compression, the steady ones with it if wanted. */
function plan({ workloads, gzip }: BenchOptions): Omit<Case, 'contender'>[] {
  return workloads.flatMap((workload) => {
    const isSteady = STEADY.some((name) => name === workload);
    const compressions: Compression[] =
      gzip && isSteady ? ['none', 'gzip'] : ['none'];
    return compressions.map((compression) => ({ workload, compression }));
  });
}

/** Contenders in turn, and that several times, each time in another order. */
async function measure(
  results: Results,
  { contenders, rounds, quick }: BenchOptions,
  {
    workload,
    compression,
    node,
  }: Omit<Case, 'contender'> & { readonly node: string },
): Promise<void> {
  const all = WORKLOADS[workload].contenders.filter(
    (contender) =>
      contender === 'control' ||
      (contenders.includes(contender) && canDo(contender, compression)),
  );
  for (let round = 0; round < rounds; round++) {
    const first = round % all.length;
    for (const contender of [...all.slice(first), ...all.slice(0, first)]) {
      progress(
        `${workload} ${compression} ${round + 1}/${rounds} ${contender}`,
      );
      const spec = { workload, compression, contender, quick };
      const { metrics } = await run(spec, node);
      results.add({ ...spec, round, metrics });
    }
  }
  progress('');
}

/** The legacy client cannot compress. */
function canDo(contender: ContenderName, compression: Compression): boolean {
  return compression === 'none' || contender !== 'legacy';
}

async function profile(
  { contenders, node, quick }: BenchOptions,
  workload: WorkloadName,
): Promise<void> {
  const [only] = contenders.length === 1 ? contenders : [];
  const contender = only ?? 'ours';
  const profileTo = `${RESULTS}${workload}-${contender}.cpuprofile`;
  const spec = { workload, contender, compression: 'none', quick } as const;
  await run({ ...spec, profileTo }, nodeBinary(node));
  say(`${contender}, ${workload}: main thread, idle time left out`);
  for (const table of profileTables(profileTo)) say('', table);
  say('', profileTo);
}

function save({ quick, node }: BenchOptions, { runs }: Results): void {
  const about = {
    date: new Date().toISOString(),
    node: node ?? process.version,
    cpus: cpus().map(({ model }) => model),
    quick,
  };
  const json = JSON.stringify({ ...about, runs }, undefined, 1);
  writeFileSync(`${RESULTS}results.json`, json);
}

/** One line that is overwritten, for whoever sits in front of it. */
function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
}

function say(...lines: readonly string[]): void {
  process.stdout.write(`${lines.join('\n')}\n`);
}
