import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { systemProcesses } from '../../lib/spool/process-table.js';

const { self, isAlive } = systemProcesses();

async function endedProcess(): Promise<number> {
  const child = spawn(process.execPath, ['-e', '']);
  await once(child, 'exit');
  return child.pid!;
}

describe('the processes of the machine', () => {
  it('are alive or not', async () => {
    expect(isAlive(self)).not.toBe(false);
    expect(isAlive({ ...self, pid: await endedProcess() })).toBe(false);
  });

  it('of other machines are not known', () => {
    expect(isAlive({ ...self, host: 'another' })).toBeUndefined();
  });

  it.runIf(process.platform === 'linux')('of Linux are told apart', () => {
    expect(isAlive(self)).toBe(true);
    // The same pid, before: in a container each process has pid 1.
    expect(isAlive({ ...self, startedAt: '1' })).toBe(false);
    expect(isAlive({ ...self, pidNamespace: 'pid:[1]' })).toBeUndefined();
    expect(isAlive({ ...self, bootId: 'before' })).toBeUndefined();
    expect(isAlive({ ...self, bootId: undefined })).toBeUndefined();
  });
});
