// The packed package on each supported Node and Nest, from ESM and CommonJS: a
// traced call, and requests over Express, Fastify and a microservice.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createApplication, npm, pack, run, Steps } from './application.mjs';

const NODES = ['20', '22', '24'];
const NESTS = { 11: '^11.0.0', 12: undefined };
const TRANSPORTS = ['@nestjs/microservices', '@nestjs/platform-fastify'];
const FIXTURES = ['app.mjs', 'app.cjs', 'requests.mjs', 'requests.cjs'];

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
  for (const [major, nest] of Object.entries(NESTS)) {
    const app = join(work, `nest-${major}`);
    createApplication(app, { names: TRANSPORTS, nest });
    npm(['install', tarball], app);
    for (const [line, node] of nodes) {
      const version = run(node, ['--version'], app).trim();
      if (!version.startsWith(`v${line}.`)) throw new Error(version);
      for (const file of FIXTURES) {
        steps.step(`Nest ${major}, Node ${version}, ${file}`, () => {
          run(node, [file], app);
        });
      }
    }
  }
} finally {
  rmSync(work, { recursive: true, force: true });
}
steps.close();
