import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

/** The files directly in `lib/`. */
const ROOT = 'root';

/**
 * The walls between the rooms of `lib/`: what each may import of the others.
 * A room that is not named here may not exist; files directly in `lib/` see all.
 */
const WALLS: Readonly<Record<string, readonly string[]>> = {
  wire: [],
  // Types of functions that an application passes as an option.
  options: ['observe'],
  queue: [],
  deliver: ['wire', 'queue'],
  spool: ['queue'],
  observe: ['wire', 'queue'],
  otel: ['wire', 'queue', 'observe'],
  // Of deliver types: what a server says of the keys.
  operate: ['queue', 'deliver'],
  serverless: [],
  local: [],
  // ROOT: the module, which it puts together in another way.
  testing: [ROOT, 'wire', 'queue', 'observe', 'options', 'local'],
};

/** npm packages that a room may import; the other rooms may import none. */
const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  options: ['@nestjs/common'],
  queue: ['rxjs'],
  deliver: ['rxjs', '@opentelemetry/api', 'hpagent', 'proxy-from-env'],
  spool: ['rxjs'],
  observe: [
    'rxjs',
    '@opentelemetry/api',
    '@nestjs/common',
    '@nestjs/core',
    'reflect-metadata',
  ],
  otel: ['@opentelemetry/api'],
  operate: ['@opentelemetry/api'],
  testing: ['@nestjs/common', '@nestjs/core', 'rxjs'],
};

const lib = resolve(import.meta.dirname, '../lib');

interface Import {
  readonly file: string;
  readonly specifier: string;
}

function sourceFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.c?ts$/.test(file))
    .map((file) => join(folder, file));
}

function importsOf(file: string, source: string): Import[] {
  const pattern =
    /(?:\bfrom\s*|\bimport\s*\(?\s*|\brequire\w*(?:\.resolve)?\(\s*)['"]([^'"]+)['"]/g;
  return [...source.matchAll(pattern)].map(([, specifier]) => ({
    file,
    specifier: specifier!,
  }));
}

function roomOf(file: string): string | undefined {
  const path = relative(lib, file).split('/');
  return path.length > 1 ? path[0] : undefined;
}

/** What is wrong with an import; undefined when nothing is. */
function violation({ file, specifier }: Import): string | undefined {
  const room = roomOf(file);
  if (specifier.startsWith('node:')) return undefined;
  if (room === undefined) {
    // The bin runs the receiver's own script.
    if (relative(lib, file) === 'cli.ts' && specifier === './local/cli.js') {
      return undefined;
    }
    return /^\.\/(local|testing)\//.test(specifier)
      ? `${relative(lib, file)} imports ${specifier}: it has an entry of its own`
      : undefined;
  }
  const said = `${relative(lib, file)} imports ${specifier}`;
  if (!specifier.startsWith('.')) {
    // Loaded only where the application has it.
    if (room === 'options' && specifier === '@nestjs/config') return undefined;
    return PACKAGES[room]?.includes(specifier)
      ? undefined
      : `${said}: ${room} may not import this package`;
  }
  const target = roomOf(resolve(dirname(file), specifier));
  if (target === room) return undefined;
  if (target === undefined) {
    return WALLS[room]?.includes(ROOT)
      ? undefined
      : `${said}: ${room} does not see the root files`;
  }
  if (!WALLS[room]?.includes(target)) {
    return `${said}: ${room} may not import ${target}`;
  }
  return /^\.\.(\/\.\.)*\/\w+\/index\.js$/.test(specifier)
    ? undefined
    : `${said}: rooms are entered through their index.js`;
}

describe('the walls between the rooms', () => {
  const files = sourceFiles(lib);

  it('knows every room', () => {
    const rooms = new Set(files.map(roomOf).filter((room) => room));
    expect([...rooms].toSorted()).toEqual(Object.keys(WALLS).toSorted());
  });

  it('are nowhere broken', () => {
    const imports = files.flatMap((file) =>
      importsOf(file, readFileSync(file, 'utf8')),
    );
    expect(imports.length).toBeGreaterThan(100);
    expect(imports.map(violation).filter((said) => said)).toEqual([]);
  });

  it.each([
    ['wire/a.ts', "import { x } from '../queue/index.js';"],
    ['wire/a.ts', "import { context } from '@opentelemetry/api';"],
    ['queue/a.ts', "import type { X } from '../wire/index.js';"],
    ['queue/a.ts', "import { X } from '../deliver/langfuse-transport.js';"],
    ['queue/a.ts', "import { X } from '../spool/index.js';"],
    ['spool/a.ts', "import { X } from '../deliver/index.js';"],
    ['observe/a.ts', "export { X } from '../deliver/index.js';"],
    ['observe/capture/a.ts', "import { X } from '../../queue/lane.js';"],
    ['deliver/a.ts', "const x = await import('../local/index.js');"],
    ['deliver/a.ts', "import { X } from '../langfuse.runtime.js';"],
    ['index.ts', "export { X } from './local/index.js';"],
    ['index.ts', "export { X } from './testing/index.js';"],
    ['observe/a.ts', "import { X } from '../testing/index.js';"],
    ['local/a.ts', "import { X } from '../langfuse.module.js';"],
    ['testing/a.ts', "import { X } from '../queue/lane.js';"],
    ['testing/a.ts', "import { X } from '../deliver/index.js';"],
    ['local/a.ts', "import { Logger } from '@nestjs/common';"],
  ])('notice %s: %s', (file, source) => {
    const [found] = importsOf(join(lib, file), source);
    expect(violation(found!)).toBeDefined();
  });

  it('let the rest pass', () => {
    const allowed: Record<string, string> = {
      'observe/capture/a.ts': "import { X } from '../../wire/index.js';",
      'queue/a.ts': "import { Subject } from 'rxjs';",
      'index.ts': "export { X } from './queue/index.js';",
      'cli.ts': "await import('./local/cli.js');",
      'testing/a.ts': "import { X } from '../langfuse.runtime.js';",
    };
    for (const [file, source] of Object.entries(allowed)) {
      expect(importsOf(join(lib, file), source).map(violation)).toEqual([
        undefined,
      ]);
    }
  });
});
