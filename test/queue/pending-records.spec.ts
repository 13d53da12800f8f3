import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  LangfuseQueue,
  type LangfuseQueueSettings,
  type QueueEvent,
  type QueueRecord,
} from '../../lib/queue/index.js';
import { FakeClock, settled } from '../support/fake-clock.js';
import { QUEUE_SETTINGS } from '../support/queue-settings.js';
import { ScriptedTransport } from '../support/scripted-transport.js';

let nextId = 0;

/** A record that is ready when the test says so. */
function making(bytes = 10) {
  nextId += 1;
  const id = `${nextId}`;
  let resolve!: (record: QueueRecord | undefined) => void;
  let reject!: (error: Error) => void;
  const promise = new Promise<QueueRecord | undefined>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  const state = { released: 0 };
  const record: QueueRecord = {
    lane: 'spans',
    id,
    bytes: new Uint8Array(bytes),
    release: () => void (state.released += 1),
  };
  return {
    id,
    promise,
    state,
    ready: () => resolve(record),
    impossible: () => resolve(undefined),
    fail: () => reject(new Error('failed')),
  };
}

function setUp(
  settings: Partial<LangfuseQueueSettings> = {},
  transport = new ScriptedTransport(),
) {
  const clock = new FakeClock();
  const quiet = () => undefined;
  const queue = new LangfuseQueue(
    { ...QUEUE_SETTINGS, ...settings },
    { transport, clock, logger: { log: quiet, warn: quiet, error: quiet } },
  );
  const events: QueueEvent[] = [];
  queue.events$.subscribe((event) => events.push(event));
  const later = (bytes?: number, expectedBytes = bytes ?? 10) => {
    const record = making(bytes);
    queue.enqueueLater('spans', record.promise, expectedBytes);
    return record;
  };
  const now = (bytes = 10) => {
    nextId += 1;
    const record = {
      lane: 'spans',
      id: `${nextId}`,
      bytes: new Uint8Array(bytes),
    };
    queue.enqueue(record as QueueRecord);
    return `${nextId}`;
  };
  const sent = () =>
    transport.sent.map(({ records }) => records.map(({ id }) => id));
  return { clock, queue, events, later, now, sent, transport };
}

describe('a record that is still being made', () => {
  it('counts as queued at once, with its expected bytes', () => {
    const { queue, later } = setUp();
    later(10, 300);
    expect(queue.stats()).toMatchObject({ enqueued: 1, queued: 1, bytes: 300 });
  });

  it('counts with its own bytes when it is ready, and waits like any other', async () => {
    const { clock, queue, later, sent } = setUp();
    const record = later(10, 300);
    record.ready();
    await settled();
    expect(queue.stats()).toMatchObject({ enqueued: 1, queued: 1, bytes: 10 });
    expect(sent()).toEqual([]);
    await clock.advance(5_000);
    expect(sent()).toEqual([[record.id]]);
    expect(queue.stats()).toMatchObject({ delivered: 1, queued: 0, bytes: 0 });
    expect(record.state.released).toBe(1);
  });

  it('does not hold up those that are ready', async () => {
    const { clock, later, now, sent } = setUp();
    const slow = later();
    const ready = now();
    await clock.advance(5_000);
    expect(sent()).toEqual([[ready]]);
    slow.ready();
    await clock.advance(5_000);
    expect(sent()).toEqual([[ready], [slow.id]]);
  });

  it.each(['impossible', 'fail'] as const)(
    'that cannot be made is dropped as invalid: %s',
    async (end) => {
      const { queue, events, later } = setUp();
      const record = later();
      const flushed = queue.flush();
      record[end]();
      expect(await flushed).toMatchObject({ dropped: { invalid: 1 } });
      expect(queue.stats()).toMatchObject({ queued: 0, enqueued: 1, bytes: 0 });
      expect(events).toContainEqual({
        type: 'dropped',
        lane: 'spans',
        count: 1,
        reason: 'invalid',
      });
    },
  );
});

