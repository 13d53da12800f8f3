import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statfsSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { nodeFileSystem } from '../../lib/spool/node-file-system.js';
import { ids, Machine, record, records, takeAll } from './support/machine.js';

const MIB = 1024 * 1024;
const isRoot = process.geteuid?.() === 0;

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'spool-folders-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function startIn(
  dir: string,
  settings: { readonly minFreeBytes?: number } = {},
) {
  const machine = new Machine(nodeFileSystem, { dir, ...settings });
  const process = machine.start();
  onTestFinished(() => process.spool.close());
  return { machine, ...process };
}

/** All below a folder, by their paths. */
function below(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).map(
    (path) => join(folder, path),
  );
}

/** A small file system of its own; undefined for users who cannot have one. */
function smallDisk(): string | undefined {
  if (!isRoot || process.platform !== 'linux') return undefined;
  const folder = mkdtempSync(join(tmpdir(), 'spool-disk-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', folder], {
      stdio: 'ignore',
    });
  } catch {
    rmSync(folder, { recursive: true });
    return undefined;
  }
  onTestFinished(() => {
    execFileSync('umount', ['-l', folder]);
    rmSync(folder, { recursive: true });
  });
  return folder;
}

describe('what a spool makes', () => {
  it('is for nobody but this user, whatever the umask says', () => {
    const before = process.umask(0);
    onTestFinished(() => void process.umask(before));
    const dir = join(temporaryFolder(), 'new', 'spool');
    const { spans } = startIn(dir);
    spans.settle(
      [spans.keep(record('a')), spans.keep(record('b'))].slice(0, 1),
    );
    spans.reject([record('rejected')]);
    const modes = [dir, ...below(dir)].map((path) => {
      const stats = lstatSync(path);
      return [stats.isDirectory() ? 'folder' : 'file', stats.mode & 0o777];
    });
    const folders = modes.filter(([kind]) => kind === 'folder');
    const files = modes.filter(([kind]) => kind === 'file');
    expect(new Set(folders.map(([, mode]) => mode))).toEqual(new Set([0o700]));
    expect(new Set(files.map(([, mode]) => mode))).toEqual(new Set([0o600]));
    // Lease, segment, acknowledgements, what was rejected.
    expect(files).toHaveLength(4);
  });

  it('is nothing before it has something to write, but its own place', () => {
    const dir = join(temporaryFolder(), 'spool');
    startIn(dir);
    expect(below(dir).filter((path) => lstatSync(path).isFile())).toEqual([]);
  });

  it('is gone when all is settled', () => {
    const dir = temporaryFolder();
    const { spans, scores, spool } = startIn(dir);
    spans.save(records(3));
    takeAll(spans);
    scores.settle([scores.keep(record('s', 10, 'scores'))]);
    spool.close();
    expect(below(dir).filter((path) => lstatSync(path).isFile())).toEqual([]);
  });
});

describe('a folder that is not safe', () => {
  async function refusal(dir: string): Promise<string> {
    const { spans, events } = startIn(dir);
    expect(spans.save(records(1))).toBe(0);
    const [event, ...more] = await events();
    expect(more).toEqual([]);
    expect(event).toMatchObject({ type: 'failing' });
    return (event as { cause: string }).cause;
  }

  it('is refused: a symbolic link', async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'real'));
    symlinkSync(join(folder, 'real'), join(folder, 'link'));
    const dir = join(folder, 'link');
    expect(await refusal(dir)).toBe(
      `The spool folder ${dir} is a symbolic link: name the folder that it leads to`,
    );
    expect(readdirSync(join(folder, 'real'))).toEqual([]);
  });

  it.each([0o777, 0o770, 0o1777])('is refused: mode %o', async (mode) => {
    const dir = join(temporaryFolder(), 'spool');
    mkdirSync(dir);
    chmodSync(dir, mode);
    expect(await refusal(dir)).toBe(
      `The spool folder ${dir} can be written to by other users ` +
        `(mode ${mode.toString(8)}): chmod 700, or name a folder inside it`,
    );
    expect(readdirSync(dir)).toEqual([]);
  });

  it('is refused: a file', async () => {
    const dir = join(temporaryFolder(), 'spool');
    writeFileSync(dir, '');
    expect(await refusal(dir)).toContain('is no folder');
  });

  it.runIf(isRoot)('is refused: that of another user', async () => {
    const dir = join(temporaryFolder(), 'spool');
    mkdirSync(dir);
    chownSync(dir, 12_345, 12_345);
    expect(await refusal(dir)).toContain(
      'belongs to user 12345, not to user 0 who runs this process: name a folder inside it',
    );
  });

  it('is refused further down, too: a link in the place of ours', async () => {
    const folder = temporaryFolder();
    const dir = join(folder, 'spool');
    mkdirSync(dir, { mode: 0o700 });
    mkdirSync(join(folder, 'elsewhere'));
    symlinkSync(join(folder, 'elsewhere'), join(dir, 'v1'));
    expect(await refusal(dir)).toContain('v1 is a symbolic link');
    expect(readdirSync(join(folder, 'elsewhere'))).toEqual([]);
  });

  it('is used once it is safe', () => {
    const dir = join(temporaryFolder(), 'spool');
    mkdirSync(dir);
    chmodSync(dir, 0o777);
    const { spans, clock } = startIn(dir);
    expect(spans.save(records(1))).toBe(0);
    chmodSync(dir, 0o700);
    clock.advance(2_000);
    expect(spans.save(records(1))).toBe(1);
  });

  it('is used inside of one that everybody may write to', () => {
    const shared = temporaryFolder();
    chmodSync(shared, 0o1777);
    const { spans } = startIn(join(shared, 'spool'));
    expect(spans.save(records(1))).toBe(1);
  });

  it('of an orphan is left alone', () => {
    const dir = temporaryFolder();
    const { spans, machine, kill } = startIn(dir);
    spans.save(records(2));
    kill();
    const lease = below(dir).find((path) => path.endsWith('lease'))!;
    const orphan = lease.replace(/\/lease$/, '');
    chmodSync(orphan, 0o777);
    const next = machine.start();
    expect(next.spans.waiting).toBe(0);
    chmodSync(orphan, 0o700);
    next.clock.advance(5_000);
    expect(next.spans.waiting).toBe(2);
    next.spool.close();
  });
});

