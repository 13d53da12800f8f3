import { describe, expect, it } from 'vitest';
import { runSpoolCommand } from '../../lib/spool/index.js';
import { Machine, record, records, SETTINGS } from './support/machine.js';
import { MemoryFiles, WALL_TIME } from './support/memory-files.js';

function setUp() {
  const files = new MemoryFiles();
  const machine = new Machine(files);
  const isAlive = ({ pid }: { readonly pid: number }) => alive.has(pid);
  const alive = new Set<number>();
  const ls = (dir = SETTINGS.dir) =>
    runSpoolCommand(['ls', dir], {
      fs: files,
      processes: { self: { pid: 1, host: 'host' }, isAlive },
      wallNow: () => WALL_TIME + 3 * 3_600_000,
    });
  return { files, machine, alive, ls };
}

describe('nestjs-langfuse spool ls', () => {
  it('tells what waits, of whom, and what was put aside', () => {
    const { files, machine, alive, ls } = setUp();
    const first = machine.start();
    const kept = records(5, 'r', 1_000).map((one) => first.spans.keep(one));
    first.spans.settle(kept.slice(1, 3));
    first.kill();
    const second = machine.start({}, { opens: false });
    alive.add(second.identity.pid);
    second.scores.save([record('s', 10, 'scores')]);
    second.spans.reject(records(2, 'bad'));
    const before = new Map(files.files());
    const { exitCode, output = '' } = ls();
    expect(exitCode).toBe(0);
    const id = '[0-9a-f]{16}';
    const expected = [
      `https://langfuse\\.example pk-lf-1 \\(/var/spool/v1/${id}\\)`,
      `  p${first.identity.pid}-${id} \\(ended\\): 3 spans in 1 file, 5\\.2 kB; the oldest since 3 h`,
      `  p${second.identity.pid}-${id} \\(running\\): 1 score in 1 file, \\d+ B; the oldest since 3 h`,
      '  quarantine \\(refused by the server\\): 2 records in 1 file, \\d+ B',
      '',
    ];
    expect(output).toMatch(new RegExp(`^${expected.join('\n')}$`));
    expect(files.files()).toEqual(before);
  });

  it('counts what a process has taken over as its own', () => {
    const { machine, ls } = setUp();
    const first = machine.start();
    first.spans.save(records(3));
    first.kill();
    machine.start().spans.save(records(1));
    expect(ls().output).toContain('4 spans in 2 files');
  });

  it('says that nothing waits, or that there is no such folder', () => {
    const { machine, ls } = setUp();
    expect(ls()).toEqual({
      exitCode: 1,
      error: 'there is no folder /var/spool',
    });
    const { spool, spans } = machine.start();
    expect(ls().output).toMatch(
      /^unknown destination .*\n {2}nothing waits\n$/,
    );
    spans.settle([spans.keep(record('a'))]);
    spool.close();
    expect(ls('/var').output).toBe('Nothing waits in /var.\n');
  });

  it('says what it does not understand', () => {
    expect(runSpoolCommand(['empty', '/x'])).toEqual({
      exitCode: 2,
      error:
        'unknown command "spool empty": there are spool ls and spool replay',
    });
    const usage = {
      exitCode: 2,
      error: 'name one folder: nestjs-langfuse spool ls DIR',
    };
    expect(runSpoolCommand(['ls'])).toEqual(usage);
    expect(runSpoolCommand(['ls', 'a', 'b'])).toEqual(usage);
    expect(runSpoolCommand([]).output).toContain(
      'Usage: nestjs-langfuse spool ls DIR',
    );
  });
});
