import { describe, expect, it } from 'vitest';
import { MemoryFiles } from './support/memory-files.js';
import { ids, Machine, record, records, takeAll } from './support/machine.js';

const KIB = 1024;

function machineWithFiles() {
  const files = new MemoryFiles();
  return { files, machine: new Machine(files) };
}

describe('a record that is kept', () => {
  it('is on the disk and in memory, and given back by a restart', async () => {
    const { machine } = machineWithFiles();
    const first = machine.start();
    const kept = first.spans.keep(record('a'));
    expect(kept).toMatchObject(record('a'));
    expect(first.spans.waiting).toBe(0);
    expect(first.spans.take(10, KIB)).toEqual([]);
    first.kill();
    const second = machine.start();
    expect(await second.events()).toEqual([
      { type: 'adopted', lane: 'spans', count: 1 },
    ]);
    expect(second.spans.waiting).toBe(1);
    expect(takeAll(second.spans)).toMatchObject([record('a')]);
  });

  it('is not given back once it is settled', () => {
    const { machine } = machineWithFiles();
    const { spans, kill } = machine.start();
    const kept = records(5).map((one) => spans.keep(one));
    spans.settle(kept.slice(1, 4));
    kill();
    expect(ids(takeAll(machine.start().spans))).toEqual(['r0', 'r4']);
  });

  it('may be settled twice', () => {
    const { spans, spool } = machineWithFiles().machine.start();
    const kept = records(2).map((one) => spans.keep(one));
    spans.settle(kept.slice(0, 1));
    const { bytes } = spool.stats;
    spans.settle(kept.slice(0, 1));
    expect(spool.stats.bytes).toBe(bytes);
  });

  it('waits on the disk when memory leaves it to the disk', () => {
    const { machine, files } = machineWithFiles();
    const { spans } = machine.start();
    const kept = records(3).map((one) => spans.keep(one));
    const written = files.operations.length;
    expect(spans.save(kept.slice(0, 2))).toBe(2);
    expect(files.operations).toHaveLength(written);
    expect(spans.waiting).toBe(2);
    expect(ids(spans.take(10, KIB))).toEqual(['r0', 'r1']);
  });

  it('passes the release of its memory on, and copies do not', () => {
    const { spans } = machineWithFiles().machine.start();
    let released = 0;
    const kept = spans.keep({ ...record('a'), release: () => (released += 1) });
    kept.release?.();
    expect(released).toBe(1);
    const copy = { ...kept, bytes: Buffer.from('shorter') };
    expect('release' in copy).toBe(false);
    spans.settle([copy]);
    expect(spans.countUnsettled(1)).toBe(1);
  });
});

describe('records that are saved', () => {
  it('are taken in their order, within count and bytes, at least one', () => {
    const { spans } = machineWithFiles().machine.start();
    expect(spans.save(records(6, 'r', 100))).toBe(6);
    expect(ids(spans.take(2, 1_000_000))).toEqual(['r0', 'r1']);
    expect(ids(spans.take(10, 250))).toEqual(['r2', 'r3']);
    expect(ids(spans.take(10, 1))).toEqual(['r4']);
    expect(spans.waiting).toBe(1);
  });

  it('are given back when they are saved again', () => {
    const { spans } = machineWithFiles().machine.start();
    spans.save(records(4));
    const [first, second, ...rest] = spans.take(10, KIB);
    spans.settle([second!]);
    expect(spans.save([first!, ...rest])).toBe(3);
    expect(ids(takeAll(spans))).toEqual(['r0', 'r2', 'r3']);
    expect(spans.waiting).toBe(0);
  });

  it('leave no file behind once all are settled and the spool is closed', () => {
    const { machine, files } = machineWithFiles();
    const { spans, scores, spool } = machine.start();
    spans.save(records(3));
    scores.save([record('s', 10, 'scores')]);
    takeAll(spans);
    takeAll(scores);
    spool.close();
    expect([...files.files().keys()]).toEqual([]);
    expect(files.openHandles).toBe(0);
  });

  it('stay in the lane that they came from', () => {
    const { machine } = machineWithFiles();
    const { spans, scores, spool } = machine.start();
    spans.save(records(2));
    scores.save([record('s', 10, 'scores')]);
    spool.close();
    const next = machine.start();
    expect(takeAll(next.scores)).toMatchObject([{ lane: 'scores', id: 's' }]);
    expect(next.spans.waiting).toBe(2);
  });

  it('may be empty, large, or have ids of any text', () => {
    const { machine } = machineWithFiles();
    const { spans, spool } = machine.start();
    const odd = [
      record('', 0),
      record('ü'.repeat(300), 1),
      record('large', 3_000_000),
      record('after'),
    ];
    expect(spans.save(odd)).toBe(4);
    spool.close();
    const taken = takeAll(machine.start().spans);
    expect(ids(taken)).toEqual(ids(odd));
    const isSame = (i: number) =>
      Buffer.compare(taken[i]!.bytes, odd[i]!.bytes);
    expect(odd.map((_, i) => isSame(i))).toEqual([0, 0, 0, 0]);
  });

  it('are too large for a frame: those before are safe, the others stay', () => {
    const { spans } = machineWithFiles().machine.start();
    const all = [record('a'), record('x'.repeat(70_000)), record('b')];
    expect(spans.save(all)).toBe(1);
    expect(spans.keep(all[1]!)).toBe(all[1]);
  });
});

