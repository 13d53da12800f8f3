import { describe, expect, it } from 'vitest';
import {
  type FlushResult,
  LangfuseQueue,
  type LangfuseQueueSettings,
  type QueueEvent,
  type QueueRecord,
} from '../../lib/queue/index.js';
import { FakeClock, settled } from '../support/fake-clock.js';
import { QUEUE_SETTINGS } from '../support/queue-settings.js';
import { ScriptedTransport } from '../support/scripted-transport.js';

let nextId = 0;

function span(bytes = 10): QueueRecord {
  nextId += 1;
  return { lane: 'spans', id: `${nextId}`, bytes: new Uint8Array(bytes) };
}

function setUp(
  settings: Partial<LangfuseQueueSettings> = {},
  transport = new ScriptedTransport(),
) {
  const clock = new FakeClock();
  const lines: string[] = [];
  const write = (level: string) => (message: string) =>
    void lines.push(`${level}: ${message}`);
  const queue = new LangfuseQueue(
    { ...QUEUE_SETTINGS, ...settings },
    {
      transport,
      clock,
      logger: { log: write('log'), warn: write('warn'), error: write('error') },
    },
  );
  const events: QueueEvent[] = [];
  queue.events$.subscribe((event) => events.push(event));
  const enqueue = (count: number, bytes?: number) => {
    for (let i = 0; i < count; i++) queue.enqueue(span(bytes));
  };
  const sizes = () => transport.sent.map(({ records }) => records.length);
  return { clock, lines, queue, events, enqueue, sizes, transport };
}

describe('batching', () => {
  it('sends full batches at once and the rest after flushInterval seconds', async () => {
    const { clock, enqueue, sizes, queue } = setUp();
    enqueue(25);
    await settled();
    expect(sizes()).toEqual([10, 10]);
    await clock.advance(4_999);
    expect(sizes()).toEqual([10, 10]);
    await clock.advance(1);
    expect(sizes()).toEqual([10, 10, 5]);
    expect(queue.stats()).toMatchObject({ enqueued: 25, delivered: 25 });
  });

  it('sends at once after an outage what has waited in it, be it all that did not have to go', async () => {
    const { clock, enqueue, sizes, transport } = setUp({ maxQueueSize: 9 });
    transport.fail('ECONNREFUSED');
    enqueue(9);
    await clock.advance(5_000);
    enqueue(9);
    await clock.advance(5_000);
    expect(sizes()).toEqual([]);
    transport.recover();
    await settled();
    expect(sizes()).toEqual([9]);
  });

  it('puts at most 100 scores in a request, whatever flushAt says', async () => {
    const { queue, transport } = setUp({ flushAt: 512 });
    for (let i = 0; i < 250; i++) queue.enqueue({ ...span(), lane: 'scores' });
    await queue.flush();
    expect(transport.sent.map(({ records }) => records.length)).toEqual([
      100, 100, 50,
    ]);
  });

  it('has at most maxConcurrency requests under way, and cuts no batch ahead', async () => {
    const transport = new ScriptedTransport(false);
    const { enqueue, queue } = setUp({}, transport);
    enqueue(45);
    await settled();
    expect(transport.pending).toHaveLength(2);
    expect(queue.stats()).toMatchObject({ inFlight: 20, queued: 25 });
    transport.pending[0]!.accept();
    await settled();
    expect(transport.pending).toHaveLength(2);
    expect(queue.stats()).toMatchObject({ inFlight: 20, queued: 15 });
  });

  it('hands nothing over while the destination fails, and goes on when it is back', async () => {
    const transport = new ScriptedTransport();
    const { enqueue, sizes } = setUp({}, transport);
    transport.fail('ECONNREFUSED');
    enqueue(20);
    await settled();
    expect(sizes()).toEqual([]);
    transport.recover();
    await settled();
    expect(sizes()).toEqual([10, 10]);
  });

  it('arms no timer while it is idle', async () => {
    const { clock, enqueue } = setUp();
    expect(clock.armed).toEqual([]);
    enqueue(1);
    expect(clock.armed).toEqual([{ inMs: 5_000, holds: false }]);
    await clock.advance(5_000);
    expect(clock.armed).toEqual([]);
  });
});

