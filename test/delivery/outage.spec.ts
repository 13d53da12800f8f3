import { beforeEach, describe, expect, it } from 'vitest';
import {
  record,
  startReceiver,
  startSendingTo,
} from '../support/application.js';
import { langfuseEnvironment } from '../support/environment.js';
import { closedPort } from '../support/recording-server.js';

beforeEach(() => langfuseEnvironment());

/** An application whose receiver is not there, at least not yet. */
async function startWithoutReceiver() {
  const port = await closedPort();
  const url = `http://127.0.0.1:${port}`;
  const application = await startSendingTo({ url }, { flushTimeoutMs: 200 });
  return { ...application, port, url };
}

describe('while the receiver is down', () => {
  it('flush() resolves by its deadline with what is pending, and one error says why', async () => {
    const { langfuse, queue, log, url } = await startWithoutReceiver();
    record(langfuse, 7);
    // A promise that rejects fails the test here.
    expect(await langfuse.flush()).toMatchObject({
      delivered: 0,
      dropped: {},
      pending: 7,
      timedOut: true,
    });
    expect(log.lines).toEqual([
      `error: Langfuse does not take data at ${url}/api/public/otel/v1/traces: ` +
        `ECONNREFUSED (connect ECONNREFUSED ${new URL(url).host}). ` +
        '7 records wait in memory; delivery is retried until it succeeds.',
    ]);
    expect(queue.stats()).toMatchObject({ inFlight: 7, delivered: 0 });
  });

  it('says nothing more, however often it is tried and flushed', async () => {
    const { langfuse, queue, log } = await startWithoutReceiver();
    record(langfuse, 1);
    while (queue.stats().requests < 3) {
      record(langfuse, 1);
      await langfuse.flush();
    }
    expect(log.lines).toHaveLength(1);
  });
});

describe('when the receiver comes back', () => {
  it('gets everything, once, and one line says so', async () => {
    const { langfuse, queue, log, port } = await startWithoutReceiver();
    record(langfuse, 7);
    await langfuse.flush();
    record(langfuse, 5);
    const traceId = langfuse.createTraceId();
    langfuse.createScore({ traceId, name: 'helpful', value: 1 });
    await langfuse.flush();

    const receiver = await startReceiver(port);
    const result = await langfuse.flush({ timeoutMs: 15_000 });
    expect(result).toMatchObject({ delivered: 13, pending: 0 });
    expect(receiver.stats()).toMatchObject({
      observations: 12,
      duplicates: 0,
      scores: 1,
    });
    expect(queue.stats()).toMatchObject({
      enqueued: 13,
      delivered: 13,
      dropped: {},
      resentAfterUnknown: 0,
    });
    expect(log.lines).toHaveLength(2);
    expect(log.lines[1]).toBe(
      'log: Langfuse takes data again: 13 records that had waited were delivered.',
    );
  });

  it('and goes away again, a new error says so', async () => {
    const { langfuse, log, port } = await startWithoutReceiver();
    record(langfuse, 1);
    await langfuse.flush();
    const receiver = await startReceiver(port);
    await langfuse.flush({ timeoutMs: 15_000 });
    await receiver.close();
    record(langfuse, 2);
    await langfuse.flush();
    expect(log.lines.map((line) => line.split(':')[0])).toEqual([
      'error',
      'log',
      'error',
    ]);
  });
});
