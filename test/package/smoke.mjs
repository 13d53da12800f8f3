// Packs the package, installs the tarball into an empty Nest application, and
// uses it from there as a stranger would: from ESM, from CommonJS, from npx.
import { execFileSync } from 'node:child_process';
import {
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../..');
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const versions = manifest.devDependencies;
const work = mkdtempSync(join(tmpdir(), 'nestjs-langfuse-'));
let passed = 0;
let failed = 0;

function step(name, action) {
  try {
    const said = action();
    passed += 1;
    console.log(`ok    ${name}${said ? `: ${said}` : ''}`);
  } catch (error) {
    failed += 1;
    console.log(`FAIL  ${name}\n${error.stdout ?? ''}${error.stderr ?? error}`);
  }
}

function run(command, args, cwd) {
  return execFileSync(command, args, {
    cwd,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

const npm = (args, cwd) =>
  run('npm', [...args, '--no-audit', '--no-fund', '--loglevel=error'], cwd);

/** Number of packages and bytes below a `node_modules`. */
function weigh(folder) {
  let packages = 0;
  let bytes = 0;
  for (const file of readdirSync(folder, { recursive: true })) {
    const stat = statSync(join(folder, file));
    if (stat.isFile()) bytes += stat.size;
    if (/(^|node_modules\/)(@[^/]+\/)?[^/]+\/package\.json$/.test(file)) {
      packages += 1;
    }
  }
  return { packages, bytes };
}

try {
  const app = join(work, 'app');
  const modules = join(app, 'node_modules');
  let tarball = '';
  let before;

  step('npm pack', () => {
    tarball = npm(['pack', '--pack-destination', work, '--silent'], root)
      .trim()
      .split('\n')
      .at(-1);
    const files = run('tar', ['-tzf', join(work, tarball)], work).split('\n');
    const stray = files.filter(
      (file) =>
        file !== '' &&
        !/^package\/(dist\/.*\.(js|d\.ts)|package\.json|README\.md|CHANGELOG\.md|LICENSE)$/.test(
          file,
        ),
    );
    if (stray.length > 0) throw new Error(`stray files: ${stray.join(', ')}`);
    return `${files.length - 1} files, ${statSync(join(work, tarball)).size} bytes`;
  });

  step('publint', () => {
    run('npx', ['publint', '--strict', '--pack', 'npm'], root);
  });

  step('an empty Nest application', () => {
    cpSync(join(import.meta.dirname, 'fixtures'), app, { recursive: true });
    const dependencies = [
      '@nestjs/common',
      '@nestjs/core',
      '@nestjs/platform-express',
      'reflect-metadata',
      'rxjs',
    ];
    writeFileSync(
      join(app, 'package.json'),
      JSON.stringify({
        private: true,
        dependencies: Object.fromEntries(
          dependencies.map((name) => [name, versions[name]]),
        ),
      }),
    );
    npm(['install'], app);
    before = weigh(modules);
    return `${before.packages} packages`;
  });

  step('npm install of the tarball', () => {
    npm(['install', join(work, tarball)], app);
    const after = weigh(modules);
    const megabytes = (after.bytes - before.bytes) / 1e6;
    return `adds ${after.packages - before.packages} packages, ${megabytes.toFixed(2)} MB`;
  });

  step('from ESM', () => run('node', ['app.mjs'], app));
  step('from CommonJS', () => run('node', ['app.cjs'], app));
  step('npx nestjs-langfuse --help', () => {
    const help = run('npx', ['--no-install', 'nestjs-langfuse', '--help'], app);
    if (!help.includes('local')) throw new Error(`unexpected help:\n${help}`);
  });
  step('what an observation costs', () => `\n${run('node', ['cpu.mjs'], app)}`);
} finally {
  rmSync(work, { recursive: true, force: true });
}

console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
