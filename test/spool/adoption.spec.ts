import { dirname } from 'node:path';
import { describe, expect, it } from 'vitest';
import { encodeHeader } from '../../lib/spool/segment-header.js';
import { crc32 } from 'node:zlib';
import { ids, Machine, record, records, takeAll } from './support/machine.js';
import { MemoryFiles } from './support/memory-files.js';

function setUp() {
  const files = new MemoryFiles();
  return { files, machine: new Machine(files) };
}

describe('the folder of a process', () => {
  it('is left alone while it lives, on the same machine', () => {
    const { machine } = setUp();
    machine.start().spans.save(records(3));
    const other = machine.start();
    other.clock.advance(3_600_000);
    expect(other.spans.waiting).toBe(0);
  });

  it('is left alone while its lease changes, on another machine', () => {
    const { files, machine } = setUp();
    const owner = machine.start();
    owner.spans.save(records(3));
    const far = new Machine(files, {}, 'far').start();
    for (let i = 0; i < 20; i++) {
      owner.clock.advance(5_000);
      far.clock.advance(5_000);
    }
    expect(far.spans.waiting).toBe(0);
  });

  it('is taken over once its lease has not changed for half a minute', () => {
    const { files, machine } = setUp();
    machine.start().spans.save(records(3));
    const far = new Machine(files, {}, 'far').start();
    far.clock.advance(25_000);
    expect(far.spans.waiting).toBe(0);
    far.clock.advance(10_000);
    expect(ids(takeAll(far.spans))).toEqual(['r0', 'r1', 'r2']);
  });

  it('is taken over by one of many', () => {
    const { machine } = setUp();
    const first = machine.start();
    first.spans.save(records(5));
    first.kill();
    const others = Array.from({ length: 8 }, () =>
      machine.start({}, { opens: false }),
    );
    for (const { spool } of others) spool.open();
    for (const { clock } of others) clock.advance(20_000);
    const waiting = others.map(({ spans }) => spans.waiting).toSorted();
    expect(waiting).toEqual([0, 0, 0, 0, 0, 0, 0, 5]);
  });

  it('has records that go before newer ones', () => {
    const { machine } = setUp();
    const first = machine.start();
    first.spans.save([record('old')]);
    machine.wallNow += 60_000;
    const second = machine.start({}, { opens: false });
    second.spans.save([record('new')]);
    first.kill();
    second.spool.open();
    second.clock.advance(0);
    expect(ids(takeAll(second.spans))).toEqual(['old', 'new']);
  });

  it('comes along with what it has taken over itself, over generations', () => {
    const { machine, files } = setUp();
    for (let i = 0; i < 6; i++) {
      const { spans, kill, spool } = machine.start();
      expect(spans.waiting).toBe(i);
      spans.save([record(`r${i}`)]);
      if (i % 2) spool.close();
      kill();
    }
    const last = machine.start();
    expect(ids(takeAll(last.spans)).toSorted()).toEqual(ids(records(6)));
    last.spool.close();
    expect([...files.files().keys()]).toEqual([]);
  });

  it('leaves no empty folder behind, over generations', () => {
    const { machine, files } = setUp();
    for (const id of ['a', 'b']) {
      const { spans, spool } = machine.start();
      spans.save([record(id)]);
      spool.close();
    }
    const third = machine.start();
    takeAll(third.spans);
    third.kill();
    machine.start();
    const [base] = files.list('/var/spool/v1');
    expect(files.list(`/var/spool/v1/${base}`)).toEqual([]);
  });

  it('comes along when its adopter ended on the way', () => {
    const { machine, files } = setUp();
    const first = machine.start();
    first.spans.save([record('a')]);
    first.kill();
    const second = machine.start({}, { opens: false });
    second.spans.save([record('b')]);
    // The folder is taken over; what is in it cannot be moved on.
    files.fault = (call, path) =>
      call === 'move' && path.includes('adopted') ? 'EIO' : undefined;
    second.spool.open();
    second.clock.advance(0);
    second.kill();
    const third = machine.start({}, { opens: false });
    third.spans.save([record('c')]);
    third.spool.open();
    third.clock.advance(0);
    third.kill();
    files.fault = () => undefined;
    const last = machine.start();
    last.clock.advance(5_000);
    expect(ids(takeAll(last.spans)).toSorted()).toEqual(['a', 'b', 'c']);
  });

  it('is removed when it is empty, also one that was never made ready', () => {
    const { machine, files } = setUp();
    const first = machine.start();
    first.spans.settle([first.spans.keep(record('a'))]);
    first.clock.advance(5_000);
    first.kill();
    const second = machine.start({}, { opens: false });
    files.fault = (call) => (call === 'move' ? 'EIO' : undefined);
    second.spans.keep(record('b'));
    second.kill();
    files.fault = () => undefined;
    expect([...files.files().keys()].join()).toContain('.new/lease');
    machine.start();
    expect([...files.files().keys()]).toEqual([]);
  });
});

