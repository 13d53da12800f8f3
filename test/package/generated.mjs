// Applications as `nest new` makes them, with the runner that they come with:
// Jest on CommonJS for Nest 11, Vitest on ES modules for Nest 12.
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { installed, npm, run } from './application.mjs';

const SPEC = join(import.meta.dirname, 'generated/langfuse.ts');

/** @returns folder of an application, with a spec that imports us */
export function generate(work, major, tarball) {
  const folder = join(work, `nest-new-${major}`);
  mkdirSync(folder);
  const cli = ['--yes', '-p', `@nestjs/cli@${major}`, 'nest', 'new', 'app'];
  const options = ['--skip-git', '--skip-install', '-p', 'npm'];
  run('npx', [...cli, ...options], folder);
  const app = join(folder, 'app');
  npm(['install', tarball], app);
  copyFileSync(SPEC, join(app, 'src/langfuse.spec.ts'));
  return app;
}

/** @returns what it ran with */
export function testAndCheck(app) {
  const { scripts } = JSON.parse(
    readFileSync(join(app, 'package.json'), 'utf8'),
  );
  run('npm', ['test'], app);
  run('npx', ['tsc', '--noEmit'], app);
  const runner = scripts.test.split(' ')[0];
  return versions(app, '@nestjs/core', runner, 'typescript');
}

/** The application of Nest 12 under Jest's ES modules. */
export function testWithJest(app) {
  npm(
    ['install', '--save-dev', 'jest@30', 'ts-jest@29', '@types/jest@30'],
    app,
  );
  writeFileSync(
    join(app, 'jest.config.mjs'),
    `export default {
      extensionsToTreatAsEsm: ['.ts'],
      moduleNameMapper: { '^(\\\\.{1,2}/.*)\\\\.js$': '$1' },
      rootDir: 'src',
      transform: { '\\\\.ts$': ['ts-jest', { useESM: true, diagnostics: false }] },
    };\n`,
  );
  const jest = 'node_modules/jest/bin/jest.js';
  run('node', ['--experimental-vm-modules', jest], app);
  return versions(app, '@nestjs/core', 'jest', 'ts-jest');
}

function versions(app, ...names) {
  return names.map((name) => `${name} ${installed(app, name)}`).join(', ');
}
