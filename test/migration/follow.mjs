// Follows docs/migrating.md to the letter: an empty Nest application a guide,
// its commands, its files, a run, and the trace in the local receiver.
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { execFile } from 'node:child_process';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { startLangfuseLocal } from 'nestjs-langfuse/local';
import {
  createApplication,
  npm,
  pack,
  root,
  Steps,
} from '../package/application.mjs';
import { readGuides } from './guides.mjs';

const typescript = join(root, 'node_modules/typescript/bin/tsc');
const given = join(import.meta.dirname, 'application');
const markdown = readFileSync(join(root, 'docs/migrating.md'), 'utf8');

const work = mkdtempSync(join(tmpdir(), 'nestjs-langfuse-migration-'));
const empty = join(work, 'empty');
const steps = new Steps();

/** `npm install nestjs-langfuse` takes the package of this folder. */
function follow({ command, file, content }, app, tarball) {
  if (file) {
    mkdirSync(dirname(join(app, file)), { recursive: true });
    writeFileSync(join(app, file), content);
    return;
  }
  const [program, ...args] = command.split(' ');
  if (program !== 'npm') throw new Error(`not followed: ${command}`);
  npm(
    args.map((arg) => (arg === 'nestjs-langfuse' ? tarball : arg)),
    app,
  );
}

// The receiver is in this process: nothing may block it.
const node = (args, cwd, env = {}) =>
  promisify(execFile)(process.execPath, args, {
    cwd,
    env: { ...process.env, ...env },
    timeout: 60_000,
  });

function treeOf(observations) {
  const below = (parentId, indent) =>
    observations
      .filter(({ parentObservationId }) => parentObservationId === parentId)
      .toSorted((a, b) => a.name.localeCompare(b.name))
      .map(
        ({ id, type, name }) =>
          `${indent}${type} ${name}\n${below(id, `${indent}  `)}`,
      )
      .join('');
  return below(null, '');
}

async function migrate({ steps: todo, trace }, app, tarball) {
  cpSync(empty, app, { recursive: true, verbatimSymlinks: true });
  for (const step of todo) follow(step, app, tarball);
  await node([typescript, '-p', '.'], app);
  const local = await startLangfuseLocal();
  try {
    const { stderr } = await node(['main.mjs'], app, {
      LANGFUSE_BASE_URL: local.url,
      LANGFUSE_PUBLIC_KEY: local.publicKey,
      LANGFUSE_SECRET_KEY: local.secretKey,
    });
    if (stderr) throw new Error(`the application wrote:\n${stderr}`);
    const arrived = treeOf(local.observations());
    if (arrived !== trace) {
      throw new Error(`the guide shows:\n${trace}\narrived:\n${arrived}`);
    }
  } finally {
    await local.close();
  }
}

try {
  let tarball = '';
  steps.step('an empty Nest application', () => {
    tarball = pack(work);
    cpSync(given, empty, { recursive: true });
    createApplication(empty);
    const path = join(empty, 'package.json');
    const manifest = JSON.parse(readFileSync(path, 'utf8'));
    writeFileSync(path, JSON.stringify({ ...manifest, type: 'module' }));
  });
  for (const [index, guide] of readGuides(markdown).entries()) {
    const app = join(work, `guide-${index}`);
    await steps.stepAsync(guide.title, () => migrate(guide, app, tarball));
  }
} finally {
  rmSync(work, { recursive: true, force: true });
}
steps.close();
