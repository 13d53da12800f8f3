/** Disks and folders that are not as they should be, through the module. */
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { crc32 } from 'node:zlib';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import type { LangfuseService } from '../../lib/index.js';
import type { Application } from '../support/application.js';
import { langfuseEnvironment } from '../support/environment.js';
import { startChild } from './children.js';
import { IdServer } from './id-server.js';
import { deliverRest, startSpooling } from './next-start.js';
import { filesIn, segmentsIn, spoolFolder } from './spool-folder.js';

beforeEach(() => langfuseEnvironment());

const EVENT = { spool: 'event', flushInterval: 0.02 } as const;

const DISK_BYTES = 16 * 1024 * 1024;

/** Less than the disk, so that there is room, and what stays free. */
const SMALL = { ...EVENT, spoolMinFreeBytes: 4 * 1024 * 1024 } as const;

const SMALL_VARIABLES = {
  LANGFUSE_SPOOL_MIN_FREE_BYTES: `${SMALL.spoolMinFreeBytes}`,
};

/** A small disk of its own; undefined where this user may not mount one. */
function mountDisk(at: string, options = 'rw'): boolean {
  mkdirSync(at, { recursive: true, mode: 0o700 });
  try {
    const settings = `size=${DISK_BYTES},mode=700,${options}`;
    execFileSync('mount', ['-t', 'tmpfs', '-o', settings, 'tmpfs', at], {
      stdio: 'ignore',
    });
    onTestFinished(() => void execFileSync('umount', ['-l', at]));
    return true;
  } catch {
    return false;
  }
}

function remount(at: string, how: 'ro' | 'rw'): void {
  execFileSync('mount', ['-o', `remount,${how}`, at]);
}

let numbers = 0;

/** Records observations of 1 kB; returns their ids. */
function record(langfuse: LangfuseService, count: number): string[] {
  return Array.from({ length: count }, () => {
    const id = `d-${(numbers += 1)}`;
    const input = `#${id}#${'x'.repeat(1_000)}`;
    langfuse.startObservation('record', { input }).end();
    return id;
  });
}

/** Lines of the log that are about this. */
function linesOf({ log }: Application, pattern: RegExp): string[] {
  return log.lines.filter((line) => pattern.test(line));
}

const NOT_USED = /^error: The spool cannot write/;

/** Records now and then until the disk takes records again; returns the ids. */
async function recordUntilItWorks({
  langfuse,
  queue,
}: Application): Promise<string[]> {
  const ids: string[] = [];
  while (!queue.stats().spool!.isWorking) {
    ids.push(...record(langfuse, 1));
    await sleep(20);
  }
  return ids;
}

/** Fills a disk to its last byte. */
function fill(disk: string): string {
  const ballast = join(disk, 'ballast');
  expect(() => writeFileSync(ballast, Buffer.alloc(DISK_BYTES))).toThrow(
    'ENOSPC',
  );
  return ballast;
}

describe('a disk that is full', () => {
  it('leaves records in memory, says so once, and takes them again', async (test) => {
    const disk = spoolFolder();
    if (!mountDisk(disk)) test.skip('mounting a disk needs root');
    const server = await IdServer.startDown();
    const dir = join(disk, 'spool');
    const application = await startSpooling(server, dir, SMALL);
    const { langfuse, queue } = application;
    const ids = record(langfuse, 500);
    const ballast = fill(disk);
    ids.push(...record(langfuse, 4_000));
    const { spool, dropped } = queue.stats();
    expect(spool!.isWorking).toBe(false);
    expect(dropped).toEqual({});
    await expect.poll(() => linesOf(application, NOT_USED)).toHaveLength(1);
    const [line] = linesOf(application, NOT_USED);
    expect(line).toContain(`${dir}: ENOSPC`);

    rmSync(ballast);
    ids.push(...(await recordUntilItWorks(application)));
    server.status = 200;
    expect(await server.has(ids, 30_000)).toEqual([]);
    expect(server.duplicates.size).toBe(0);
    await application.app.close();
    expect(segmentsIn(dir)).toEqual([]);
  }, 60_000);

  it('has no more of our data than leaves room for the next process', async (test) => {
    const disk = spoolFolder();
    if (!mountDisk(disk)) test.skip('mounting a disk needs root');
    const server = await IdServer.startDown();
    const dir = join(disk, 'spool');
    const child = startChild('endings', ['SIGKILL', '60000'], {
      url: server.url,
      dir,
      mode: 'event',
      env: SMALL_VARIABLES,
    });
    await child.printed(/recorded\n/);
    child.signal('SIGKILL');
    await child.ended;
    server.status = 200;
    const { queue } = await deliverRest(server, dir);
    const { delivered, dropped } = queue.stats();
    expect(delivered).toBeGreaterThan(10_000);
    expect(delivered).toBeLessThan(60_000);
    expect(server.taken.size).toBe(delivered);
    expect(dropped).toEqual({});
  }, 60_000);

  it('gives back what is on it once there is room, without a torn record', async (test) => {
    const disk = spoolFolder();
    if (!mountDisk(disk)) test.skip('mounting a disk needs root');
    const server = await IdServer.startDown();
    const dir = join(disk, 'spool');
    const child = startChild('recorder', ['f'], {
      url: server.url,
      dir,
      mode: 'event',
      env: SMALL_VARIABLES,
    });
    await child.printed(/safe/);
    const ballast = fill(disk);
    await child.printed(/The spool cannot write: .+: ENOSPC/);
    child.signal('SIGKILL');
    await child.ended;
    server.status = 200;
    const application = await startSpooling(server, dir, SMALL);
    await expect.poll(() => linesOf(application, NOT_USED)).toHaveLength(1);
    expect(server.taken.size).toBe(0);
    rmSync(ballast);
    await expect
      .poll(() => server.taken.size, { timeout: 15_000 })
      .toBeGreaterThan(0);
    await expect.poll(() => segmentsIn(dir), { timeout: 15_000 }).toEqual([]);
    const { delivered, dropped } = application.queue.stats();
    expect(delivered).toBe(server.taken.size);
    expect(dropped).toEqual({});
  }, 60_000);
});

