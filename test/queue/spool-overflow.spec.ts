import { describe, expect, it } from 'vitest';
import { settled } from '../support/fake-clock.js';
import { ScriptedTransport } from '../support/scripted-transport.js';
import { SpoolingMachine } from '../support/spooled-queue.js';

const SMALL = { maxQueueSize: 30, flushAt: 10, maxConcurrency: 2 };

/** A transport that fails from the start. */
function failing(): ScriptedTransport {
  const transport = new ScriptedTransport();
  transport.accepting = false;
  return transport;
}

describe('a full queue with a spool', () => {
  it.each(['drop-oldest', 'drop-newest'] as const)(
    'drops nobody: the oldest go to the disk (%s)',
    async (overflow) => {
      const { enqueue, stats, transport, clock, sent, queue } =
        await new SpoolingMachine().start({
          queue: { ...SMALL, overflow },
          transport: failing(),
        });
      const ids = enqueue(1_000);
      await clock.advance(60_000);
      const { queued, spooled, dropped } = stats();
      expect(queued).toBeLessThanOrEqual(30);
      expect([queued + spooled, dropped]).toEqual([1_000, {}]);
      const flushed = queue.flush();
      transport.recover();
      await clock.advance(5_000);
      // What leaves the disk makes no less than nothing of what went there.
      expect(await flushed).toMatchObject({ delivered: 1_000, spooled: 0 });
      expect(stats()).toMatchObject({ delivered: 1_000, spooled: 0 });
      expect(sent().toSorted()).toEqual(ids.toSorted());
      expect(queue.stats().spool).toEqual({
        bytes: 0,
        waiting: 0,
        isWorking: true,
      });
    },
  );

  it('sends what is new before what has waited on the disk', async () => {
    const { enqueue, transport, clock, sent } =
      await new SpoolingMachine().start({ queue: SMALL, transport: failing() });
    const ids = enqueue(60);
    transport.recover();
    await clock.advance(0);
    // Those that went to the disk are the oldest thirty.
    expect(sent().slice(0, 20)).toEqual(ids.slice(30, 50));
  });

  it('fills at most half of the slots with what was on the disk', async () => {
    const transport = new ScriptedTransport(false);
    transport.accepting = false;
    const { enqueue, clock } = await new SpoolingMachine().start({
      queue: { ...SMALL, maxConcurrency: 5 },
      transport,
    });
    enqueue(200);
    transport.recover();
    await clock.advance(10_000);
    const live = () =>
      transport.pending.filter(({ batch }) => 'firstSeq' in batch).length;
    // Nothing else is due once memory has gone.
    transport.acceptAll();
    await clock.advance(10_000);
    expect(transport.pending.length - live()).toBe(2);
    transport.acceptAll();
    await clock.advance(0);
    expect([transport.pending.length, live()]).toEqual([2, 0]);
  });

  it('replays with one slot while nothing new is due', async () => {
    const transport = new ScriptedTransport(false);
    transport.accepting = false;
    const { enqueue, clock } = await new SpoolingMachine().start({
      queue: { ...SMALL, maxConcurrency: 1 },
      transport,
    });
    enqueue(50);
    transport.recover();
    const kinds: string[] = [];
    while (transport.pending.length > 0) {
      const [{ batch, accept }] = transport.pending as [
        (typeof transport.pending)[0],
      ];
      kinds.push('firstSeq' in batch ? 'live' : 'replayed');
      accept();
      await clock.advance(5_000);
    }
    expect(kinds.join(' ')).toBe('live live replayed replayed replayed');
  });

  it('lets through what memory has no room for', async () => {
    const transport = new ScriptedTransport(false);
    const { enqueue, stats, clock, sent } = await new SpoolingMachine().start({
      queue: { ...SMALL, maxQueueSize: 20 },
      transport,
    });
    // All of memory is in flight.
    enqueue(20);
    enqueue(5);
    expect(stats()).toMatchObject({ inFlight: 20, queued: 0, spooled: 5 });
    while (transport.pending.length > 0) {
      transport.acceptAll();
      await clock.advance(0);
    }
    expect(stats()).toMatchObject({ delivered: 25, dropped: {} });
    expect(new Set(sent()).size).toBe(25);
  });

  it('delivers a record that is larger than all memory', async () => {
    const { enqueue, stats, clock } = await new SpoolingMachine().start({
      queue: { maxQueueBytes: 1_000 },
    });
    enqueue(3);
    enqueue(1, 5_000);
    await clock.advance(10_000);
    expect(stats()).toMatchObject({ delivered: 4, dropped: {} });
  });

  it('frees the memory of what is on the disk', async () => {
    const machine = new SpoolingMachine();
    const { queue } = await machine.start({
      queue: SMALL,
      transport: failing(),
    });
    let released = 0;
    for (let i = 0; i < 100; i++) {
      queue.enqueue({ ...machine.record(), release: () => (released += 1) });
    }
    expect(released).toBe(queue.stats().spooled);
  });

  it('makes room for a record whose mask still works', async () => {
    const machine = new SpoolingMachine();
    const { queue, enqueue, stats, clock, transport } = await machine.start({
      queue: SMALL,
      transport: failing(),
    });
    enqueue(30);
    let arrive: () => void = () => undefined;
    const record = machine.record();
    queue.enqueueLater(
      'spans',
      new Promise((resolve) => (arrive = () => resolve(record))),
      20,
    );
    expect(stats()).toMatchObject({ queued: 1, spooled: 30 });
    const flushed = queue.flush({ timeoutMs: 60_000 });
    arrive();
    await settled();
    // It goes to the disk itself, and is waited for there.
    enqueue(30);
    expect(stats()).toMatchObject({ dropped: {} });
    transport.recover();
    await clock.advance(100);
    expect(await flushed).toMatchObject({ pending: 0, timedOut: false });
  });
});

