import { describe, expect, it } from 'vitest';
import { settled } from '../support/fake-clock.js';
import { ScriptedTransport } from '../support/scripted-transport.js';
import { SpoolingMachine } from '../support/spooled-queue.js';

const MODES = ['overflow', 'event'] as const;

/** A transport to a destination that was failing before. */
function failing(): ScriptedTransport {
  const transport = new ScriptedTransport();
  transport.accepting = false;
  return transport;
}

describe.each(MODES)('shutdown() with mode %s', (mode) => {
  it('leaves what is not delivered to the next process', async () => {
    const machine = new SpoolingMachine();
    const { enqueue, queue, clock, stats, kill, lines } = await machine.start({
      mode,
      transport: failing(),
    });
    const ids = enqueue(100);
    const closing = queue.shutdown({ timeoutMs: 1_000 });
    await clock.advance(1_000);
    expect(await closing).toMatchObject({
      delivered: 0,
      dropped: {},
      spooled: 100,
      pending: 0,
      timedOut: true,
    });
    expect(stats()).toMatchObject({ queued: 0, inFlight: 0, spooled: 100 });
    expect(lines).toEqual([
      'log: Shut down with 0 records delivered. 100 records are on the disk: the next start delivers them.',
    ]);
    kill();
    expect(await machine.leftBehind()).toEqual(ids);
  });

  it('leaves what is in flight, and gives back what was taken from the disk', async () => {
    const machine = new SpoolingMachine();
    const first = await machine.start({ mode, transport: failing() });
    const ids = first.enqueue(50);
    void first.queue.shutdown({ timeoutMs: 0 });
    await first.clock.advance(0);
    first.kill();
    const transport = new ScriptedTransport(false);
    const { enqueue, stats, queue, clock, kill } = await machine.start({
      mode,
      transport,
    });
    ids.push(...enqueue(10));
    expect(stats()).toMatchObject({ inFlight: 20, spooled: 40 });
    const writes = machine.writes;
    const closing = queue.shutdown({ timeoutMs: 0 });
    await clock.advance(0);
    expect(await closing).toMatchObject({ dropped: {}, pending: 0 });
    expect(stats()).toMatchObject({ inFlight: 0, spooled: 60, dropped: {} });
    // Nothing that was there is written again.
    expect(machine.writes - writes).toBeLessThanOrEqual(
      mode === 'event' ? 0 : 2,
    );
    kill();
    const left = await machine.leftBehind();
    expect(left.toSorted()).toEqual(ids.toSorted());
  });

  it('leaves nothing when all is delivered', async () => {
    const machine = new SpoolingMachine();
    const { enqueue, queue, lines } = await machine.start({ mode });
    enqueue(25);
    expect(await queue.shutdown()).toMatchObject({
      delivered: 25,
      spooled: 0,
      timedOut: false,
    });
    expect([...machine.files.files('/var/spool/v1').keys()]).toEqual([]);
    expect(lines).toEqual([]);
  });

  it('drops records that are still being made: they are not masked yet', async () => {
    const machine = new SpoolingMachine();
    const { queue, clock, kill, stats } = await machine.start({
      mode,
      transport: failing(),
    });
    queue.enqueueLater('spans', new Promise(() => {}), 20);
    const closing = queue.shutdown({ timeoutMs: 10 });
    await clock.advance(10);
    expect(await closing).toMatchObject({
      spooled: 0,
      dropped: { shutdown_deadline: 1 },
    });
    expect(stats().spooled).toBe(0);
    kill();
    expect(await machine.leftBehind()).toEqual([]);
  });

  it('drops what the disk does not take, and keeps what it has', async () => {
    const machine = new SpoolingMachine();
    const { enqueue, queue, clock, kill } = await machine.start({
      mode,
      transport: failing(),
    });
    machine.files.fault = (call) => (call === 'write' ? 'ENOSPC' : undefined);
    enqueue(10);
    machine.files.fault = () => undefined;
    // By then the disk is asked again.
    await clock.advance(1_500);
    const kept = enqueue(10);
    machine.files.fault = (call) => (call === 'write' ? 'ENOSPC' : undefined);
    const closing = queue.shutdown({ timeoutMs: 0 });
    await clock.advance(0);
    const lost = mode === 'event' ? 10 : 20;
    expect(await closing).toMatchObject({
      spooled: 20 - lost,
      dropped: { shutdown_deadline: lost },
    });
    machine.files.fault = () => undefined;
    kill();
    expect(await machine.leftBehind()).toEqual(mode === 'event' ? kept : []);
  });

  it('ends a flush() that waits', async () => {
    const { enqueue, queue, clock } = await new SpoolingMachine().start({
      mode,
      transport: failing(),
    });
    enqueue(10);
    const flushed = queue.flush({ timeoutMs: 60_000 });
    void queue.shutdown({ timeoutMs: 0 });
    await clock.advance(0);
    expect(await flushed).toMatchObject({ spooled: 10, pending: 0 });
  });

  it('of records that the server refused leaves none', async () => {
    const machine = new SpoolingMachine();
    const transport = new ScriptedTransport(false);
    const { enqueue, kill } = await machine.start({ mode, transport });
    enqueue(10);
    await settled();
    const { batch, answer } = transport.pending[0]!;
    const refused = batch.records.slice(0, 2);
    answer({ delivered: 8, rejected: 2, cause: 'bad id', refused });
    await settled();
    kill();
    expect(await machine.leftBehind()).toEqual([]);
    const aside = [...machine.files.files('/var/spool/v1').keys()];
    expect(aside.filter((path) => path.includes('rejected'))).toHaveLength(1);
  });
});

