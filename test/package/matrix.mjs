// The packed package on each supported Node and Nest, from ESM and CommonJS.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createApplication, npm, pack, run, Steps } from './application.mjs';

const NODES = ['20', '22', '24'];
const NESTS = {
  11: {
    '@nestjs/common': '^11.0.0',
    '@nestjs/core': '^11.0.0',
    '@nestjs/platform-express': '^11.0.0',
  },
  12: {},
};

const work = mkdtempSync(join(tmpdir(), 'nestjs-langfuse-'));
const steps = new Steps();

/** Node's binaries come as npm packages, one for each platform. */
function installNode(major) {
  const name = `node-${process.platform}-${process.arch}`;
  const folder = join(work, `node-${major}`);
  mkdirSync(folder);
  npm(['init', '-y'], folder);
  npm(['install', `${name}@${major}`], folder);
  return join(folder, 'node_modules', name, 'bin', 'node');
}

try {
  const tarball = pack(work);
  const nodes = NODES.map((major) => [major, installNode(major)]);
  for (const [nest, versions] of Object.entries(NESTS)) {
    const app = join(work, `nest-${nest}`);
    createApplication(app, versions);
    npm(['install', tarball], app);
    for (const [major, node] of nodes) {
      const version = run(node, ['--version'], app).trim();
      if (!version.startsWith(`v${major}.`)) throw new Error(version);
      for (const file of ['app.mjs', 'app.cjs']) {
        steps.step(`Nest ${nest}, Node ${version}, ${file}`, () => {
          run(node, [file], app);
        });
      }
    }
  }
} finally {
  rmSync(work, { recursive: true, force: true });
}
steps.close();