describe('files that are links', () => {
  it('are neither read nor written through', () => {
    const dir = temporaryFolder();
    const { spans, machine, kill } = startIn(dir);
    const kept = records(2).map((one) => spans.keep(one));
    kill();
    const segment = below(dir).find((path) => path.endsWith('.open'))!;
    const outside = temporaryFolder();
    const [copy, noAcks] = [join(outside, 'copy'), join(outside, 'acks')];
    writeFileSync(copy, readFileSync(segment));
    writeFileSync(noAcks, 'mine');
    symlinkSync(noAcks, segment.replace('.open', '.ack'));
    spans.settle(kept.slice(0, 1));
    symlinkSync(copy, segment.replace('00000001', '00000002'));
    const next = machine.start();
    expect(ids(next.spans.take(2, MIB))).toEqual(['r0', 'r1']);
    expect(next.spans.waiting).toBe(0);
    next.spool.close();
    expect(readFileSync(noAcks, 'utf8')).toBe('mine');
  });
});

describe('a folder that is removed while it is used', () => {
  it('is made again within a heartbeat', async () => {
    const dir = join(temporaryFolder(), 'spool');
    const { spans, clock, events } = startIn(dir);
    spans.save(records(2));
    rmSync(dir, { recursive: true });
    clock.advance(5_000);
    expect(spans.save([record('after')])).toBe(1);
    expect(ids(takeAll(spans))).toEqual(['after']);
    expect((await events()).map(({ type }) => type)).toEqual(['lost']);
  });
});

describe('a disk that is full', () => {
  it('has no torn record, and is used again when there is room', async (test) => {
    const disk = smallDisk();
    if (disk === undefined) return test.skip('this user cannot mount one');
    const dir = join(disk, 'spool');
    const other = join(disk, 'other');
    writeFileSync(other, Buffer.alloc(32 * 1024));
    const { spans, events, machine, kill } = startIn(dir);
    let saved = 0;
    while (spans.save([record(`r${saved}`, 1_000)]) === 1) saved += 1;
    expect(saved * 1_000).toBeGreaterThan(0.9 * MIB);
    expect(await events()).toEqual([
      { type: 'failing', cause: expect.stringContaining('ENOSPC') as string },
    ]);
    // What waits is delivered although nothing can be written.
    const some = spans.take(100, MIB);
    expect(ids(some)).toEqual(ids(records(100)));
    spans.save(some);
    kill();
    // Who starts needs room for a folder of its own; nothing is lost before.
    expect(machine.start().spans.waiting).toBe(0);
    rmSync(other);
    const next = machine.start();
    expect(next.spans.waiting).toBe(saved);
    expect(ids(takeAll(next.spans))).toEqual(ids(records(saved)));
    expect(next.spans.save([record('later')])).toBe(1);
    expect((await next.events()).map(({ type }) => type)).toEqual(['adopted']);
    next.spool.close();
  });

  it('is noticed before it is full, when some of it is to stay free', async (test) => {
    const disk = smallDisk();
    if (disk === undefined) return test.skip('this user cannot mount one');
    const minFreeBytes = MIB / 2;
    const { spans } = startIn(join(disk, 'spool'), { minFreeBytes });
    for (const one of records(2_000, 'r', 1_000)) spans.save([one]);
    const { bavail, bsize } = statfsSync(disk);
    // To the page; a segment that was begun may be finished.
    expect(bavail * bsize).toBeLessThan(MIB);
  });
});

describe('a folder that cannot be written to', () => {
  it('is told of once; what is in it is delivered', async (test) => {
    const disk = smallDisk();
    if (disk === undefined) return test.skip('this user cannot mount one');
    const { spans, events, clock } = startIn(join(disk, 'spool'));
    spans.save(records(3));
    const mount = (how: string) =>
      execFileSync('mount', ['-o', `remount,${how}`, disk], {
        stdio: 'ignore',
      });
    // The segment that is written to would keep the disk from it.
    const taken = spans.take(10, MIB);
    mount('ro');
    const one = record('x');
    expect(spans.keep(one)).toBe(one);
    clock.advance(60_000);
    expect(spans.keep(one)).toBe(one);
    expect(await events()).toEqual([
      { type: 'failing', cause: expect.stringContaining('EROFS') as string },
    ]);
    spans.save(taken);
    const again = spans.take(10, MIB);
    expect(ids(again)).toEqual(['r0', 'r1', 'r2']);
    spans.settle(again);
    mount('rw');
    clock.advance(60_000);
    expect(spans.save([record('y')])).toBe(1);
  });
});
