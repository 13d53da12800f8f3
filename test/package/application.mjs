// Makes the package's tarball and empty Nest applications to install it into.
import { execFileSync } from 'node:child_process';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export const root = join(import.meta.dirname, '../..');

const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

/** What every Nest application has; `platform-express` as `nest new` adds it. */
const DEPENDENCIES = [
  '@nestjs/common',
  '@nestjs/core',
  '@nestjs/platform-express',
  'reflect-metadata',
  'rxjs',
];

export function run(command, args, cwd) {
  return execFileSync(command, args, {
    cwd,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

export function npm(args, cwd) {
  const quiet = ['--no-audit', '--no-fund', '--loglevel=error'];
  return run('npm', [...args, ...quiet], cwd);
}

/** @returns path of the tarball */
export function pack(folder) {
  const said = npm(['pack', '--pack-destination', folder, '--silent'], root);
  return join(folder, said.trim().split('\n').at(-1));
}

/**
 * An application with the fixtures of this folder, installed but without us.
 *
 * @param names of packages beside those that every application has
 * @param nest version of Nest's packages; default: those that we test with
 * @param versions of packages that do not follow it
 */
export function createApplication(
  folder,
  { names = [], nest, versions = {} } = {},
) {
  cpSync(join(import.meta.dirname, 'fixtures'), folder, { recursive: true });
  const versionOf = (name) =>
    versions[name] ??
    ((name.startsWith('@nestjs/') && nest) || manifest.devDependencies[name]);
  const dependencies = Object.fromEntries(
    [...DEPENDENCIES, ...names].map((name) => [name, versionOf(name)]),
  );
  const text = JSON.stringify({ private: true, dependencies });
  writeFileSync(join(folder, 'package.json'), text);
  npm(['install'], folder);
}

/** Version of a package that an application has. */
export function installed(folder, name) {
  const path = join(folder, 'node_modules', name, 'package.json');
  return JSON.parse(readFileSync(path, 'utf8')).version;
}

/** Runs named steps, prints each, and counts. */
export class Steps {
  passed = 0;
  failed = 0;

  /** @returns whether it passed */
  step(name, action) {
    const before = this.passed;
    try {
      this.#pass(name, action());
    } catch (error) {
      this.#fail(name, error);
    }
    return this.passed > before;
  }

  async stepAsync(name, action) {
    try {
      this.#pass(name, await action());
    } catch (error) {
      this.#fail(name, error);
    }
  }

  #pass(name, said) {
    this.passed += 1;
    console.log(`ok    ${name}${said ? `: ${said}` : ''}`);
  }

  #fail(name, error) {
    this.failed += 1;
    const output = `${error.stdout ?? ''}${error.stderr ?? ''}`;
    console.log(`FAIL  ${name}\n${output || error.stack}`);
  }

  close() {
    console.log(`${this.passed} passed, ${this.failed} failed`);
    process.exitCode = this.failed === 0 ? 0 : 1;
  }
}
