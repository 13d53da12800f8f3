// Builds dist/: the ES modules with their declarations, and in dist/cjs/ the
// same code as CommonJS. It is built beside dist/ and then moved in file by
// file, so that what runs from there at that moment misses none.
import { execFile } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';

const root = resolve(import.meta.dirname, '..');
const dist = join(root, 'dist');
const staging = join(root, `.dist-${process.pid}`);
const cjs = join(staging, 'cjs');

async function compile(config, outDir) {
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const args = [tsc, '-p', join(root, config), '--outDir', outDir];
  await promisify(execFile)(process.execPath, args);
}

function filesIn(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .toSorted();
}

/** Declarations mean what the nearest package.json says, so they are the same. */
function describeCommonJs(esm) {
  const compiled = new Set(filesIn(cjs));
  for (const file of esm.filter((name) => /\.d\.c?ts$/.test(name))) {
    if (!compiled.has(file.replace(/\.d\.(c?)ts$/, '.$1js'))) continue;
    copyFileSync(join(staging, file), join(cjs, file));
  }
  writeFileSync(join(cjs, 'package.json'), '{ "type": "commonjs" }\n');
}

function moveIn() {
  const built = filesIn(staging);
  for (const file of built) {
    mkdirSync(dirname(join(dist, file)), { recursive: true });
    renameSync(join(staging, file), join(dist, file));
  }
  const current = new Set(built);
  for (const file of filesIn(dist).filter((name) => !current.has(name))) {
    // Another build may have been faster.
    rmSync(join(dist, file), { force: true });
  }
}

try {
  mkdirSync(cjs, { recursive: true });
  await Promise.all([
    compile('tsconfig.build.json', staging),
    compile('tsconfig.cjs.json', cjs),
  ]);
  describeCommonJs(filesIn(staging).filter((file) => !file.startsWith('cjs/')));
  moveIn();
} catch (error) {
  process.stderr.write(`${error.stdout || error.stack}\n`);
  process.exitCode = 1;
} finally {
  rmSync(staging, { recursive: true, force: true });
}
