// Breaks the library on purpose, one line at a time, and shows that the
// simulator or a test notices: `npm run mutants -- [--only PART] [--jobs N]`.
//
// - `--only PART`: mutants of files whose name has PART in it, or whose
//   description has.
// - `--jobs N` (default 2): so many mutants at once, each in a copy of its own.
// - `--list`: says what they are, and runs nothing.
//
// Ends with an error when a mutant survives that is not listed as equivalent,
// when one that is listed so gets noticed after all, and when a line has
// changed that a mutant wants to break.
import { parseArgs } from 'node:util';
import { deliverMutants } from './deliver.mjs';
import { queueMutants } from './queue.mjs';
import { table } from './table.mjs';
import { Workshop } from './workshop.mjs';

/** After the specs of the mutant's own file: most mutants never see these. */
const ALL_SPECS = ['test/queue/', 'test/deliver/', 'test/delivery/'];

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    jobs: { type: 'string', default: '2' },
    list: { type: 'boolean', default: false },
  },
});

const mutants = [...queueMutants, ...deliverMutants]
  .flatMap(({ mutants: ofFile, ...about }) =>
    ofFile.map((mutant) => ({ ...about, ...mutant })),
  )
  .filter(({ file, breaks }) =>
    [file, breaks].some((text) => text.includes(values.only)),
  );
const results = [];

if (values.list) {
  for (const mutant of mutants) say(mutant, diffOf(mutant));
} else {
  await judgeAll();
  const unexpected = results.filter(({ isExpected }) => !isExpected);
  process.stdout.write(`\n${table(results)}\n`);
  for (const { mutant, verdict } of unexpected) say(mutant, verdict);
  if (unexpected.length > 0) process.exitCode = 1;
}

async function judgeAll() {
  const waiting = [...mutants];
  const specs = new Set(mutants.flatMap((mutant) => mutant.specs));
  const first = new Workshop();
  const others = Array.from(
    { length: Math.min(Number(values.jobs), mutants.length) - 1 },
    () => new Workshop(),
  );
  try {
    await first.build();
    const { came, limits } = await first.measure({
      own: [...specs],
      all: ALL_SPECS,
    });
    process.stdout.write(
      `without a mutant: simulator ${seconds(came.simulator)}, ` +
        `tests ${seconds(came.all)}\n`,
    );
    await Promise.all(
      [first, ...others].map(async (workshop) => {
        if (workshop !== first) await workshop.build();
        workshop.useLimits(limits);
        for (let next = waiting.shift(); next; next = waiting.shift()) {
          results.push(await judge(workshop, next));
        }
      }),
    );
  } finally {
    for (const workshop of [first, ...others]) workshop.close();
  }
}

async function judge(workshop, mutant) {
  let noticed;
  const startedAt = performance.now();
  const problem = await workshop.plant(mutant, async () => {
    noticed = await whatNotices(workshop, mutant);
  });
  const ms = performance.now() - startedAt;
  const { equivalent } = mutant;
  const verdict = problem
    ? `DOES NOT FIT: ${problem}`
    : `${verdictOn(noticed, equivalent)} (${seconds({ ms })})`;
  const isExpected = !problem && Boolean(noticed) !== Boolean(equivalent);
  say(mutant, verdict);
  return { mutant, by: noticed?.by, verdict, isExpected };
}

function verdictOn(noticed, equivalent) {
  if (!noticed) {
    return equivalent ? `survives, equivalent: ${equivalent}` : 'SURVIVED';
  }
  const { by, hung } = noticed;
  const how = `noticed by the ${by}${hung ? ', which it hangs' : ''}`;
  return equivalent ? `LISTED AS EQUIVALENT, yet ${how}` : how;
}

/** Who notices what is planted, and whether by hanging. */
async function whatNotices(workshop, { simulated, specs }) {
  if (simulated) {
    const { ok, hung } = await workshop.simulate();
    if (!ok) return { by: 'simulator', hung };
  }
  for (const [kind, names] of [
    ['own', specs],
    ['all', ALL_SPECS],
  ]) {
    const { ok, hung } = await workshop.test(kind, names);
    if (!ok) return { by: 'tests', hung };
  }
  return undefined;
}

function diffOf({ from, to }) {
  const lines = (text, sign) =>
    text.split('\n').map((line) => `\n  ${sign} ${line.trim()}`);
  return [...lines(from, '-'), ...lines(to, '+')].join('');
}

function say({ file, breaks }, what) {
  process.stdout.write(`${file}: ${breaks}: ${what}\n`);
}

function seconds({ ms }) {
  return `${(ms / 1000).toFixed(1)} s`;
}