describe('flush()', () => {
  it('waits for what is pending, and sends it when it is ready', async () => {
    const { queue, later, now, sent } = setUp();
    const first = now();
    const [second, third] = [later(), later()];
    const flushed = queue.flush();
    await settled();
    expect(sent()).toEqual([[first]]);
    third.ready();
    await settled();
    second.ready();
    expect(await flushed).toMatchObject({
      delivered: 3,
      pending: 0,
      timedOut: false,
    });
    expect(sent().flat()).toEqual([first, third.id, second.id]);
  });

  it('does not wait for what came after the call', async () => {
    const { queue, later } = setUp();
    const before = later();
    const flushed = queue.flush();
    const after = later();
    before.ready();
    expect(await flushed).toMatchObject({ delivered: 1, pending: 0 });
    expect(queue.stats()).toMatchObject({ queued: 1 });
    after.ready();
  });

  it('says at its deadline how many are pending, later ones not counted', async () => {
    const transport = new ScriptedTransport(false);
    const { clock, queue, later, now } = setUp({}, transport);
    now();
    const [second] = [later(), later()];
    const flushed = queue.flush({ timeoutMs: 100 });
    now();
    later();
    second.ready();
    await clock.advance(100);
    expect(await flushed).toMatchObject({ pending: 3, timedOut: true });
    expect(queue.stats()).toMatchObject({ enqueued: 5 });
  });

  it('does not take for settled what waits for the destination', async () => {
    const { clock, queue, later, transport } = setUp();
    transport.fail('refused');
    const record = later();
    const flushed = queue.flush({ timeoutMs: 100 });
    record.ready();
    await clock.advance(100);
    expect(await flushed).toMatchObject({ pending: 1, timedOut: true });
    transport.recover();
    expect(await queue.flush()).toMatchObject({ delivered: 1 });
  });

  it('does not take for settled what is in flight', async () => {
    const transport = new ScriptedTransport(false);
    const { queue, later } = setUp({}, transport);
    const record = later();
    let isDone = false;
    const flushed = queue.flush().finally(() => (isDone = true));
    record.ready();
    await settled();
    expect(transport.pending).toHaveLength(1);
    expect(isDone).toBe(false);
    transport.acceptAll();
    expect(await flushed).toMatchObject({ delivered: 1 });
  });
});

describe('shutdown()', () => {
  it('waits for what is pending', async () => {
    const { queue, later } = setUp();
    const record = later();
    const closed = queue.shutdown();
    await settled();
    record.ready();
    expect(await closed).toMatchObject({ delivered: 1, pending: 0 });
  });

  it('drops at its deadline what is pending then, whatever comes later', async () => {
    const { clock, queue, later, sent } = setUp();
    const [late, failed] = [later(), later()];
    const closed = queue.shutdown({ timeoutMs: 50 });
    await clock.advance(50);
    expect(await closed).toMatchObject({
      dropped: { shutdown_deadline: 2 },
      timedOut: true,
    });
    late.ready();
    failed.fail();
    await settled();
    expect(sent()).toEqual([]);
    expect(late.state.released).toBe(1);
    expect(queue.stats()).toMatchObject({
      enqueued: 2,
      queued: 0,
      dropped: { shutdown_deadline: 2 },
      bytes: 0,
    });
  });

  it('takes nothing more: it is counted as closed, and given back', async () => {
    const { queue, later } = setUp();
    await queue.shutdown();
    const [record, failed] = [later(), later()];
    record.ready();
    failed.fail();
    await settled();
    expect(queue.stats().dropped).toEqual({ closed: 2 });
    expect(record.state.released).toBe(1);
  });
});

