/** Builds the quickstart where its build is missing or older than its source. */
import { execFile } from 'node:child_process';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));
export const MAIN = join(ROOT, 'dist-sample/01-quickstart/main.js');

const SAMPLE = join(ROOT, 'sample/01-quickstart');
const NEST = join(ROOT, 'node_modules/@nestjs/cli/bin/nest.js');

/** Needs the library's own build, which `npm test` makes before. */
export async function buildQuickstart(): Promise<void> {
  const builtAt = await stat(MAIN).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  );
  if (builtAt > (await changedAt(SAMPLE))) return;
  await promisify(execFile)(process.execPath, [NEST, 'build', 'quickstart'], {
    cwd: ROOT,
  });
}

async function changedAt(folder: string): Promise<number> {
  const names = await readdir(folder, { recursive: true });
  const stats = await Promise.all(
    names.map((name) => stat(join(folder, name))),
  );
  return Math.max(...stats.map(({ mtimeMs }) => mtimeMs));
}