describe('a transport that throws', () => {
  it('at a shutdown loses nothing; at any other time it loses its batch', async () => {
    const machine = new SpoolingMachine();
    const transport = new ScriptedTransport();
    transport.send = (_, signal) =>
      new Promise((_resolve, reject) =>
        signal.addEventListener('abort', () => reject(new Error('broken'))),
      );
    const { enqueue, queue, clock, kill } = await machine.start({ transport });
    const ids = enqueue(10);
    const closing = queue.shutdown({ timeoutMs: 0 });
    await clock.advance(0);
    expect(await closing).toMatchObject({ spooled: 10, dropped: {} });
    kill();
    expect(await machine.leftBehind()).toEqual(ids);
    transport.send = () => Promise.reject(new Error('broken'));
    const next = await machine.start({ mode: 'event', transport });
    next.enqueue(10);
    await settled();
    expect(next.stats().dropped).toEqual({ transport_error: 10 });
    next.kill();
    expect(await machine.leftBehind()).toEqual([]);
  });
});

describe('a last attempt', () => {
  const settings = {
    transport: undefined,
    queue: { shutdownTimeoutMs: 60_000 },
  };

  it('that fails where all before have failed is the last one', async () => {
    const transport = failing();
    const { enqueue, queue } = await new SpoolingMachine().start({
      ...settings,
      transport,
    });
    transport.fail('HTTP 503');
    enqueue(10);
    const closing = queue.shutdown();
    transport.fail('HTTP 503');
    expect(await closing).toMatchObject({ spooled: 10, durationMs: 0 });
  });

  it('goes on for a destination that was well until now', async () => {
    const transport = new ScriptedTransport(false);
    const { enqueue, queue, clock } = await new SpoolingMachine().start({
      ...settings,
      transport,
    });
    enqueue(10);
    const closing = queue.shutdown();
    transport.fail('HTTP 503');
    await clock.advance(10_000);
    transport.acceptAll();
    expect(await closing).toMatchObject({ delivered: 10, durationMs: 10_000 });
  });

  it('of one lane ends that lane only', async () => {
    const transport = new ScriptedTransport(false);
    const machine = new SpoolingMachine();
    const { enqueue, queue, clock } = await machine.start({
      ...settings,
      transport,
    });
    const fail = () =>
      transport.state$.next({
        concerns: 'scores',
        status: 'failing',
        endpoint: 'http://test/',
        cause: 'HTTP 404',
      });
    enqueue(10);
    queue.enqueue({ ...machine.record(), lane: 'scores' });
    fail();
    const closing = queue.shutdown();
    fail();
    await clock.advance(1_000);
    transport.pending[0]!.accept();
    expect(await closing).toMatchObject({
      delivered: 10,
      spooled: 1,
      timedOut: true,
      durationMs: 1_000,
    });
  });

  it('leaves time to save what is in memory', async () => {
    const transport = failing();
    const machine = new SpoolingMachine();
    const { enqueue, queue, clock } = await machine.start({ transport });
    enqueue(10);
    const closing = queue.shutdown({ timeoutMs: 1_000 });
    await clock.advance(1_000);
    expect((await closing).durationMs).toBeCloseTo(950, 0);
    const kept = await machine.start({ mode: 'event', transport });
    kept.enqueue(10);
    const ending = kept.queue.shutdown({ timeoutMs: 1_000 });
    await kept.clock.advance(1_000);
    expect((await ending).durationMs).toBe(1_000);
    const short = await machine.start({ transport });
    short.enqueue(10);
    const atOnce = short.queue.shutdown({ timeoutMs: 100 });
    await short.clock.advance(100);
    expect((await atOnce).durationMs).toBe(75);
  });
});