describe('a process that is taken for dead while it lives', () => {
  function setUpZombie() {
    const { files, machine } = setUp();
    const owner = machine.start();
    const kept = records(3).map((one) => owner.spans.keep(one));
    owner.spans.save(kept.slice(0, 1));
    const far = new Machine(files, {}, 'far').start();
    far.clock.advance(40_000);
    expect(far.spans.waiting).toBe(3);
    return { owner, kept, far, files };
  }

  it('goes on in a new folder, and does not tell of losses', async () => {
    const { owner, kept, far } = setUpZombie();
    // It was stopped, and goes on where it was: no timer has fired.
    owner.clock.advance(0);
    owner.spans.settle(kept.slice(1));
    owner.clock.advance(20_000);
    owner.spans.save([record('later')]);
    expect(ids(takeAll(owner.spans))).toEqual(['later']);
    expect(await owner.events()).toEqual([
      { type: 'taken-over', lane: 'spans', count: 1 },
    ]);
    expect(ids(takeAll(far.spans))).toEqual(['r0', 'r1', 'r2']);
  });

  it('has its last words heard, which it wrote before it looked', () => {
    const { owner, far } = setUpZombie();
    const taken = far.spans.take(10, 10_000);
    expect(owner.spans.save([record('last words')])).toBe(1);
    far.spans.settle(taken);
    expect(far.spans.waiting).toBe(1);
    expect(ids(takeAll(far.spans))).toEqual(['last words']);
  });

  it('looks before it writes, after a pause', () => {
    const { owner, files } = setUpZombie();
    // Only the clock goes on: as after SIGSTOP, no timer comes first.
    owner.clock.now = () => 11_000;
    expect(owner.spans.save([record('x')])).toBe(1);
    const path = [...files.files().keys()].find((one) => one.endsWith('.open'));
    expect(path).toContain(`p${owner.identity.pid}-`);
  });
});

describe('a folder that was removed while it was used', () => {
  it('is made again; what was on the disk alone is counted', async () => {
    const { machine, files } = setUp();
    const { spans, clock, events } = machine.start();
    const kept = records(3).map((one) => spans.keep(one));
    spans.save(kept.slice(0, 2));
    for (const path of files.files().keys()) files.remove(path);
    clock.advance(5_000);
    expect(await events()).toEqual([
      {
        type: 'lost',
        lane: 'spans',
        count: 2,
        reason: 'spool_corrupt',
        cause: expect.stringContaining('was removed') as string,
      },
    ]);
    expect(spans.waiting).toBe(0);
    // What is in memory is written again when it is left to the disk.
    expect(spans.save(kept.slice(2))).toBe(1);
    expect(ids(takeAll(spans))).toEqual(['r2']);
  });

  it('is made again when a segment is begun', () => {
    const { machine, files } = setUp();
    const { spans, scores } = machine.start();
    spans.save([record('a')]);
    const [path] = [...files.files().keys()];
    files.move(dirname(path!), '/elsewhere');
    expect(scores.save([record('s', 10, 'scores')])).toBe(1);
    expect(spans.waiting).toBe(0);
    expect(spans.save([record('b')])).toBe(1);
    expect(ids(takeAll(spans))).toEqual(['b']);
  });
});

