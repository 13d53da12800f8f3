/** `nestjs-langfuse spool ls` and `spool replay`, as an operator runs them. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeEach, describe, expect, it } from 'vitest';
import { PUBLIC_KEY, record, SECRET_KEY } from '../support/application.js';
import { langfuseEnvironment } from '../support/environment.js';
import { startChild } from './children.js';
import { IdServer } from './id-server.js';
import { startSpooling } from './next-start.js';
import { segmentsIn, spoolFolder } from './spool-folder.js';

beforeEach(() => langfuseEnvironment());

const CLI = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));

/** Runs the bin with these variables alone. */
async function run(args: readonly string[], env: Record<string, string> = {}) {
  const { PATH = '' } = process.env;
  const ended = promisify(execFile)(process.execPath, [CLI, 'spool', ...args], {
    env: { PATH, ...env },
    timeout: 60_000,
  });
  return ended
    .then(({ stdout, stderr }) => ({ code: 0, stdout, stderr }))
    .catch((error: { code: number; stdout: string; stderr: string }) => ({
      code: error.code,
      stdout: error.stdout,
      stderr: error.stderr,
    }));
}

function keysOf({ url }: { readonly url: string }) {
  return {
    LANGFUSE_PUBLIC_KEY: PUBLIC_KEY,
    LANGFUSE_SECRET_KEY: SECRET_KEY,
    LANGFUSE_BASE_URL: url,
  };
}

/** A folder with what a process that was killed has left for a server. */
async function killedFolder(server: IdServer): Promise<string> {
  const dir = spoolFolder();
  server.status = 503;
  const child = startChild('endings', ['SIGKILL', '50'], {
    url: server.url,
    dir,
    mode: 'event',
  });
  await child.printed(/recorded\n/);
  child.signal('SIGKILL');
  await child.ended;
  return dir;
}

describe('spool replay', () => {
  it('sends what a process has left, whatever the options of the application', async () => {
    const server = await IdServer.start();
    const dir = await killedFolder(server);
    expect((await run(['ls', dir])).stdout).toContain('(ended): 50 spans');
    server.status = 200;
    const env = { ...keysOf(server), LANGFUSE_TRACING_ENABLED: 'false' };
    expect(await run(['replay', dir], env)).toEqual({
      code: 0,
      stdout: '50 delivered, 0 dropped, 0 left.\n',
      stderr: expect.stringMatching(/^50 records were left in the spool/),
    });
    expect(segmentsIn(dir)).toEqual([]);
    expect(await run(['replay', dir], env)).toMatchObject({
      code: 0,
      stdout: '0 delivered, 0 dropped, 0 left.\n',
    });
  });

  it('sends what a function gave the keys for', async () => {
    const server = await IdServer.startDown();
    const dir = spoolFolder();
    const { app, langfuse } = await startSpooling(server, dir, {
      publicKey: undefined,
      secretKey: undefined,
      credentials: () => ({ publicKey: 'pk-lf-old', secretKey: SECRET_KEY }),
    });
    record(langfuse, 3);
    await app.close();
    server.status = 200;
    const { stdout } = await run(['replay', dir], keysOf(server));
    expect(stdout).toBe('3 delivered, 0 dropped, 0 left.\n');
  });

  it('leaves alone what a running process has, and what is of another project', async () => {
    const server = await IdServer.startDown();
    const dir = spoolFolder();
    const { langfuse } = await startSpooling(server, dir, { spool: 'event' });
    record(langfuse, 3);
    const other = { ...keysOf(server), LANGFUSE_PUBLIC_KEY: 'pk-lf-other' };
    for (const env of [keysOf(server), other]) {
      expect(await run(['replay', dir], env)).toMatchObject({
        code: 0,
        stdout: '0 delivered, 0 dropped, 0 left.\n',
      });
    }
    expect((await run(['ls', dir])).stdout).toContain('(running): 3 spans');
  });

  it('says what it needs', async () => {
    const dir = spoolFolder();
    const keys = keysOf({ url: 'http://127.0.0.1:9' });
    expect(await run(['replay', dir], keys)).toMatchObject({
      code: 1,
      stderr: `nestjs-langfuse: there is no folder ${dir}\n`,
    });
    expect(await run(['replay', join(dir, '..')])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('set LANGFUSE_PUBLIC_KEY and'),
    });
    expect(await run(['replay'], keys)).toMatchObject({
      code: 2,
      stderr:
        'nestjs-langfuse: name one folder: nestjs-langfuse spool replay DIR\n',
    });
    const bad = { ...keys, LANGFUSE_FLUSH_AT: '0' };
    expect(await run(['replay', join(dir, '..')], bad)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('flushAt (LANGFUSE_FLUSH_AT): 0 is not'),
    });
  });

  it('is in the help', async () => {
    expect((await run(['--help'])).stdout).toContain(
      'nestjs-langfuse spool replay DIR',
    );
  });
});