describe('unsettled records', () => {
  it('are counted up to a number', () => {
    const { spans } = machineWithFiles().machine.start({ maxBytes: 64 * KIB });
    const kept = records(100, 'r', 100).map((one) => spans.keep(one));
    expect(spans.lastNumber).toBe(100);
    spans.settle(kept.slice(0, 10));
    spans.settle(kept.slice(50, 60));
    expect(spans.countUnsettled(100)).toBe(80);
    expect(spans.countUnsettled(55)).toBe(40);
    expect(spans.countUnsettled(10)).toBe(0);
    spans.save(kept.slice(20, 30));
    expect(spans.countUnsettled(100)).toBe(80);
    spans.settle(takeAll(spans));
    expect(spans.countUnsettled(100)).toBe(70);
  });

  it('of other processes are not', () => {
    const { machine } = machineWithFiles();
    const first = machine.start();
    first.spans.save(records(3));
    first.kill();
    const { spans } = machine.start();
    expect(spans.waiting).toBe(3);
    expect(spans.countUnsettled(1_000)).toBe(0);
  });
});

describe('segments', () => {
  it('are read a few at a time', () => {
    const { spans } = machineWithFiles().machine.start();
    spans.save(records(30, 'r', 600_000));
    const taken = spans.take(Infinity, Infinity);
    // 8 MiB of segments with one record each.
    expect(taken.length).toBeGreaterThan(5);
    expect(taken.length).toBeLessThan(15);
    expect(spans.take(1, 1)).toEqual([]);
    spans.settle(taken.slice(0, 2));
    expect(ids(spans.take(1, 1))).toEqual([`r${taken.length}`]);
  });

  it('go when all of their records are settled, in whatever order', () => {
    const { machine, files } = machineWithFiles();
    const { spans } = machine.start({ maxBytes: 64 * KIB });
    const kept = records(50, 'r', 1_000).map((one) => spans.keep(one));
    const count = () =>
      [...files.files().keys()].filter((path) => path.endsWith('.seg')).length;
    expect(count()).toBeGreaterThan(10);
    spans.settle(kept.slice(3));
    expect(count()).toBe(1);
    spans.settle(kept.slice(0, 3));
    expect(count()).toBe(0);
  });

  it('do not stay because nothing more comes', () => {
    const { machine, files } = machineWithFiles();
    const { spans, clock } = machine.start();
    spans.settle([spans.keep(record('secret'))]);
    clock.advance(5_000);
    expect([...files.files().values()].join()).not.toContain('secret');
  });

  it('are begun anew after a minute', () => {
    const { machine, files } = machineWithFiles();
    const { spans, clock } = machine.start();
    spans.keep(record('a'));
    clock.advance(61_000);
    spans.keep(record('b'));
    const names = [...files.files().keys()].join();
    expect(names).toMatch(/-1\.seg/);
    expect(names).toMatch(/\.open/);
  });
});

describe('the origin of records', () => {
  it('comes along when it is not that of the reader', () => {
    const { machine } = machineWithFiles();
    const first = machine.start({ origin: Buffer.from('theirs') });
    first.spans.save([record('a'), record('b')]);
    first.kill();
    const { spans } = machine.start({
      restore: (lane, bytes, origin) =>
        Buffer.from(
          `${lane} ${Buffer.from(origin).toString()} ${bytes.length}`,
        ),
    });
    expect(
      takeAll(spans).map(({ bytes }) => Buffer.from(bytes).toString()),
    ).toEqual(['spans theirs 20', 'spans theirs 20']);
  });

  it('is nobody else’s business', () => {
    const { machine } = machineWithFiles();
    machine.start().spans.save([record('a')]);
    const restore = () => expect.unreachable();
    const first = machine.start({ restore });
    first.spans.save([record('b')]);
    expect(ids(takeAll(first.spans))).toEqual(['b']);
  });
});

describe('records of another destination', () => {
  it('are left alone', async () => {
    const { machine } = machineWithFiles();
    const other = machine.start({ destination: 'elsewhere' });
    other.spans.save(records(2));
    other.kill();
    const here = machine.start();
    expect(await here.events()).toEqual([]);
    expect(here.spans.waiting).toBe(0);
    expect(machine.start({ destination: 'elsewhere' }).spans.waiting).toBe(2);
  });
});

describe('a spool that is closed', () => {
  it('takes nothing more, and ends its events', () => {
    const { spool, spans } = machineWithFiles().machine.start();
    let isComplete = false;
    spool.events$.subscribe({ complete: () => (isComplete = true) });
    spool.close();
    expect(isComplete).toBe(true);
    expect(spans.save(records(2))).toBe(0);
    const one = record('a');
    expect(spans.keep(one)).toBe(one);
  });

  it('leaves its records to the next process at once, whoever that is', () => {
    const files = new MemoryFiles();
    const first = new Machine(files).start();
    first.spans.save(records(3));
    first.spool.close();
    const second = new Machine(files, {}, 'another host').start();
    expect(second.spans.waiting).toBe(3);
  });
});
