import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { nodeFileSystem } from '../../lib/spool/node-file-system.js';
import { Machine, records } from './support/machine.js';

const CLI = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));

function run(...args: string[]) {
  return promisify(execFile)(process.execPath, [CLI, ...args]);
}

describe('nestjs-langfuse', () => {
  it('spool ls lists what waits in a folder', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'spool-cli-'));
    onTestFinished(() => rmSync(dir, { recursive: true }));
    const { spans, spool } = new Machine(nodeFileSystem, { dir }).start();
    spans.save(records(3));
    spool.close();
    const { stdout } = await run('spool', 'ls', dir);
    expect(stdout).toContain('(ended): 3 spans in 1 file');
  });

  it('spool says what is wrong, on stderr and by its exit code', async () => {
    await expect(run('spool', 'ls', '/not/there')).rejects.toMatchObject({
      code: 1,
      stdout: '',
      stderr: 'nestjs-langfuse: there is no folder /not/there\n',
    });
  });

  it('knows the other commands, too', async () => {
    const { stdout } = await run('--help');
    expect(stdout).toContain('nestjs-langfuse local');
  });
});
