import { describe, expect, it } from 'vitest';
import type { SpoolFileSystem } from '../../lib/spool/spool-file-system.js';
import { ids, Machine, record, records, takeAll } from './support/machine.js';
import { MemoryFiles } from './support/memory-files.js';

const KIB = 1024;

function setUp(settings: ConstructorParameters<typeof Machine>[1] = {}) {
  const files = new MemoryFiles();
  const machine = new Machine(files, settings);
  const process = machine.start();
  const breakOn = (call: keyof SpoolFileSystem, code: string) => {
    files.fault = (made) => (made === call ? code : undefined);
  };
  const mend = () => {
    files.fault = () => undefined;
  };
  return { files, machine, process, breakOn, mend, ...process };
}

describe.each([
  ['write', 'ENOSPC'],
  ['write', 'EDQUOT'],
  ['write', 'EIO'],
  ['open', 'EMFILE'],
  ['open', 'EROFS'],
  ['makeFolder', 'EACCES'],
] as const)('a disk on which %s fails with %s', (call, code) => {
  it('is told of once, left in peace, and used again when it works', async () => {
    const { spans, clock, events, breakOn, mend, files, spool } = setUp();
    breakOn(call, code);
    const one = record('a');
    expect(spans.keep(one)).toBe(one);
    expect(spool.stats.isWorking).toBe(false);
    expect(await events()).toEqual([
      { type: 'failing', cause: expect.stringContaining(code) as string },
    ]);
    const done = files.operations.length;
    expect(spans.save(records(3))).toBe(0);
    expect(files.operations).toHaveLength(done);
    clock.advance(1_000);
    expect(spans.save(records(3))).toBe(0);
    mend();
    clock.advance(1_999);
    expect(spans.save(records(3))).toBe(0);
    clock.advance(1);
    expect(spans.save(records(3))).toBe(3);
    expect((await events()).map(({ type }) => type)).toEqual([
      'failing',
      'working',
    ]);
    expect(spool.stats.isWorking).toBe(true);
    expect(ids(takeAll(spans))).toEqual(['r0', 'r1', 'r2']);
  });
});

describe('a disk that fails in the middle', () => {
  it('has no torn record, and all that was promised', () => {
    const { spans, breakOn, mend, clock, machine, kill } = setUp();
    spans.save([record('a')]);
    breakOn('write', 'ENOSPC');
    expect(spans.save([record('torn')])).toBe(0);
    mend();
    clock.advance(1_000);
    spans.save([record('b')]);
    kill();
    const next = machine.start();
    expect(ids(takeAll(next.spans))).toEqual(['a', 'b']);
  });

  it('and cannot take back what is torn, loses nothing by it', async () => {
    const { spans, files, clock, machine, mend, kill } = setUp();
    spans.save([record('a')]);
    files.fault = (call) =>
      call === 'write' || call === 'truncate' ? 'EIO' : undefined;
    expect(spans.save([record('torn')])).toBe(0);
    mend();
    clock.advance(1_000);
    spans.save([record('b')]);
    expect(ids(takeAll(spans))).toEqual(['a', 'b']);
    kill();
    const next = machine.start();
    expect(ids(takeAll(next.spans))).toEqual([]);
    expect(await next.events()).toEqual([]);
  });

  it('with fsync: always, promises nothing that was not synced', () => {
    const { spans, files, breakOn } = setUp({ fsync: 'always' });
    spans.save([record('a')]);
    breakOn('sync', 'EIO');
    expect(spans.save(records(2))).toBe(0);
    const contents = [...files.files().values()].join();
    expect(contents).not.toContain('r0;r0;');
  });

  it('does not stop what is there from being delivered', () => {
    const { spans, breakOn } = setUp();
    spans.save(records(3));
    breakOn('write', 'ENOSPC');
    spans.keep(record('x'));
    expect(ids(takeAll(spans))).toEqual(['r0', 'r1', 'r2']);
  });

  it('when it reads, is asked again after a while', () => {
    const { spans, breakOn, mend, clock } = setUp();
    spans.save(records(3));
    breakOn('read', 'EIO');
    expect(spans.take(1, 1)).toEqual([]);
    expect(spans.waiting).toBe(3);
    mend();
    expect(spans.take(1, 1)).toEqual([]);
    clock.advance(30_000);
    expect(ids(takeAll(spans))).toEqual(['r0', 'r1', 'r2']);
  });

  it('forgets what cannot be acknowledged only at the next start', () => {
    const { spans, breakOn, mend, machine, kill } = setUp();
    const kept = records(3).map((one) => spans.keep(one));
    breakOn('open', 'EMFILE');
    spans.settle(kept.slice(0, 1));
    mend();
    spans.settle(kept.slice(1, 2));
    kill();
    expect(ids(takeAll(machine.start().spans))).toEqual(['r0', 'r2']);
  });

  it('while a folder is taken over, loses none of it', () => {
    const { spans, kill, machine, files } = setUp({ maxBytes: 64 * KIB });
    spans.save(records(60, 'r', 500));
    kill();
    const next = machine.start({}, { opens: false });
    let reads = 0;
    files.fault = (call) =>
      call === 'read' && (reads += 1) % 3 === 0 ? 'EMFILE' : undefined;
    next.spool.open();
    next.clock.advance(0);
    expect(next.spans.waiting).toBeLessThan(60);
    files.fault = () => undefined;
    next.clock.advance(5_000);
    expect(next.spans.waiting).toBe(60);
    expect(new Set(ids(takeAll(next.spans))).size).toBe(60);
  });
});