describe('a disk that takes nothing', () => {
  it('leaves it to the option who goes, and says so in one line', async () => {
    const machine = new SpoolingMachine();
    machine.files.fault = (call) =>
      call === 'open' || call === 'makeFolder' ? 'ENOSPC' : undefined;
    const { enqueue, stats, lines, events, queue, clock } = await machine.start(
      { queue: SMALL, transport: failing() },
    );
    enqueue(100);
    await settled();
    expect(stats()).toMatchObject({ queued: 30, dropped: { overflow: 70 } });
    expect(queue.stats().spool?.isWorking).toBe(false);
    const failed = lines.filter((line) => line.includes('cannot write'));
    expect(failed).toHaveLength(1);
    expect(failed[0]).toContain('ENOSPC');
    machine.files.fault = () => undefined;
    await clock.advance(31_000);
    enqueue(100);
    await settled();
    expect(stats().spooled).toBeGreaterThan(70);
    expect(lines.at(-1)).toBe(
      'log: The disk of the spool takes records again.',
    );
    expect(events.filter(({ type }) => type === 'spool')).toMatchObject([
      { state: { status: 'failing' } },
      { state: { status: 'working' } },
    ]);
  });

  it('drops the newcomer that memory has no room for', async () => {
    const machine = new SpoolingMachine();
    machine.files.fault = (call) => (call === 'open' ? 'EIO' : undefined);
    const transport = new ScriptedTransport(false);
    const { enqueue, stats } = await machine.start({
      queue: { ...SMALL, maxQueueSize: 20 },
      transport,
    });
    enqueue(23);
    expect(stats()).toMatchObject({ inFlight: 20, dropped: { overflow: 3 } });
  });

  it('drops nobody else for a record that memory has no room for', async () => {
    const machine = new SpoolingMachine();
    machine.files.fault = (call) => (call === 'open' ? 'EIO' : undefined);
    const { enqueue, stats, queue } = await machine.start({
      queue: { ...SMALL, maxQueueBytes: 1_000 },
      transport: new ScriptedTransport(false),
    });
    enqueue(20, 45);
    enqueue(1, 50);
    enqueue(1, 200);
    expect(stats()).toMatchObject({ queued: 1, dropped: { overflow: 1 } });
    expect(queue.stats().bytes).toBe(950);
  });
});