describe('what is none of ours', () => {
  it('is left alone: other files, other folders, a later format', async () => {
    const { machine, files } = setUp();
    const first = machine.start();
    first.spans.save(records(3));
    first.kill();
    const segment = [...files.files().keys()].find((path) =>
      path.endsWith('.open'),
    )!;
    const folder = dirname(segment);
    const header = encodeHeader({
      createdAt: 0,
      destination: '',
      origin: Buffer.alloc(0),
    });
    header[7] = 2;
    header.writeUInt32LE(crc32(header.subarray(0, 8)), 8);
    const strange = new Map([
      [`${folder}/notes.txt`, Buffer.from('mine')],
      [`${folder}/spans-00000001-0f1e2d3c4b5a6978-7.seg`, header],
      [
        `${dirname(folder)}/somebody/spans-00000001-0f1e2d3c4b5a6978.open`,
        Buffer.from('x'),
      ],
      [`${dirname(dirname(dirname(folder)))}/v2/x`, Buffer.from('later')],
    ]);
    for (const [path, content] of strange) files.put(path, content);
    const { spans, spool, events } = machine.start();
    expect(ids(takeAll(spans))).toEqual(['r0', 'r1', 'r2']);
    expect((await events()).map(({ type }) => type)).toEqual(['adopted']);
    spool.close();
    const left = [...files.files().values()].map(String).toSorted();
    expect(left).toEqual([...strange.values()].map(String).toSorted());
    // A later process finds nothing in it, and breaks nothing.
    const next = machine.start();
    expect(next.spans.waiting).toBe(0);
    next.spool.close();
    expect([...files.files().values()]).toHaveLength(left.length);
  });

  it('acknowledgements without a segment are removed', () => {
    const { machine, files } = setUp();
    const first = machine.start();
    const kept = records(2).map((one) => first.spans.keep(one));
    first.spans.settle(kept.slice(0, 1));
    first.kill();
    const paths = [...files.files().keys()];
    files.remove(paths.find((path) => path.endsWith('.open'))!);
    machine.start();
    expect(
      [...files.files().keys()].filter((path) => path.endsWith('.ack')),
    ).toEqual([]);
  });
});

describe('a folder with more segments than are read at a time', () => {
  it('is taken over bit by bit, to the last one', async () => {
    const { machine, files } = setUp();
    const owner = machine.start({ segmentBytes: 200 });
    owner.spans.save(records(300));
    owner.kill();
    const next = machine.start({}, { opens: false });
    const seen: number[] = [];
    next.spool.events$.subscribe(() => seen.push(next.spans.waiting));
    next.spool.open();
    next.clock.advance(0);
    expect(seen.length).toBeGreaterThan(1);
    expect(seen.at(-1)).toBe(300);
    expect(ids(takeAll(next.spans))).toHaveLength(300);
    next.spool.close();
    expect([...files.files('/var/spool/v1').keys()]).toEqual([]);
  });

  it('lets no other folder in before it is known how large it is', async () => {
    const { machine } = setUp();
    const many = machine.start({ segmentBytes: 200 });
    many.spans.save(records(300));
    const few = machine.start();
    few.spans.save(records(300, 's'));
    many.kill();
    few.kill();
    const { bytes } = many.spool.stats;
    const next = machine.start({ maxBytes: bytes + 1 });
    next.clock.advance(60_000);
    expect(next.spool.stats.bytes).toBeLessThanOrEqual(bytes + 1);
    expect(await next.events()).not.toContainEqual(
      expect.objectContaining({ type: 'lost' }),
    );
  });
});