describe('a full queue', () => {
  it('counts what is pending towards maxQueueSize; ready ones go first', async () => {
    const { queue, later, now, sent } = setUp({ maxQueueSize: 3 });
    now();
    const pending = [later(), later()];
    const last = now();
    expect(queue.stats()).toMatchObject({
      queued: 3,
      dropped: { overflow: 1 },
    });
    for (const record of pending) record.ready();
    await queue.flush();
    expect(sent().flat().toSorted()).toEqual(
      [last, ...pending.map(({ id }) => id)].toSorted(),
    );
  });

  it('drops the oldest that is pending where nothing is ready', async () => {
    const { queue, later, sent } = setUp({ maxQueueSize: 2 });
    const records = [later(), later(), later()];
    expect(queue.stats()).toMatchObject({
      queued: 2,
      dropped: { overflow: 1 },
    });
    for (const record of records) record.ready();
    await queue.flush();
    expect(sent().flat()).toEqual(records.slice(1).map(({ id }) => id));
    expect(records.map(({ state }) => state.released)).toEqual([1, 1, 1]);
  });

  it('drops what is pending for bytes, too', async () => {
    const { queue, later, now, sent } = setUp({ maxQueueBytes: 100 });
    const pending = later(60);
    const ready = now(60);
    expect(queue.stats()).toMatchObject({
      bytes: 60,
      dropped: { overflow: 1 },
    });
    pending.ready();
    await queue.flush();
    expect(sent()).toEqual([[ready]]);
  });

  it('refuses a new one with drop-newest', async () => {
    const { queue, later, sent } = setUp({
      maxQueueSize: 1,
      overflow: 'drop-newest',
    });
    const [first, second] = [later(), later()];
    second.ready();
    first.ready();
    await queue.flush();
    expect(sent()).toEqual([[first.id]]);
    expect(queue.stats().dropped).toEqual({ overflow: 1 });
  });

  it('holds maxQueueBytes when a record is larger than was expected', async () => {
    const { queue, later, now, sent } = setUp({ maxQueueBytes: 100 });
    now(40);
    const second = now(40);
    const large = later(60, 10);
    large.ready();
    await settled();
    expect(queue.stats()).toMatchObject({
      bytes: 100,
      dropped: { overflow: 1 },
    });
    await queue.flush();
    expect(sent().flat()).toEqual([second, large.id]);
  });

  it('drops one that is larger than all, and nothing else for it', async () => {
    const { queue, later, now, sent } = setUp({ maxQueueBytes: 100 });
    const small = now(40);
    const large = later(101, 10);
    const flushed = queue.flush();
    large.ready();
    expect(await flushed).toMatchObject({
      delivered: 1,
      dropped: { overflow: 1 },
      pending: 0,
    });
    expect(sent().flat()).toEqual([small]);
    expect(large.state.released).toBe(1);
  });
});

describe('the books', () => {
  const steps = fc.array(
    fc.oneof(
      fc.record({
        do: fc.constantFrom('later' as const, 'now' as const),
        bytes: fc.integer({ min: 0, max: 60 }),
        expected: fc.integer({ min: 0, max: 60 }),
      }),
      fc.record({
        do: fc.constantFrom(
          'ready' as const,
          'impossible' as const,
          'fail' as const,
        ),
        index: fc.nat(20),
      }),
      fc.record({
        do: fc.constantFrom(
          'flush' as const,
          'accept' as const,
          'time' as const,
        ),
      }),
    ),
    { maxLength: 60 },
  );

  it('balance at every step, and every record is given back once', async () => {
    const overflow = fc.constantFrom(
      'drop-oldest' as const,
      'drop-newest' as const,
    );
    await fc.assert(
      fc.asyncProperty(steps, overflow, async (todo, policy) => {
        // Test builds audit the ledger after every transition.
        const transport = new ScriptedTransport(false);
        const { clock, queue, later, now } = setUp(
          { maxQueueSize: 8, maxQueueBytes: 200, flushAt: 3, overflow: policy },
          transport,
        );
        const records: ReturnType<typeof later>[] = [];
        const flushes: Promise<unknown>[] = [];
        for (const step of todo) {
          if ('bytes' in step && step.do === 'later') {
            records.push(later(step.bytes, step.expected));
          } else if ('bytes' in step) {
            now(step.bytes);
          } else if ('index' in step) {
            records[step.index]?.[step.do]();
          } else if (step.do === 'flush') {
            flushes.push(queue.flush({ timeoutMs: 1_000 }));
          } else if (step.do === 'accept') {
            transport.acceptAll();
          } else {
            await clock.advance(100);
          }
          await settled();
          const { queued, inFlight, bytes } = queue.stats();
          expect(queued + inFlight).toBeLessThanOrEqual(8);
          expect(bytes).toBeLessThanOrEqual(200);
        }
        const closed = queue.shutdown({ timeoutMs: 1_000 });
        await clock.advance(1_000);
        await Promise.all([closed, ...flushes]);
        for (const record of records) record.ready();
        await settled();
        expect(queue.stats()).toMatchObject({
          queued: 0,
          inFlight: 0,
          bytes: 0,
        });
        for (const { state } of records) expect(state.released).toBeLessThan(2);
        expect(clock.armed).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });
});