describe("exportMode: 'immediate'", () => {
  it('sends at once, and gathers records while all slots are taken', async () => {
    const transport = new ScriptedTransport(false);
    const { enqueue, sizes } = setUp({ exportMode: 'immediate' }, transport);
    enqueue(12);
    await settled();
    expect(sizes()).toEqual([1, 1]);
    transport.pending[0]!.accept();
    await settled();
    expect(sizes()).toEqual([1, 1, 10]);
  });
});

describe('flush', () => {
  it('resolves when what was enqueued before it is settled, not sooner', async () => {
    const transport = new ScriptedTransport(false);
    const { enqueue, queue } = setUp({}, transport);
    enqueue(10);
    enqueue(3);
    let result: unknown;
    void queue.flush().then((value) => (result = value));
    await settled();
    expect(transport.pending).toHaveLength(2);
    enqueue(10);
    transport.pending[1]!.accept();
    await settled();
    expect(result).toBeUndefined();
    transport.pending[0]!.accept();
    await settled();
    expect(result).toEqual({
      delivered: 13,
      dropped: {},
      spooled: 0,
      pending: 0,
      timedOut: false,
      durationMs: 0,
    });
  });

  it('resolves at its deadline with what is pending, which stays queued', async () => {
    const transport = new ScriptedTransport(false);
    const { clock, enqueue, queue } = setUp({}, transport);
    enqueue(13);
    const flushed = queue.flush({ timeoutMs: 700 });
    // Somebody waits for the answer, so the process must not end before it.
    expect(clock.armed).toContainEqual({ inMs: 700, holds: true });
    await clock.advance(700);
    expect(await flushed).toMatchObject({ pending: 13, timedOut: true });
    expect(queue.stats()).toMatchObject({ inFlight: 13 });
    transport.acceptAll();
    await settled();
    expect(queue.stats()).toMatchObject({ delivered: 13, inFlight: 0 });
  });

  it('resolves at once when nothing is pending, and leaves no timer', async () => {
    const { clock, queue } = setUp();
    expect(await queue.flush()).toMatchObject({ pending: 0, timedOut: false });
    expect(clock.armed).toEqual([]);
  });

  it('is not fooled by a listener that enqueues and flushes', async () => {
    const transport = new ScriptedTransport(false);
    const { enqueue, queue } = setUp({ maxConcurrency: 1 }, transport);
    let flushed: Promise<FlushResult> | undefined;
    queue.events$.subscribe(({ type }) => {
      if (type !== 'delivered' || flushed) return;
      enqueue(1);
      flushed = queue.flush();
    });
    enqueue(10);
    await settled();
    transport.pending[0]!.accept();
    await settled();
    expect(transport.pending).toHaveLength(1);
    transport.pending[0]!.accept();
    expect(await flushed).toMatchObject({ delivered: 1, pending: 0 });
  });

  it('takes a deadline beyond the longest timer for a very late one', async () => {
    const transport = new ScriptedTransport(false);
    const { clock, enqueue, queue } = setUp({}, transport);
    enqueue(1);
    void queue.flush({ timeoutMs: Infinity });
    expect(clock.armed.find(({ holds }) => holds)?.inMs).toBe(2 ** 31 - 1);
  });

  it('settles both lanes', async () => {
    const { queue, transport } = setUp();
    queue.enqueue(span());
    queue.enqueue({ ...span(), lane: 'scores' });
    expect(await queue.flush()).toMatchObject({ delivered: 2 });
    expect(transport.sent.map(({ lane }) => lane)).toEqual(['spans', 'scores']);
  });
});

