/**
 * As span-processor.interop.ts, with OpenTelemetry's SDK 3.x and API 1.10. They
 * need a later Node than this one may be, and a folder of their own: no two
 * versions of the API can be installed side by side. It is that of the packed
 * package, as an application installs it.
 */
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { recorded, type Setup } from './processor/recorded.js';

const INSTALLATION_MS = 300_000;
const NODE = `node-${process.platform}-${process.arch}`;

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'nestjs-langfuse-sdk-3-'));
const setup: Setup = {
  folder,
  node: join(folder, 'node_modules', NODE, 'bin', 'node'),
  ours: join(folder, 'node_modules/nestjs-langfuse/dist/index.js'),
};

function npm(args: readonly string[], cwd: string): void {
  const quiet = ['--ignore-scripts', '--loglevel=error'];
  execFileSync('npm', [...args, ...quiet], { cwd, stdio: 'pipe' });
}

beforeAll(() => {
  for (const file of [
    'package.json',
    'package-lock.json',
    '.npmrc',
    'types.ts',
  ]) {
    copyFileSync(join(import.meta.dirname, 'sdk-3', file), join(folder, file));
  }
  npm(['ci'], folder);
  npm(['pack', '--pack-destination', folder], root);
  const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz'));
  npm(['install', '--no-save', `${NODE}@24`, `./${tarball}`], folder);
}, INSTALLATION_MS);

afterAll(() => rm(folder, { recursive: true, force: true }), INSTALLATION_MS);

test('both send the same spans', async () => {
  const official = await recorded(setup, 'official');
  const ours = await recorded(setup, 'ours');
  expect(official).toHaveLength(11);
  expect(ours).toEqual(official);
});

test('of 1,000 spans in immediate mode ours sends all', async () => {
  const spans = await recorded(setup, 'ours', 'flood');
  expect(new Set(spans.map(({ name }) => name)).size).toBe(1_000);
});

test('values that only API 1.10 has arrive as text', async () => {
  const [span] = await recorded(setup, 'ours', 'values');
  expect(span!.attributes).toMatchObject({
    map: '{"a":{"b":1}}',
    mixed: ['a', 1, true],
  });
  expect(span!.attributes).not.toHaveProperty('nothing');
});

test('its class is a SpanProcessor there, by the compiler’s word', () => {
  expect(() =>
    execFileSync(
      setup.node,
      [
        join(folder, 'node_modules/typescript/bin/tsc'),
        '--noEmit',
        '--strict',
        '--skipLibCheck',
        '--module',
        'nodenext',
        '--target',
        'es2023',
        'types.ts',
      ],
      { cwd: folder, stdio: 'pipe', encoding: 'utf8' },
    ),
  ).not.toThrow();
});
