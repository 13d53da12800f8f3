import { beforeEach, describe, expect, it } from 'vitest';
import type { FlushResult } from '../../lib/index.js';
import {
  record,
  startReceiver,
  startSendingTo,
} from '../support/application.js';
import { langfuseEnvironment } from '../support/environment.js';
import { answer, RecordingServer } from '../support/recording-server.js';
import { settled } from '../support/fake-clock.js';

beforeEach(() => langfuseEnvironment());

/** A server that answers only when it is told to. */
async function startSlowServer() {
  const waiting: (() => void)[] = [];
  const server = await RecordingServer.start(async (response, request) => {
    await new Promise<void>((resolve) => waiting.push(resolve));
    await answer(200)(response, request);
  });
  const answerAll = () => {
    for (const go of waiting.splice(0)) go();
  };
  return { server, answerAll };
}

describe('flush()', () => {
  it('sends what is queued now, and not when a batch is full or due', async () => {
    const receiver = await startReceiver();
    const { langfuse } = await startSendingTo(receiver);
    record(langfuse, 3);
    const traceId = langfuse.createTraceId();
    langfuse.createScore({ traceId, name: 'helpful', value: 1 });
    expect(await langfuse.flush()).toMatchObject({
      delivered: 4,
      dropped: {},
      pending: 0,
      timedOut: false,
    });
    expect(receiver.stats()).toMatchObject({ observations: 3, scores: 1 });
  });

  it('resolves when the server has answered, not when it has been asked', async () => {
    const { server, answerAll } = await startSlowServer();
    const { langfuse, queue } = await startSendingTo(server);
    record(langfuse, 3);
    let result: FlushResult | undefined;
    const flushed = langfuse.flush().then((value) => (result = value));
    await server.received(1);
    await settled();
    expect(result).toBeUndefined();
    expect(queue.stats()).toMatchObject({ inFlight: 3, delivered: 0 });
    answerAll();
    await flushed;
    expect(result).toMatchObject({ delivered: 3, pending: 0 });
  });

  it('does not wait for what is recorded after it was called', async () => {
    const { server, answerAll } = await startSlowServer();
    const { langfuse, queue } = await startSendingTo(server);
    record(langfuse, 3);
    const flushed = langfuse.flush();
    await server.received(1);
    record(langfuse, 2);
    answerAll();
    expect(await flushed).toMatchObject({ delivered: 3, pending: 0 });
    expect(queue.stats().queued).toBe(2);
  });

  it('resolves at its deadline with what is pending, which stays on its way', async () => {
    const { server, answerAll } = await startSlowServer();
    const { langfuse, queue } = await startSendingTo(server);
    record(langfuse, 3);
    expect(await langfuse.flush({ timeoutMs: 50 })).toMatchObject({
      delivered: 0,
      pending: 3,
      timedOut: true,
    });
    await server.received(1);
    const flushed = langfuse.flush();
    answerAll();
    expect(await flushed).toMatchObject({ delivered: 3, pending: 0 });
    expect(queue.stats()).toMatchObject({ requests: 1, delivered: 3 });
  });

  it('resolves at once when there is nothing to send', async () => {
    const receiver = await startReceiver();
    const { langfuse } = await startSendingTo(receiver);
    expect(await langfuse.flush()).toMatchObject({
      delivered: 0,
      pending: 0,
      timedOut: false,
    });
    expect(receiver.stats().requests).toBe(0);
  });
});