describe('shutdown', () => {
  it('drains, then takes and sends nothing', async () => {
    const { enqueue, queue, transport } = setUp();
    enqueue(7);
    expect(await queue.shutdown()).toMatchObject({ delivered: 7, pending: 0 });
    expect(transport.isClosed).toBe(true);
    enqueue(2);
    expect(await queue.flush()).toMatchObject({ delivered: 7 });
    expect(transport.sent).toHaveLength(1);
    expect(queue.stats()).toMatchObject({ dropped: { closed: 2 } });
  });

  it('gives up at its deadline and says exactly what was lost', async () => {
    const transport = new ScriptedTransport(false);
    const { clock, enqueue, queue, lines } = setUp({}, transport);
    enqueue(45);
    const closing = queue.shutdown();
    await clock.advance(5_000);
    expect(await closing).toMatchObject({
      delivered: 0,
      dropped: { shutdown_deadline: 45 },
      pending: 0,
      timedOut: true,
    });
    expect(queue.stats()).toMatchObject({ queued: 0, inFlight: 0, bytes: 0 });
    expect(lines).toEqual([
      'warn: Shut down with 0 records delivered and 45 dropped ' +
        '(shutdown_deadline: 45).',
    ]);
  });

  it('is one shutdown, however often it is called', async () => {
    const { enqueue, queue } = setUp();
    enqueue(1);
    const [first, second] = [queue.shutdown(), queue.shutdown()];
    expect(second).toBe(first);
    await first;
    expect(await queue.shutdown()).toMatchObject({ delivered: 1 });
  });
});

describe('bounds', () => {
  it('drops the oldest when it is full, and counts what it drops', async () => {
    const transport = new ScriptedTransport(false);
    const { enqueue, queue, events } = setUp({ maxQueueSize: 30 }, transport);
    enqueue(40);
    await settled();
    expect(queue.stats()).toMatchObject({
      enqueued: 40,
      inFlight: 20,
      queued: 10,
      dropped: { overflow: 10 },
    });
    expect(events).toContainEqual({
      type: 'dropped',
      lane: 'spans',
      count: 10,
      reason: 'overflow',
    });
    transport.pending[0]!.accept();
    await settled();
    const waiting = transport.pending.at(-1)!.batch;
    // 0 to 19 were in flight; of those that waited, the newest were kept.
    expect(waiting).toMatchObject({ firstSeq: 30, lastSeq: 39 });
  });

  it("keeps the oldest with overflow: 'drop-newest'", async () => {
    const transport = new ScriptedTransport(false);
    const { enqueue, queue } = setUp(
      { maxQueueSize: 30, overflow: 'drop-newest' },
      transport,
    );
    enqueue(40);
    await settled();
    expect(queue.stats()).toMatchObject({ dropped: { overflow: 10 } });
    transport.pending[0]!.accept();
    await settled();
    const waiting = transport.pending.at(-1)!.batch;
    expect(waiting).toMatchObject({ firstSeq: 20, lastSeq: 29 });
  });

  it('refuses a record that can never fit, and nobody has to go for it', async () => {
    const { enqueue, queue } = setUp({ maxQueueBytes: 1_000, flushAt: 100 });
    enqueue(50, 10);
    enqueue(1, 1_001);
    expect(queue.stats()).toMatchObject({
      queued: 50,
      dropped: { overflow: 1 },
    });
  });

  it('counts bytes in flight as well as bytes that wait', async () => {
    const transport = new ScriptedTransport(false);
    const { enqueue, queue } = setUp({ maxQueueBytes: 2_500 }, transport);
    enqueue(20, 100);
    await settled();
    expect(queue.stats()).toMatchObject({ bytes: 2_000, inFlight: 20 });
    enqueue(6, 100);
    expect(queue.stats()).toMatchObject({
      bytes: 2_500,
      dropped: { overflow: 1 },
    });
  });

  it('settles a flush whose records were dropped meanwhile', async () => {
    const transport = new ScriptedTransport(false);
    const { enqueue, queue } = setUp({ maxQueueSize: 30 }, transport);
    enqueue(25);
    const flushed = queue.flush();
    enqueue(30);
    transport.acceptAll();
    await settled();
    expect(await flushed).toMatchObject({ timedOut: false, pending: 0 });
  });
});