describe.each(MODES)('saveNow() with mode %s', (mode) => {
  it('saves all that is in memory before it returns', async () => {
    const machine = new SpoolingMachine();
    const transport = new ScriptedTransport(false);
    const { enqueue, queue, stats, kill, lines } = await machine.start({
      mode,
      transport,
    });
    const ids = enqueue(45);
    expect(stats()).toMatchObject({ inFlight: 20, queued: 25 });
    const writes = machine.writes;
    queue.saveNow();
    if (mode === 'event') expect(machine.writes).toBe(writes);
    expect(transport.isClosed).toBe(true);
    kill();
    expect(stats()).toMatchObject({ inFlight: 0, queued: 0, spooled: 45 });
    expect(queue.stats().bytes).toBe(0);
    expect(lines).toHaveLength(1);
    const left = await machine.leftBehind();
    expect(left.toSorted()).toEqual(ids.toSorted());
  });

  it('gives back what was taken from the disk', async () => {
    const machine = new SpoolingMachine();
    const first = await machine.start({ mode, transport: failing() });
    const ids = first.enqueue(50);
    first.queue.saveNow();
    first.kill();
    const transport = new ScriptedTransport(false);
    const { queue, stats, kill } = await machine.start({ mode, transport });
    expect(stats()).toMatchObject({ inFlight: 10, spooled: 40 });
    queue.saveNow();
    expect(stats()).toMatchObject({ inFlight: 0, spooled: 50 });
    kill();
    expect(await machine.leftBehind()).toEqual(ids);
  });

  it('ends the queue: what comes then is closed, and shutdown() has nothing to do', async () => {
    const transport = new ScriptedTransport(false);
    const { enqueue, queue, stats, clock, lines } =
      await new SpoolingMachine().start({ mode, transport });
    enqueue(45);
    queue.saveNow();
    queue.saveNow();
    enqueue(1);
    transport.acceptAll();
    await clock.advance(60_000);
    expect(await queue.shutdown()).toMatchObject({ pending: 0, delivered: 0 });
    expect(stats()).toMatchObject({ spooled: 45, dropped: { closed: 1 } });
    expect(transport.sent).toHaveLength(2);
    expect(transport.isClosed).toBe(true);
    expect(lines.filter((line) => line.includes('Shut down'))).toHaveLength(1);
  });

  it('does nothing after shutdown()', async () => {
    const machine = new SpoolingMachine();
    const { enqueue, queue, lines } = await machine.start({ mode });
    enqueue(5);
    await queue.shutdown();
    const { length } = machine.files.operations;
    queue.saveNow();
    expect(machine.files.operations).toHaveLength(length);
    expect(lines).toEqual([]);
  });
});