describe('the quota', () => {
  it('is never passed: the oldest records go, and are counted', async () => {
    const maxBytes = 64 * KIB;
    const { spans, scores, spool, events, clock } = setUp({ maxBytes });
    // Older than all that follow; nobody gives up what is being written to.
    scores.save([record('s', 100, 'scores')]);
    for (const one of records(300, 'r', 500)) {
      clock.advance(1);
      expect(spans.save([one])).toBe(1);
      expect(spool.stats.bytes).toBeLessThanOrEqual(maxBytes);
    }
    scores.save([record('t', 100, 'scores')]);
    expect(ids(takeAll(scores))).toEqual(['s', 't']);
    const taken = ids(takeAll(spans));
    expect(taken.length).toBeGreaterThan(90);
    expect(taken).toEqual(ids(records(300)).slice(-taken.length));
    const lost = (await events()).filter(({ type }) => type === 'lost');
    expect(lost[0]).toMatchObject({
      lane: 'spans',
      reason: 'spool_quota',
      cause: 'the spool has reached its 65536 bytes',
    });
    const total = lost.reduce(
      (sum, event) => sum + ('count' in event ? event.count : 0),
      0,
    );
    expect(total).toBe(300 - taken.length);
  });

  it('does not count as lost what is in memory, too', async () => {
    const { spans, events, machine, kill } = setUp({ maxBytes: 64 * KIB });
    const kept = records(300, 'r', 500).map((one) => spans.keep(one));
    expect(await events()).toEqual([]);
    // The first of them are not on the disk any more: saving writes them again.
    expect(spans.save(kept.slice(0, 3))).toBe(3);
    kill();
    const next = takeAll(machine.start().spans);
    expect(ids(next)).toEqual(
      expect.arrayContaining(['r0', 'r1', 'r2', 'r299']),
    );
  });

  it('refuses a record that is larger, without a word', async () => {
    const { spans, spool, events } = setUp({ maxBytes: 64 * KIB });
    spans.save([record('small')]);
    expect(spans.save([record('giant', 70 * KIB)])).toBe(0);
    expect(spans.waiting).toBe(1);
    expect(spool.stats.isWorking).toBe(true);
    expect(await events()).toEqual([]);
  });

  it('leaves orphans where they are that would push others out', () => {
    const { spans, kill, machine } = setUp({ maxBytes: 64 * KIB });
    spans.save(records(80, 'a', 500));
    const second = machine.start({}, { opens: false });
    second.spans.save(records(80, 'b', 500));
    kill();
    second.spool.open();
    second.clock.advance(10_000);
    expect(second.spans.waiting).toBe(80);
    second.spans.settle(second.spans.take(80, Infinity));
    second.clock.advance(5_000);
    expect(second.spans.waiting).toBe(80);
    expect(ids(takeAll(second.spans))).toEqual(ids(records(80, 'a')));
  });
});