describe('what the server refuses', () => {
  it('is counted, told with its cause, and costs its neighbours nothing', async () => {
    const transport = new ScriptedTransport(false);
    const { enqueue, queue, lines } = setUp({}, transport);
    enqueue(10);
    await settled();
    transport.pending[0]!.answer({
      delivered: 7,
      rejected: 3,
      cause: 'HTTP 400: bad id',
    });
    await settled();
    expect(queue.stats()).toMatchObject({
      delivered: 7,
      dropped: { rejected: 3 },
    });
    expect(lines).toEqual([
      'warn: 3 records dropped: the server refused them: HTTP 400: bad id',
    ]);
  });

  it('outlives a transport that breaks its contract', async () => {
    class Broken extends ScriptedTransport {
      override send(): Promise<never> {
        return Promise.reject(new Error('bug'));
      }
    }
    const { enqueue, queue } = setUp({}, new Broken());
    enqueue(20);
    await settled();
    expect(queue.stats()).toMatchObject({
      dropped: { transport_error: 20 },
      inFlight: 0,
    });
  });
});

describe('the log', () => {
  it('tells of a recovery once, and of none while the next outage lasts', async () => {
    const transport = new ScriptedTransport(false);
    const { enqueue, lines } = setUp({}, transport);
    enqueue(10);
    transport.fail('HTTP 503');
    transport.recover();
    transport.acceptAll();
    enqueue(10);
    await settled();
    transport.fail('HTTP 503');
    transport.acceptAll();
    await settled();
    expect(lines.map((line) => line.slice(0, 28))).toEqual([
      'error: Langfuse does not tak',
      'log: Langfuse takes data aga',
      'error: Langfuse does not tak',
    ]);
  });

  it('has one line when the destination fails and one when it is back', async () => {
    const transport = new ScriptedTransport();
    const { enqueue, queue, lines } = setUp({}, transport);
    transport.fail('ECONNREFUSED');
    transport.fail('ECONNREFUSED');
    enqueue(12);
    const flushed = queue.flush();
    transport.fail('ECONNREFUSED');
    transport.recover();
    await flushed;
    expect(lines).toEqual([
      'error: Langfuse does not take data at http://test/: ECONNREFUSED. 0 ' +
        'records wait in memory; delivery is retried until it succeeds.',
      'log: Langfuse takes data again: 12 records that had waited were delivered.',
    ]);
  });

  it('does not take the end of a back-off after shutdown for a recovery', async () => {
    const transport = new ScriptedTransport();
    const { clock, enqueue, queue, lines } = setUp({}, transport);
    transport.fail('ECONNREFUSED');
    enqueue(1);
    const closed = queue.shutdown();
    await clock.advance(5_000);
    await closed;
    transport.recover();
    await settled();
    expect(lines).toEqual([
      'error: Langfuse does not take data at http://test/: ECONNREFUSED. 0 ' +
        'records wait in memory; delivery is retried until it succeeds.',
      'warn: Shut down with 0 records delivered and 1 dropped ' +
        '(shutdown_deadline: 1).',
    ]);
  });

  it('tells of a drop that goes on once a minute, with its total', async () => {
    const transport = new ScriptedTransport();
    transport.accepting = false;
    const { clock, enqueue, lines } = setUp({ maxQueueSize: 1 }, transport);
    for (let second = 0; second <= 61; second++) {
      enqueue(1);
      await clock.advance(1_000);
    }
    expect(lines.map((line) => line.slice(0, 24))).toEqual([
      'warn: 1 record dropped: ',
      'warn: 60 records dropped',
    ]);
  });

  it('may throw without ending delivery', async () => {
    const clock = new FakeClock();
    const transport = new ScriptedTransport();
    const fail = () => {
      throw new Error('disk full');
    };
    const queue = new LangfuseQueue(
      {
        flushAt: 1,
        flushInterval: 5,
        maxBatchBytes: 1_000,
        maxQueueSize: 10,
        maxQueueBytes: 1_000,
        maxConcurrency: 1,
        exportMode: 'batched',
        overflow: 'drop-oldest',
        flushTimeoutMs: 10,
        shutdownTimeoutMs: 10,
      },
      { transport, clock, logger: { log: fail, warn: fail, error: fail } },
    );
    transport.fail('ECONNREFUSED');
    transport.recover();
    queue.enqueue(span());
    expect(await queue.flush()).toMatchObject({ delivered: 1 });
  });
});

