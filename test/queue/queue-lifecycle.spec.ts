/** What a queue holds on to, and lets go. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  LangfuseQueue,
  type LangfuseQueueSettings,
  type LaneName,
  type QueueEvent,
  type QueueRecord,
} from '../../lib/queue/index.js';
import { FakeClock, settled } from '../support/fake-clock.js';
import { ScriptedTransport } from '../support/scripted-transport.js';

const SETTINGS: LangfuseQueueSettings = {
  flushAt: 10,
  flushInterval: 5,
  maxBatchBytes: 5_000_000,
  maxQueueSize: 1_000,
  maxQueueBytes: 50_000_000,
  maxConcurrency: 2,
  exportMode: 'batched',
  overflow: 'drop-oldest',
  flushTimeoutMs: 10_000,
  shutdownTimeoutMs: 5_000,
};

function recordOf(lane: LaneName, bytes = 10): QueueRecord {
  return { lane, id: 'a', bytes: new Uint8Array(bytes) };
}

function setUp(
  transport = new ScriptedTransport(),
  settings: Partial<LangfuseQueueSettings> = {},
) {
  const clock = new FakeClock();
  const lines: string[] = [];
  const write = (message: string) => void lines.push(message);
  const queue = new LangfuseQueue(
    { ...SETTINGS, ...settings },
    { transport, clock, logger: { log: write, warn: write, error: write } },
  );
  return { clock, lines, queue, transport };
}

describe('a shutdown', () => {
  it('ends the back-off of the transport before it waits', async () => {
    const transport = new ScriptedTransport(false);
    const { clock, queue } = setUp(transport);
    queue.enqueue(recordOf('spans'));
    const closing = queue.shutdown();
    expect(transport.hastened).toBe(1);
    await clock.advance(5_000);
    await closing;
  });

  it('completes the events, and leaves neither listener nor timer behind', async () => {
    const { clock, queue, transport } = setUp();
    let isComplete = false;
    queue.events$.subscribe({ complete: () => (isComplete = true) });
    queue.enqueue(recordOf('spans'));
    queue.enqueue(recordOf('scores'));
    await queue.shutdown();
    expect(isComplete).toBe(true);
    expect(transport.state$.observed).toBe(false);
    expect(clock.armed).toEqual([]);
  });

  it('writes no line when nothing was lost', async () => {
    const { queue, lines } = setUp();
    queue.enqueue(recordOf('spans'));
    await queue.shutdown();
    expect(lines).toEqual([]);
  });

  it('counts what a request that it ends has delivered', async () => {
    const transport = new ScriptedTransport();
    transport.send = (batch, signal) =>
      new Promise((resolve) => {
        signal.addEventListener('abort', () =>
          resolve({ delivered: batch.records.length - 1, rejected: 0 }),
        );
      });
    const { clock, queue } = setUp(transport);
    for (let i = 0; i < 5; i++) queue.enqueue(recordOf('spans'));
    const closing = queue.shutdown();
    await clock.advance(5_000);
    expect(await closing).toMatchObject({
      delivered: 4,
      dropped: { shutdown_deadline: 1 },
      pending: 0,
    });
  });
});

describe('a batch', () => {
  it('is sent outside of the request that filled it', async () => {
    const request = new AsyncLocalStorage<string>();
    const seen: unknown[] = [];
    const transport = new ScriptedTransport();
    transport.send = ({ records }) => {
      seen.push(request.getStore());
      return Promise.resolve({ delivered: records.length, rejected: 0 });
    };
    const { queue } = setUp(transport);
    await request.run('a request', async () => {
      for (let i = 0; i < 10; i++) queue.enqueue(recordOf('spans'));
      await settled();
    });
    expect(seen).toEqual([undefined]);
  });

  it('may be one of many at once without a warning of a leak', async () => {
    const warnings: string[] = [];
    const note = ({ name }: Error) => void warnings.push(name);
    process.on('warning', note);
    onTestFinished(() => void process.off('warning', note));
    const transport = new ScriptedTransport(false);
    const { queue } = setUp(transport, { maxConcurrency: 20 });
    for (let i = 0; i < 200; i++) queue.enqueue(recordOf('spans'));
    await settled();
    expect(transport.pending).toHaveLength(20);
    expect(warnings).toEqual([]);
  });

  it('of scores has at most the bytes that the server takes', async () => {
    const { queue, transport } = setUp();
    for (let i = 0; i < 4; i++) queue.enqueue(recordOf('scores', 1_000_000));
    await queue.flush();
    const sizes = transport.sent.map(({ records }) => records.length);
    expect(sizes).toEqual([2, 2]);
  });
});

describe('a record', () => {
  it('of a lane that does not exist is dropped as invalid', () => {
    const { queue } = setUp();
    // @ts-expect-error An application in JavaScript can say anything.
    queue.enqueue(recordOf('traces'));
    expect(queue.stats()).toMatchObject({
      enqueued: 1,
      dropped: { invalid: 1 },
    });
  });
});

describe('who listens to events', () => {
  it('hears of an overflow once a turn, with its count', async () => {
    const transport = new ScriptedTransport();
    transport.accepting = false;
    const { queue } = setUp(transport, { maxQueueSize: 3 });
    const events: QueueEvent[] = [];
    queue.events$.subscribe((event) => events.push(event));
    const counts = [5, 2];
    for (const count of counts) {
      for (let i = 0; i < count; i++) queue.enqueue(recordOf('spans'));
      await settled();
    }
    expect(events).toMatchObject([
      { reason: 'overflow', count: 2 },
      { reason: 'overflow', count: 2 },
    ]);
  });
});

describe('the events', () => {
  it('tell how long a batch was under way, and what flush and shutdown came to', async () => {
    const transport = new ScriptedTransport(false);
    const { clock, queue } = setUp(transport);
    const events: QueueEvent[] = [];
    queue.events$.subscribe((event) => events.push(event));
    await clock.advance(1_000);
    queue.enqueue(recordOf('scores'));
    const flushing = queue.flush();
    await clock.advance(250);
    transport.acceptAll();
    const flushed = await flushing;
    const closed = await queue.shutdown();
    expect(events).toEqual([
      { type: 'delivered', lane: 'scores', count: 1, durationMs: 250 },
      { type: 'flushed', result: flushed },
      { type: 'shutdown', result: closed },
    ]);
    expect(flushed).toMatchObject({ delivered: 1, durationMs: 250 });
  });
});

describe('the log', () => {
  it('counts what is in flight among what waits', async () => {
    const transport = new ScriptedTransport(false);
    const { queue, lines } = setUp(transport);
    for (let i = 0; i < 13; i++) queue.enqueue(recordOf('spans'));
    await settled();
    transport.fail('HTTP 503');
    expect(lines).toEqual([expect.stringContaining('13 records wait')]);
  });

  it('tells of no recovery that nobody has missed', async () => {
    const { lines, transport } = setUp();
    transport.state$.next({ concerns: 'scores', status: 'ready' });
    await settled();
    expect(lines).toEqual([]);
  });

  it('tells of a recovery although the other lane still fails', async () => {
    const transport = new ScriptedTransport();
    transport.isFree = (lane?: LaneName) => lane === 'spans';
    const { queue, lines } = setUp(transport);
    queue.enqueue(recordOf('scores'));
    void queue.flush();
    transport.fail('HTTP 503');
    queue.enqueue(recordOf('spans'));
    transport.recover();
    void queue.flush();
    await settled();
    expect(lines.at(-1)).toBe(
      'Langfuse takes data again: 1 record that had waited was delivered.',
    );
  });
});
