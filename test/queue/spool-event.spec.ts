import { describe, expect, it } from 'vitest';
import { settled } from '../support/fake-clock.js';
import { ScriptedTransport } from '../support/scripted-transport.js';
import { SpoolingMachine } from '../support/spooled-queue.js';

function failing(): ScriptedTransport {
  const transport = new ScriptedTransport();
  transport.accepting = false;
  return transport;
}

describe("mode 'event'", () => {
  it('has each record on the disk when enqueue() returns', async () => {
    const machine = new SpoolingMachine();
    const { enqueue, kill, stats } = await machine.start({
      mode: 'event',
      transport: new ScriptedTransport(false),
    });
    const ids = enqueue(45);
    kill();
    expect(stats()).toMatchObject({ inFlight: 20, queued: 25, spooled: 0 });
    expect(await machine.leftBehind()).toEqual(ids);
  });

  it('delivers nothing again that was settled before the process died', async () => {
    const machine = new SpoolingMachine();
    const transport = new ScriptedTransport(false);
    const { enqueue, kill } = await machine.start({ mode: 'event', transport });
    const ids = enqueue(45);
    transport.pending[0]!.accept();
    await settled();
    kill();
    expect(await machine.leftBehind()).toEqual(ids.slice(10));
  });

  it('writes nothing more when memory is full', async () => {
    const machine = new SpoolingMachine();
    const { enqueue, stats, clock, transport, sent } = await machine.start({
      mode: 'event',
      queue: { maxQueueSize: 30 },
      transport: failing(),
    });
    const before = machine.writes;
    const ids = enqueue(1_000);
    // One for each record, and for each segment its header.
    expect(machine.writes - before).toBeLessThan(1_010);
    expect(stats().queued).toBeLessThanOrEqual(30);
    transport.recover();
    await clock.advance(5_000);
    expect(stats()).toMatchObject({ delivered: 1_000, dropped: {} });
    expect(sent().toSorted()).toEqual(ids.toSorted());
  });

  it('passes release() on, once', async () => {
    const machine = new SpoolingMachine();
    const { queue } = await machine.start({ mode: 'event' });
    let released = 0;
    for (let i = 0; i < 20; i++) {
      queue.enqueue({ ...machine.record(), release: () => (released += 1) });
    }
    await queue.flush();
    expect(released).toBe(20);
  });

  it('counts what flush() waits for once, in memory or on the disk', async () => {
    const { enqueue, queue, clock, transport } =
      await new SpoolingMachine().start({
        mode: 'event',
        queue: { maxQueueSize: 30 },
        transport: failing(),
      });
    enqueue(20);
    const few = queue.flush({ timeoutMs: 10 });
    await clock.advance(10);
    expect(await few).toMatchObject({ pending: 20, timedOut: true });
    enqueue(80);
    const many = queue.flush({ timeoutMs: 1_000 });
    enqueue(500);
    await clock.advance(1_000);
    expect(await many).toMatchObject({ pending: 100, timedOut: true });
    const all = queue.flush({ timeoutMs: 1_000 });
    transport.recover();
    await clock.advance(100);
    expect(await all).toMatchObject({ pending: 0, timedOut: false });
  });

  it('waits for a record whose mask still worked, wherever it is', async () => {
    const machine = new SpoolingMachine();
    const { enqueue, queue, clock, transport } = await machine.start({
      mode: 'event',
      queue: { maxQueueSize: 30 },
      transport: failing(),
    });
    let arrive: () => void = () => undefined;
    const record = machine.record();
    queue.enqueueLater(
      'spans',
      new Promise((resolve) => (arrive = () => resolve(record))),
      20,
    );
    let isDone = false;
    void queue.flush({ timeoutMs: 60_000 }).then(() => (isDone = true));
    arrive();
    await settled();
    enqueue(60);
    await clock.advance(10_000);
    expect(isDone).toBe(false);
    transport.recover();
    await clock.advance(100);
    expect(isDone).toBe(true);
  });

  it('goes on in memory while the disk takes nothing', async () => {
    const machine = new SpoolingMachine();
    const { enqueue, kill, queue, clock, transport } = await machine.start({
      mode: 'event',
      transport: failing(),
    });
    machine.files.fault = (call) => (call === 'open' ? 'EMFILE' : undefined);
    enqueue(10);
    machine.files.fault = () => undefined;
    await clock.advance(1_500);
    const kept = enqueue(10);
    const flushed = queue.flush({ timeoutMs: 10 });
    await clock.advance(10);
    expect((await flushed).pending).toBeGreaterThanOrEqual(10);
    kill();
    expect(await machine.leftBehind()).toEqual(kept);
    transport.recover();
  });

  it('keeps nothing of what it turns away', async () => {
    const machine = new SpoolingMachine();
    const { enqueue, queue, kill } = await machine.start({ mode: 'event' });
    await queue.shutdown();
    enqueue(3);
    kill();
    expect(await machine.leftBehind()).toEqual([]);
  });
});