/** A record that knows how often its memory was given back. */
class CountedRecord implements QueueRecord {
  readonly lane = 'spans';
  readonly id = '';
  released = 0;

  constructor(readonly bytes = new Uint8Array(10)) {}

  release(): void {
    this.released += 1;
  }
}

describe('the memory of a record', () => {
  function setUpCounted(settings: Partial<LangfuseQueueSettings> = {}) {
    const transport = new ScriptedTransport(false);
    const parts = setUp(settings, transport);
    const records: CountedRecord[] = [];
    const enqueueCounted = (count: number, bytes?: number) => {
      for (let i = 0; i < count; i++) {
        const record = new CountedRecord(new Uint8Array(bytes ?? 10));
        records.push(record);
        parts.queue.enqueue(record);
      }
    };
    const released = () => records.map((record) => record.released);
    return { ...parts, enqueueCounted, released, transport };
  }

  const times = (count: number, released: number): number[] =>
    Array.from({ length: count }, () => released);

  it('is given back when it is settled, delivered or rejected, not sooner', async () => {
    const { enqueueCounted, released, transport, queue } = setUpCounted();
    enqueueCounted(20);
    await settled();
    expect(released()).toEqual(times(20, 0));
    transport.pending[1]!.answer({ delivered: 4, rejected: 6 });
    await settled();
    expect(released()).toEqual([...times(10, 0), ...times(10, 1)]);
    transport.pending[0]!.accept();
    await queue.shutdown();
    expect(released()).toEqual(times(20, 1));
  });

  it('is given back by the oldest that goes for a new one', async () => {
    const { enqueueCounted, released } = setUpCounted({ maxQueueSize: 30 });
    enqueueCounted(40);
    await settled();
    expect(released()).toEqual([
      ...times(20, 0),
      ...times(10, 1),
      ...times(10, 0),
    ]);
  });

  it.each([
    ['that finds the queue full', { maxQueueSize: 5 }, 10],
    ['that can never fit', { maxQueueBytes: 5 }, 10],
  ])('is given back by a record %s', (_, settings, bytes) => {
    const { enqueueCounted, released, queue } = setUpCounted({
      ...settings,
      overflow: 'drop-newest',
    });
    enqueueCounted(7, bytes);
    const { queued } = queue.stats();
    expect(released()).toEqual([...times(queued, 0), ...times(7 - queued, 1)]);
  });

  it('is given back by all at the deadline of shutdown, and by those that come later', async () => {
    const { clock, enqueueCounted, released, queue } = setUpCounted();
    enqueueCounted(25);
    await settled();
    const closing = queue.shutdown();
    enqueueCounted(1);
    expect(released()).toEqual([...times(25, 0), 1]);
    await clock.advance(5_000);
    await closing;
    enqueueCounted(1);
    expect(released()).toEqual(times(27, 1));
  });

  it('is given back although the transport broke its contract', async () => {
    const transport = new ScriptedTransport();
    transport.send = () => Promise.reject(new Error('bug'));
    const { queue } = setUp({ flushAt: 1 }, transport);
    const record = new CountedRecord();
    queue.enqueue(record);
    await settled();
    expect(record.released).toBe(1);
  });

  it('is free before anybody hears of it', async () => {
    const { enqueueCounted, released, transport, queue } = setUpCounted();
    const heard: number[][] = [];
    queue.events$.subscribe(() => heard.push(released()));
    enqueueCounted(10);
    await settled();
    transport.pending[0]!.accept();
    await settled();
    expect(heard).toEqual([times(10, 1)]);
  });
});