describe('a folder that cannot be used', () => {
  it('does not end the start: a read-only disk, which is not one later', async (test) => {
    const disk = spoolFolder();
    if (!mountDisk(disk)) test.skip('mounting a disk needs root');
    remount(disk, 'ro');
    const server = await IdServer.startDown();
    const dir = join(disk, 'spool');
    const application = await startSpooling(server, dir, SMALL);
    const { langfuse, queue } = application;
    const ids = record(langfuse, 100);
    await expect.poll(() => linesOf(application, /EROFS/)).toHaveLength(1);
    expect(queue.stats()).toMatchObject({ dropped: {}, spooled: 0 });

    remount(disk, 'rw');
    ids.push(...(await recordUntilItWorks(application)));
    expect(segmentsIn(dir).length).toBeGreaterThan(0);
    server.status = 200;
    expect(await server.has(ids, 30_000)).toEqual([]);
  }, 60_000);

  it.each<readonly [string, (dir: string) => void, RegExp]>([
    [
      'a symbolic link',
      (dir) => {
        const target = `${dir}-target`;
        mkdirSync(target, { mode: 0o700 });
        symlinkSync(target, dir);
      },
      /is a symbolic link: name the folder that it leads to/,
    ],
    [
      'one that others may write to',
      (dir) => {
        mkdirSync(dir);
        chmodSync(dir, 0o777);
      },
      /can be written to by other users \(mode 777\): chmod 700, or name a folder inside it/,
    ],
    [
      'a file',
      (dir) => writeFileSync(dir, 'mine'),
      /is no folder: name another one/,
    ],
  ])('is named, with the problem and the remedy: %s', async (_, make, says) => {
    const dir = spoolFolder();
    make(dir);
    const server = await IdServer.start();
    const application = await startSpooling(server, dir, EVENT);
    const ids = record(application.langfuse, 100);
    expect(await server.has(ids, 5_000)).toEqual([]);
    const lines = linesOf(application, NOT_USED);
    expect(lines).toEqual([expect.stringMatching(says)]);
    expect(lines[0]).toContain(dir);
    await application.app.close();
    const before = existsSync(`${dir}-target`) ? filesIn(`${dir}-target`) : [];
    expect(before).toEqual([]);
  });
});

describe('a folder that is removed while the application runs', () => {
  it('is made again, and what memory has is delivered', async () => {
    const dir = spoolFolder();
    const server = await IdServer.startDown();
    const application = await startSpooling(server, dir, EVENT);
    const { langfuse, queue } = application;
    const ids = record(langfuse, 100);
    rmSync(dir, { recursive: true });
    // A file that is open can be written to: it shows when the next one begins.
    ids.push(...record(langfuse, 3_000));
    await expect.poll(() => existsSync(dir), { timeout: 15_000 }).toBe(true);
    server.status = 200;
    expect(await server.has(ids, 30_000)).toEqual([]);
    expect(queue.stats().dropped).toEqual({});
  }, 60_000);

  it('loses what was on the disk alone, and counts it', async () => {
    const dir = spoolFolder();
    const server = await IdServer.startDown();
    const application = await startSpooling(server, dir, {
      ...EVENT,
      maxQueueSize: 100,
      flushAt: 10,
      maxConcurrency: 1,
    });
    const { langfuse, queue } = application;
    record(langfuse, 1_000);
    const { spooled } = queue.stats();
    expect(spooled).toBeGreaterThan(800);
    rmSync(dir, { recursive: true });
    server.status = 200;
    await expect
      .poll(() => queue.stats().dropped, { timeout: 20_000 })
      .toEqual({ spool_corrupt: spooled });
    expect(linesOf(application, /dropped: /)).toHaveLength(1);
    const flushed = await queue.flush();
    expect(flushed.pending).toBe(0);
    expect(server.taken.size).toBe(1_000 - spooled);
  }, 60_000);
});

describe('what is not ours', () => {
  it('stays where it is: foreign files, other formats, other destinations', async () => {
    const dir = spoolFolder();
    const first = await IdServer.startDown();
    const before = await startSpooling(first, dir, EVENT);
    record(before.langfuse, 3);
    await before.app.close();
    const [segment] = segmentsIn(dir);
    const folder = dirname(segment!);
    const newer = Buffer.from(readFileSync(segment!));
    newer[7] = 99;
    newer.writeUInt32LE(crc32(newer.subarray(0, 8)), 8);
    const strangers = [
      join(dir, 'notes.txt'),
      join(dir, 'v2', 'a-later-format'),
      join(folder, 'core.1234'),
      join(folder, 'spans-00000099-0123456789abcdef-3.seg'),
    ];
    for (const path of strangers) {
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
      writeFileSync(path, newer);
    }
    // The same folder with another server: not a destination of these records.
    const other = await IdServer.start();
    const { app } = await startSpooling(other, dir, EVENT);
    await app.close();
    expect(other.taken.size).toBe(0);
    expect(existsSync(segment!)).toBe(true);

    first.status = 200;
    const next = await startSpooling(first, dir, EVENT);
    await expect.poll(() => first.taken.size).toBe(3);
    await next.queue.flush();
    await next.app.close();
    const left = filesIn(dir).map((path) => readFileSync(path));
    const kept = left.filter((bytes) => bytes.equals(newer));
    expect(kept).toHaveLength(strangers.length);
    expect(next.queue.stats().dropped).toEqual({});
  });
});
