import { describe, expect, it } from 'vitest';
import { noTransport } from '../../lib/deliver/no-transport.js';
import { LangfuseQueue } from '../../lib/queue/index.js';
import { FakeClock } from '../support/fake-clock.js';

describe('without a transport', () => {
  it('records that were queued by hand are dropped, and the log says why', async () => {
    const lines: string[] = [];
    const write = (message: string) => void lines.push(message);
    const queue = new LangfuseQueue(
      {
        flushAt: 10,
        flushInterval: 5,
        maxBatchBytes: 1_000,
        maxQueueSize: 10,
        maxQueueBytes: 1_000,
        maxConcurrency: 1,
        exportMode: 'batched',
        overflow: 'drop-oldest',
        flushTimeoutMs: 1_000,
        shutdownTimeoutMs: 1_000,
      },
      {
        transport: noTransport,
        clock: new FakeClock(),
        logger: { log: write, warn: write, error: write },
      },
    );
    for (const id of ['a', 'b']) {
      queue.enqueue({ lane: 'spans', id, bytes: new Uint8Array(1) });
    }
    expect(await queue.flush()).toMatchObject({
      delivered: 0,
      dropped: { rejected: 2 },
      pending: 0,
    });
    await queue.shutdown();
    expect(queue.stats()).toMatchObject({
      requests: 0,
      retries: 0,
      resentAfterUnknown: 0,
    });
    expect(lines).toEqual([
      '2 records dropped: the server refused them: tracing is off',
      'Shut down with 0 records delivered and 2 dropped (rejected: 2).',
    ]);
  });
});
