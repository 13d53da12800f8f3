// The packed package where applications have it: on each supported Node and
// Nest, over Express and Fastify, from ESM and CommonJS; under each TypeScript;
// and in the applications that `nest new` makes.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createApplication,
  installed,
  npm,
  pack,
  run,
  Steps,
} from './application.mjs';
import { COMPILERS, compileConsumer, installCompiler } from './consumers.mjs';
import { generate, testAndCheck, testWithJest } from './generated.mjs';
import { Table } from './table.mjs';

const NODES = ['20', '22', '24'];
const NESTS = { 11: '^11.0.0', 12: undefined };
const PACKAGES = [
  '@nestjs/config',
  '@nestjs/microservices',
  '@nestjs/platform-fastify',
  '@types/node',
];
/** Of packages whose versions are not those of Nest. */
const VERSIONS = { 11: { '@nestjs/config': '^4.0.0' }, 12: {} };

/** What Node runs in an application. */
const PROGRAMS = {
  ESM: ['app.mjs'],
  'Express, ESM': ['requests.mjs', 'express'],
  'Fastify, ESM': ['requests.mjs', 'fastify'],
  CommonJS: ['app.cjs'],
  'Express, CommonJS': ['requests.cjs', 'express'],
  'Fastify, CommonJS': ['requests.cjs', 'fastify'],
  'CommonJS copy': ['copy.cjs'],
  'both in a process': ['copies.cjs'],
};

/** Where Node cannot require ES modules, as on AWS Lambda; so not with Nest 12. */
const WITHOUT_REQUIRE_ESM = {
  'without require(esm)': ['app.cjs'],
  'both, without it': ['copies.cjs'],
};

const work = mkdtempSync(join(tmpdir(), 'nestjs-langfuse-'));
const steps = new Steps();
const programs = new Table('Node and Nest');
const compilers = new Table('TypeScript');
const generated = new Table('nest new');

/** Node's binaries come as npm packages, one for each platform. */
function installNode(major) {
  const name = `node-${process.platform}-${process.arch}`;
  const folder = join(work, `node-${major}`);
  mkdirSync(folder);
  npm(['init', '-y'], folder);
  npm(['install', `${name}@${major}`], folder);
  const node = join(folder, 'node_modules', name, 'bin', 'node');
  const version = run(node, ['--version'], folder).trim();
  if (!version.startsWith(`v${major}.`)) throw new Error(version);
  return { node, version };
}

function check(table, row, column, action) {
  table.set(row, column, steps.step(`${row}, ${column}`, action));
}

function runPrograms(app, nest, { node, version }) {
  const row = `Nest ${nest}, Node ${version}`;
  for (const [name, args] of Object.entries(PROGRAMS)) {
    check(programs, row, name, () => run(node, args, app).trim());
  }
  if (nest.startsWith('12.')) return;
  const flag = '--no-experimental-require-module';
  for (const [name, args] of Object.entries(WITHOUT_REQUIRE_ESM)) {
    check(programs, row, name, () => run(node, [flag, ...args], app).trim());
  }
}

function compileAll(app, nest, { tsc, version, ways }) {
  const row = `TypeScript ${version}, Nest ${nest}`;
  for (const [name, how] of Object.entries(ways)) {
    check(compilers, row, name, () => compileConsumer(app, tsc, how));
  }
}

try {
  const tarball = pack(work);
  const nodes = NODES.map(installNode);
  const typescripts = COMPILERS.map(([version, ways]) => ({
    ...installCompiler(work, version),
    ways,
  }));
  for (const [major, range] of Object.entries(NESTS)) {
    const app = join(work, `nest-${major}`);
    createApplication(app, {
      names: PACKAGES,
      nest: range,
      versions: VERSIONS[major],
    });
    npm(['install', tarball], app);
    const nest = installed(app, '@nestjs/core');
    for (const node of nodes) runPrograms(app, nest, node);
    for (const typescript of typescripts) compileAll(app, nest, typescript);
  }
  for (const major of Object.keys(NESTS)) {
    const row = `nest new of Nest ${major}`;
    let app;
    check(generated, row, 'as it comes', () => {
      app = generate(work, major, tarball);
      return testAndCheck(app);
    });
    if (app && major === '12') {
      check(generated, row, 'Jest, ES modules', () => testWithJest(app));
    }
  }
} finally {
  rmSync(work, { recursive: true, force: true });
}
for (const table of [programs, compilers, generated]) table.print();
steps.close();