describe('free space', () => {
  it('that becomes scarce ends growth: an old segment goes for each new one', () => {
    const { spans, files, spool } = setUp({
      maxBytes: 64 * KIB,
      minFreeBytes: 1_000_000,
    });
    spans.save(records(30, 'r', 500));
    const { bytes } = spool.stats;
    files.free = 999_999;
    spans.save(records(60, 'new', 500));
    expect(spool.stats.bytes).toBeLessThan(bytes + 8 * KIB);
    expect(ids(takeAll(spans))).toContain('new59');
  });

  it('that is not there, with nothing to give up, stops the spool', async () => {
    const { spans, files, events, clock } = setUp({ minFreeBytes: 1_000_000 });
    files.free = 500_000;
    expect(spans.save(records(1))).toBe(0);
    expect(await events()).toEqual([
      {
        type: 'failing',
        cause: expect.stringMatching(
          /^The disk of the spool folder .* has 500000 bytes left, and 1000000 are to stay free: make room, or lower minFreeBytes$/,
        ) as string,
      },
    ]);
    files.free = Infinity;
    clock.advance(1_000);
    expect(spans.save(records(1))).toBe(1);
  });

  it('that nobody tells of is no reason to refuse', () => {
    const { spans, files } = setUp({ minFreeBytes: 1_000_000 });
    files.freeBytes = () => {
      throw new Error('not supported');
    };
    expect(spans.save(records(1))).toBe(1);
  });
});

describe('the age limit', () => {
  it('gives up what is too old, by a clock that nobody sets', async () => {
    const { spans, clock, machine, events } = setUp({ maxAgeMs: 3_600_000 });
    spans.save(records(2));
    machine.wallNow += 30 * 24 * 3_600_000;
    clock.advance(3_590_000);
    expect(spans.waiting).toBe(2);
    clock.advance(20_000);
    expect(spans.waiting).toBe(0);
    expect(await events()).toEqual([
      {
        type: 'lost',
        lane: 'spans',
        count: 2,
        reason: 'spool_ttl',
        cause: 'they are older than 3600000 ms',
      },
    ]);
  });

  it('concerns what others have left, too', () => {
    const { spans, machine, kill } = setUp({ maxAgeMs: 3_600_000 });
    spans.save(records(2));
    kill();
    machine.wallNow += 3_590_000;
    const next = machine.start();
    expect(next.spans.waiting).toBe(2);
    next.clock.advance(20_000);
    expect(next.spans.waiting).toBe(0);
  });

  it('does not concern what is in memory', () => {
    const { spans, clock, spool } = setUp({ maxAgeMs: 3_600_000 });
    const kept = spans.keep(record('a'));
    clock.advance(2 * 3_600_000);
    expect(spool.stats.bytes).toBeGreaterThan(0);
    expect(spans.save([kept])).toBe(1);
  });
});

describe('what the server rejects', () => {
  function quarantined(files: MemoryFiles) {
    const found = [...files.files()].filter(([path]) =>
      path.includes('/quarantine/'),
    );
    return new Map(
      found.map(([path, content]) => [path.split('/').pop()!, content]),
    );
  }

  it('is put aside, whether it was on the disk or not, and never given back', () => {
    const { spans, files, machine, kill } = setUp();
    const kept = spans.keep(record('kept', 40));
    spans.reject([kept, record('plain', 40)]);
    const [[name, content]] = [...quarantined(files)] as [[string, Buffer]];
    expect(name).toMatch(/^spans-\d{8}-[0-9a-f]{16}-2\.rejected$/);
    expect(content.toString()).toContain('kept;kept;');
    expect(content.toString()).toContain('plain;plain;');
    kill();
    expect(machine.start().spans.waiting).toBe(0);
    expect(quarantined(files).size).toBe(1);
  });

  it('goes, oldest first, when there is too much of it', () => {
    const { spans, files } = setUp({ maxBytes: 64 * KIB });
    for (const one of records(50, 'r', 1_000)) spans.reject([one]);
    const left = [...quarantined(files).values()];
    const bytes = left.reduce((sum, { length }) => sum + length, 0);
    expect(bytes).toBeLessThanOrEqual(16 * KIB);
    expect(bytes).toBeGreaterThan(14 * KIB);
    expect(left.join()).toContain('r49;');
    expect(left.join()).not.toContain('r0;r0;');
  });

  it('is not put aside when it alone is too much', () => {
    const { spans, files } = setUp({ maxBytes: 64 * KIB });
    spans.reject([record('small')]);
    spans.reject([record('giant', 17 * KIB)]);
    expect([...quarantined(files).values()].join()).toContain('small;');
    expect(quarantined(files).size).toBe(1);
  });

  it('is settled even where nothing can be put aside', () => {
    const { spans, files, machine, kill } = setUp();
    const kept = spans.keep(record('a'));
    files.fault = (_, path) =>
      path.includes('quarantine') ? 'EROFS' : undefined;
    spans.reject([kept]);
    files.fault = () => undefined;
    kill();
    expect(machine.start().spans.waiting).toBe(0);
  });

  it('may be nothing', () => {
    const { spans, files } = setUp();
    spans.reject([]);
    expect(quarantined(files).size).toBe(0);
  });
});
