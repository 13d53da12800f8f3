import { beforeEach, describe, expect, it } from 'vitest';
import {
  record,
  startReceiver,
  startSendingTo,
} from '../support/application.js';
import { langfuseEnvironment } from '../support/environment.js';
import { closedPort } from '../support/recording-server.js';

beforeEach(() => langfuseEnvironment());

describe('app.close()', () => {
  it('delivers what is queued', async () => {
    const receiver = await startReceiver();
    const { app, langfuse, queue } = await startSendingTo(receiver);
    record(langfuse, 3);
    const traceId = langfuse.createTraceId();
    langfuse.createScore({ traceId, name: 'helpful', value: 1 });
    await app.close();
    expect(receiver.stats()).toMatchObject({ observations: 3, scores: 1 });
    expect(queue.stats()).toMatchObject({ enqueued: 4, delivered: 4 });
  });

  it('ends open observations first, children before their parents', async () => {
    const receiver = await startReceiver();
    const { app, langfuse } = await startSendingTo(receiver);
    const parent = langfuse.startObservation('parent', { input: 'x' });
    parent.startObservation('child');
    parent.startObservation('done').end();
    await app.close();
    const ended = {
      level: 'WARNING',
      statusMessage: 'ended by application shutdown',
    };
    const [done] = receiver.observations({ name: 'done' });
    expect(done).toMatchObject({ level: 'DEFAULT', statusMessage: null });
    // What was queued before may travel beside them, and arrive later.
    const others = receiver
      .observations()
      .filter(({ name }) => name !== 'done');
    expect(others).toMatchObject([
      { name: 'child', ...ended },
      { name: 'parent', input: 'x', ...ended },
    ]);
    parent.end();
    expect(receiver.stats().observations).toBe(3);
  });

  it('may be called twice, at once and later', async () => {
    const receiver = await startReceiver();
    const { app, langfuse, queue } = await startSendingTo(receiver);
    record(langfuse, 3);
    await Promise.all([app.close(), app.close()]);
    await app.close();
    expect(queue.stats()).toMatchObject({ delivered: 3, requests: 1 });
    expect(receiver.stats().duplicates).toBe(0);
  });

  it('gives up on a receiver that is down, and says what is lost', async () => {
    const url = `http://127.0.0.1:${await closedPort()}`;
    const { app, langfuse, queue, log } = await startSendingTo({ url });
    record(langfuse, 3);
    await app.close();
    expect(queue.stats()).toMatchObject({
      queued: 0,
      inFlight: 0,
      dropped: { shutdown_deadline: 3 },
    });
    expect(log.lines.at(-1)).toBe(
      'warn: Shut down with 0 records delivered and 3 dropped ' +
        '(shutdown_deadline: 3).',
    );
  });

  it('leaves no listener at the process', async () => {
    const receiver = await startReceiver();
    const listeners = () =>
      process
        .eventNames()
        .map((name) => [name, process.listenerCount(name)] as const);
    const before = listeners();
    const { app } = await startSendingTo(receiver);
    expect(listeners()).not.toEqual(before);
    await app.close();
    expect(listeners()).toEqual(before);
  });
});

describe('after the end', () => {
  it('nothing is sent, and what comes is counted', async () => {
    const receiver = await startReceiver();
    const { app, langfuse, queue, log } = await startSendingTo(receiver);
    await app.close();
    record(langfuse, 3);
    expect(await langfuse.flush()).toMatchObject({ delivered: 0, pending: 0 });
    expect(queue.stats()).toMatchObject({
      requests: 0,
      dropped: { closed: 3 },
    });
    expect(log.lines).toEqual([
      'warn: 1 record dropped: they came after shutdown.',
    ]);
    expect(receiver.stats().requests).toBe(0);
  });
});

describe('shutdown() by hand', () => {
  it('does what app.close() does, which then has nothing left to do', async () => {
    const receiver = await startReceiver();
    const { app, langfuse } = await startSendingTo(receiver);
    record(langfuse, 3);
    const result = await langfuse.shutdown();
    expect(result).toMatchObject({ delivered: 3, dropped: {}, pending: 0 });
    expect(await langfuse.shutdown()).toEqual(result);
    await app.close();
    expect(receiver.stats()).toMatchObject({ observations: 3, requests: 1 });
  });
});
