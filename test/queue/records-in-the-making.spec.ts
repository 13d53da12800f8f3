/** Records whose bytes are still being made when they are queued. */
import { describe, expect, it } from 'vitest';
import {
  type FlushResult,
  LangfuseQueue,
  type LangfuseQueueSettings,
  type QueueRecord,
} from '../../lib/queue/index.js';
import { FakeClock, settled } from '../support/fake-clock.js';
import { QUEUE_SETTINGS } from '../support/queue-settings.js';
import { ScriptedTransport } from '../support/scripted-transport.js';

/** What a record is reckoned with until it is ready; it has 10 bytes then. */
const EXPECTED = 100;

class CountedRecord implements QueueRecord {
  readonly lane = 'spans';
  readonly bytes = new Uint8Array(10);
  released = 0;

  constructor(readonly id: string) {}

  release(): void {
    this.released += 1;
  }
}

function setUp(
  settings: Partial<LangfuseQueueSettings> = {},
  transport = new ScriptedTransport(),
) {
  const clock = new FakeClock();
  const ignore = () => undefined;
  const queue = new LangfuseQueue(
    { ...QUEUE_SETTINGS, ...settings },
    { transport, clock, logger: { log: ignore, warn: ignore, error: ignore } },
  );
  const enqueue = (id: string) => {
    const record = new CountedRecord(id);
    queue.enqueue(record);
    return record;
  };
  /** Queues one that the test makes ready, or not, when it says so. */
  const enqueueLater = (id: string) => {
    const record = new CountedRecord(id);
    let resolve: (made: QueueRecord | undefined) => void = () => undefined;
    let reject: (error: Error) => void = () => undefined;
    const promise = new Promise<QueueRecord | undefined>((...settle) => {
      [resolve, reject] = settle;
    });
    queue.enqueueLater('spans', promise, EXPECTED);
    return {
      record,
      async ready() {
        resolve(record);
        await settled();
      },
      async fail(how: 'undefined' | 'a rejection') {
        if (how === 'undefined') resolve(undefined);
        else reject(new Error('no bytes'));
        await settled();
      },
    };
  };
  /** A flush, with its result when it is there. */
  const flush = () => {
    const flushed: { result?: FlushResult } = {};
    void queue.flush().then((result) => (flushed.result = result));
    return flushed;
  };
  const ids = () =>
    transport.sent.map(({ records }) => records.map(({ id }) => id).join(''));
  return { clock, queue, transport, enqueue, enqueueLater, flush, ids };
}

describe('a record that is still being made', () => {
  it('counts as queued with what is expected, then with what it is', async () => {
    const { queue, enqueueLater } = setUp();
    const a = enqueueLater('a');
    expect(queue.stats()).toMatchObject({ enqueued: 1, queued: 1, bytes: 100 });
    await a.ready();
    expect(queue.stats()).toMatchObject({ enqueued: 1, queued: 1, bytes: 10 });
    await queue.flush();
    expect(queue.stats()).toMatchObject({
      enqueued: 1,
      queued: 0,
      delivered: 1,
      bytes: 0,
    });
    expect(a.record.released).toBe(1);
  });

  it.each(['undefined', 'a rejection'] as const)(
    'and never will be (%s) is dropped as invalid',
    async (how) => {
      const { queue, enqueueLater, flush } = setUp();
      const a = enqueueLater('a');
      const flushed = flush();
      await a.fail(how);
      expect(flushed.result).toMatchObject({
        dropped: { invalid: 1 },
        pending: 0,
      });
      expect(queue.stats()).toMatchObject({
        enqueued: 1,
        queued: 0,
        bytes: 0,
        dropped: { invalid: 1 },
      });
    },
  );

  it('holds up no other one', async () => {
    const { enqueue, enqueueLater, flush, ids } = setUp();
    enqueueLater('a');
    enqueue('b');
    flush();
    await settled();
    expect(ids()).toEqual(['b']);
  });
});