describe('what waits on the disk', () => {
  it('is counted with its reason when it is lost there', async () => {
    const { enqueue, stats, events, queue, transport, lines } =
      await new SpoolingMachine().start({
        queue: SMALL,
        spool: { maxBytes: 40_000, segmentBytes: 2_000 },
        transport: failing(),
      });
    enqueue(2_000);
    await settled();
    const { queued, spooled, dropped } = stats();
    const lost = dropped.spool_quota ?? 0;
    expect(lost).toBeGreaterThan(100);
    expect(queued + spooled + lost).toBe(2_000);
    expect(queue.stats().spool?.waiting).toBe(spooled);
    expect(events).toContainEqual(
      expect.objectContaining({ type: 'dropped', reason: 'spool_quota' }),
    );
    expect(lines.some((line) => line.includes('40000 bytes'))).toBe(true);
    transport.recover();
    await queue.flush();
    expect(stats()).toMatchObject({ delivered: 2_000 - lost, spooled: 0 });
  });

  it('is waited for by flush(), with those behind it not', async () => {
    const { enqueue, queue, transport, clock } =
      await new SpoolingMachine().start({ queue: SMALL, transport: failing() });
    enqueue(100);
    const late = queue.flush({ timeoutMs: 1_000 });
    const flushed = queue.flush({ timeoutMs: 100_000 });
    // These push the first ones out of memory.
    enqueue(900);
    await clock.advance(1_000);
    expect(await late).toMatchObject({ pending: 100, timedOut: true });
    transport.recover();
    await clock.advance(100);
    expect(await flushed).toMatchObject({ pending: 0, timedOut: false });
  });

  it('is waited for when it was still being made', async () => {
    const machine = new SpoolingMachine();
    const transport = new ScriptedTransport(false);
    const { queue, enqueue, clock, sent } = await machine.start({
      queue: { ...SMALL, maxConcurrency: 1 },
      transport,
    });
    enqueue(10);
    let arrive: () => void = () => undefined;
    const record = machine.record();
    queue.enqueueLater(
      'spans',
      new Promise((resolve) => (arrive = () => resolve(record))),
      20,
    );
    const progress = { isDone: false };
    void queue
      .flush({ timeoutMs: 60_000 })
      .then(() => (progress.isDone = true));
    arrive();
    await settled();
    // These push it out of memory before it could be sent.
    enqueue(60);
    while (!progress.isDone) {
      transport.acceptAll();
      await clock.advance(0);
      const isUnderWay = transport.pending.some(({ batch }) =>
        batch.records.some(({ id }) => id === record.id),
      );
      const isSettled = sent().includes(record.id) && !isUnderWay;
      expect(progress.isDone && !isSettled).toBe(false);
    }
  });

  it('from another process is told of, delivered, and not waited for', async () => {
    const machine = new SpoolingMachine();
    const first = await machine.start({ queue: SMALL, transport: failing() });
    const ids = first.enqueue(100);
    first.queue.saveNow();
    first.kill();
    const transport = new ScriptedTransport(false);
    const next = await machine.start({ transport });
    expect(next.events[0]).toEqual({
      type: 'adopted',
      lane: 'spans',
      count: 100,
    });
    expect(next.lines).toEqual([
      'log: 100 records were left in the spool by a process that has ended; delivery goes on.',
    ]);
    expect(await next.queue.flush()).toMatchObject({ pending: 0 });
    expect(next.queue.stats().enqueued).toBe(100);
    while (transport.pending.length > 0) {
      transport.acceptAll();
      await next.clock.advance(0);
    }
    expect(next.sent()).toEqual(ids);
    expect(next.stats()).toMatchObject({ delivered: 100, spooled: 0 });
    expect(machine.files.files('/var/spool/v1').size).toBe(1);
  });

  it('is tried again later when a file cannot be read', async () => {
    const machine = new SpoolingMachine();
    const { enqueue, transport, clock, stats } = await machine.start({
      queue: SMALL,
      transport: failing(),
    });
    enqueue(100);
    machine.files.fault = (call) => (call === 'read' ? 'EIO' : undefined);
    transport.recover();
    await clock.advance(70_000);
    const { spooled } = stats();
    expect(spooled).toBeGreaterThan(0);
    machine.files.fault = () => undefined;
    await clock.advance(61_000);
    expect(stats()).toMatchObject({ delivered: 100, spooled: 0 });
  });

  it('and cannot be read is left alone after shutdown', async () => {
    const machine = new SpoolingMachine();
    const { enqueue, transport, clock, queue } = await machine.start({
      queue: SMALL,
      transport: failing(),
    });
    enqueue(100);
    machine.files.fault = (call) => (call === 'read' ? 'EIO' : undefined);
    transport.recover();
    await clock.advance(10_000);
    expect(clock.armed).not.toEqual([]);
    void queue.shutdown({ timeoutMs: 0 });
    await clock.advance(0);
    expect(clock.armed).toEqual([]);
  });

  it('belongs to the process that took it, when this one was taken for dead', async () => {
    const machine = new SpoolingMachine();
    const { enqueue, kill, clock, stats, queue } = await machine.start({
      queue: SMALL,
      transport: failing(),
    });
    enqueue(100);
    const { spooled } = stats();
    kill();
    const next = await machine.start({ transport: failing() });
    expect(next.stats().spooled).toBe(spooled);
    // It lives after all, and looks at its folder with the next heartbeat.
    await clock.advance(20_000);
    expect(stats().spooled).toBe(0);
    expect(queue.stats().enqueued).toBe(100 - spooled);
  });
});
