// Runs the samples that have a package of their own, each as its file `NN.mjs`
// in this folder describes. `node test/samples/run.mjs 02 05` runs some of them.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../package/application.mjs';
import { checkSample } from './check-sample.mjs';
import { Workspace } from './workspace.mjs';

const wanted = process.argv.slice(2);
const folders = readdirSync(join(root, 'sample'))
  .filter((folder) => existsSync(join(root, 'sample', folder, 'package.json')))
  .filter((folder) => wanted.length === 0 || wanted.includes(numberOf(folder)))
  .toSorted();
const counts = { passed: 0, failed: 0, skipped: 0 };
const workspace = new Workspace();

function numberOf(folder) {
  return folder.slice(0, 2);
}

function print(line) {
  process.stdout.write(`${line}\n`);
}

/** @returns how it went, in a line */
async function run(folder) {
  const { sample } = await import(`./${numberOf(folder)}.mjs`);
  const around = (await sample.prepare?.()) ?? { env: {} };
  if (around.skipped) {
    counts.skipped += 1;
    return `skip  ${folder}: ${around.skipped}`;
  }
  try {
    const installed = workspace.install(folder);
    const { said, skipped } = await checkSample(sample, installed, around.env);
    counts.passed += 1;
    if (skipped === undefined) return `ok    ${folder}: ${said}`;
    counts.skipped += 1;
    return `ok    ${folder}: ${said}; skipped: ${skipped}`;
  } finally {
    await around.close?.();
  }
}

// Ends what was started, and removes what was made.
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => process.exit(1));
}
process.once('exit', () => workspace.remove());

for (const folder of folders) {
  try {
    print(await run(folder));
  } catch (error) {
    counts.failed += 1;
    const said = `${error.stdout ?? ''}${error.stderr ?? ''}`;
    print(`FAIL  ${folder}\n${said || error.stack}`);
  }
}
const { passed, failed, skipped } = counts;
const rest = skipped > 0 ? `, ${skipped} skipped` : '';
print(`${passed} passed, ${failed} failed${rest}`);
process.exitCode = failed > 0 || passed + skipped === 0 ? 1 : 0;