describe('a flush', () => {
  it('waits for what was being made when it was called, and sends it', async () => {
    const { enqueue, enqueueLater, flush, ids } = setUp();
    const [a, b] = [enqueueLater('a'), enqueueLater('b')];
    enqueue('c');
    const flushed = flush();
    await settled();
    expect(flushed.result).toBeUndefined();
    await a.ready();
    expect(flushed.result).toBeUndefined();
    await b.ready();
    expect(flushed.result).toMatchObject({
      delivered: 3,
      pending: 0,
      timedOut: false,
    });
    expect(ids()).toEqual(['c', 'a', 'b']);
  });

  it('does not wait for what came later, and leaves it to its batch', async () => {
    const transport = new ScriptedTransport(false);
    const { enqueue, enqueueLater, flush, ids } = setUp({}, transport);
    enqueue('a');
    const flushed = flush();
    const late = enqueueLater('b');
    await late.ready();
    expect(ids()).toEqual(['a']);
    transport.acceptAll();
    await settled();
    expect(flushed.result).toMatchObject({ delivered: 1, pending: 0 });
  });

  it('waits until the request with it is answered', async () => {
    const transport = new ScriptedTransport(false);
    const { enqueueLater, flush } = setUp({}, transport);
    const a = enqueueLater('a');
    const flushed = flush();
    await a.ready();
    expect(transport.pending).toHaveLength(1);
    expect(flushed.result).toBeUndefined();
    transport.acceptAll();
    await settled();
    expect(flushed.result).toMatchObject({ delivered: 1 });
  });

  it('waits for one that is ready, but not sent yet', async () => {
    const transport = new ScriptedTransport();
    transport.accepting = false;
    const { enqueueLater, flush } = setUp({}, transport);
    const a = enqueueLater('a');
    const flushed = flush();
    await a.ready();
    expect(flushed.result).toBeUndefined();
    transport.recover();
    await settled();
    expect(flushed.result).toMatchObject({ delivered: 1 });
  });

  it('counts at its deadline what is still being made, ready or sent', async () => {
    const transport = new ScriptedTransport(false);
    const parts = setUp({ maxConcurrency: 1 }, transport);
    const { clock, queue, enqueue, enqueueLater } = parts;
    const sent = enqueueLater('a');
    const ready = enqueueLater('b');
    enqueueLater('c');
    const flushed = queue.flush();
    await sent.ready();
    await ready.ready();
    enqueue('d');
    enqueueLater('e');
    await clock.advance(10_000);
    expect(await flushed).toMatchObject({ pending: 3, timedOut: true });
  });
});

describe('a full queue', () => {
  it('drops what is ready before what is still being made', async () => {
    const transport = new ScriptedTransport();
    transport.accepting = false;
    const parts = setUp({ maxQueueSize: 3 }, transport);
    const { queue, enqueue, enqueueLater } = parts;
    const later = [enqueueLater('a'), enqueueLater('b')];
    const old = enqueue('c');
    enqueueLater('d');
    expect(old.released).toBe(1);
    enqueueLater('e');
    expect(queue.stats()).toMatchObject({
      enqueued: 5,
      queued: 3,
      bytes: 300,
      dropped: { overflow: 2 },
    });
    // The first of them had to go, and comes too late.
    for (const each of later) await each.ready();
    expect(later.map(({ record }) => record.released)).toEqual([1, 0]);
    expect(queue.stats()).toMatchObject({ enqueued: 5, queued: 3, bytes: 210 });
  });

  it('makes room in bytes that were only expected', () => {
    const transport = new ScriptedTransport();
    transport.accepting = false;
    const parts = setUp({ maxQueueBytes: 350 }, transport);
    const { queue, enqueueLater } = parts;
    for (const id of ['a', 'b', 'c', 'd', 'e']) enqueueLater(id);
    expect(queue.stats()).toMatchObject({
      queued: 3,
      bytes: 300,
      dropped: { overflow: 2 },
    });
  });

  it.each([
    ['drop-newest', { overflow: 2 }],
    ['drop-oldest', { overflow: 2 }],
  ] as const)('with %s counts each that goes', async (overflow, dropped) => {
    const transport = new ScriptedTransport();
    transport.accepting = false;
    const { queue, enqueueLater } = setUp(
      { maxQueueSize: 2, overflow },
      transport,
    );
    const all = ['a', 'b', 'c', 'd'].map((id) => enqueueLater(id));
    expect(queue.stats()).toMatchObject({ enqueued: 4, queued: 2, dropped });
    for (const each of all) await each.ready();
    const released = all.map(({ record }) => record.released);
    expect(released).toEqual(
      overflow === 'drop-newest' ? [0, 0, 1, 1] : [1, 1, 0, 0],
    );
  });
});

describe('a shutdown', () => {
  it('waits for what is being made', async () => {
    const { queue, enqueueLater } = setUp();
    const a = enqueueLater('a');
    const closing = queue.shutdown();
    await a.ready();
    expect(await closing).toMatchObject({ delivered: 1, dropped: {} });
  });

  it('drops at its deadline what is not ready, whatever becomes of it', async () => {
    const { clock, queue, transport, enqueueLater } = setUp();
    const [a, b] = [enqueueLater('a'), enqueueLater('b')];
    const closing = queue.shutdown();
    await clock.advance(5_000);
    expect(await closing).toMatchObject({
      delivered: 0,
      dropped: { shutdown_deadline: 2 },
      pending: 0,
    });
    await a.ready();
    await b.fail('a rejection');
    expect(a.record.released).toBe(1);
    expect(transport.sent).toEqual([]);
    expect(queue.stats()).toMatchObject({
      enqueued: 2,
      queued: 0,
      bytes: 0,
      dropped: { shutdown_deadline: 2 },
    });
  });

  it('takes none after it, and gives its memory back', async () => {
    const { queue, enqueueLater } = setUp();
    await queue.shutdown();
    const late = enqueueLater('a');
    await late.ready();
    expect(late.record.released).toBe(1);
    expect(queue.stats()).toMatchObject({
      enqueued: 1,
      dropped: { closed: 1 },
    });
  });
});
