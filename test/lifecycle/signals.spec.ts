import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { startReceiver } from '../support/application.js';
import { closedPort } from '../support/recording-server.js';
import { get, idsOf, startHttpChild } from './children.js';

const ENDED_BY_SIGTERM = { code: null, signal: 'SIGTERM' };

describe('SIGTERM to an application with enableShutdownHooks()', () => {
  it('delivers 1,000 queued observations, each once, and then kills', async () => {
    const receiver = await startReceiver();
    const { child } = await startHttpChild(1_000, receiver);
    expect(receiver.stats().requests).toBe(0);
    child.signal('SIGTERM');
    expect(await child.ended).toEqual(ENDED_BY_SIGTERM);
    expect(new Set(idsOf(receiver, 'queued')).size).toBe(1_000);
    expect(receiver.stats()).toMatchObject({
      observations: 1_000,
      duplicates: 0,
    });
  });

  it('waits for a request in flight, whose observations arrive too', async () => {
    const receiver = await startReceiver();
    const { child, url } = await startHttpChild(1_000, receiver);
    const response = get(`${url}/work`);
    await child.printed(/at work/);
    child.signal('SIGTERM');
    await child.printed(/shutting down/);
    // What was queued before is not held up by the request.
    await receiver.waitFor(({ stats }) => stats.call(receiver).observations);
    expect(new Set(idsOf(receiver, 'queued')).size).toBe(1_000);
    child.tell('finish');
    expect(await text(await response)).toBe('done');
    expect(await child.ended).toEqual(ENDED_BY_SIGTERM);

    expect(receiver.stats()).toMatchObject({
      observations: 1_002,
      duplicates: 0,
    });
    const [root] = receiver.observations({ name: 'GET /work' });
    expect(root).toMatchObject({ level: 'DEFAULT', output: 'done' });
    expect(
      receiver.observations({ name: 'WorkController.work' }),
    ).toMatchObject([{ parentObservationId: root!.id, level: 'DEFAULT' }]);
  });

  it('delivers while a client that listens to events holds the server open', async () => {
    const receiver = await startReceiver();
    const { child, url } = await startHttpChild(1_000, {
      url: receiver.url,
      shutdownTimeoutMs: 300,
    });
    const events = await get(`${url}/events`);
    events.on('error', () => undefined).resume();
    child.signal('SIGTERM');
    const open = await receiver.waitFor(
      (local) => local.observations({ name: 'GET /events' })[0],
    );
    expect(open).toMatchObject({
      level: 'WARNING',
      statusMessage: 'ended by application shutdown',
    });
    expect(new Set(idsOf(receiver, 'queued')).size).toBe(1_000);
    expect(child.isRunning).toBe(true);
    events.destroy();
    expect(await child.ended).toEqual(ENDED_BY_SIGTERM);
    expect(receiver.stats()).toMatchObject({
      observations: 1_001,
      duplicates: 0,
    });
  });

  it('gives up on a receiver that is down, and says what is lost', async () => {
    const url = `http://127.0.0.1:${await closedPort()}`;
    const { child } = await startHttpChild(1_000, {
      url,
      shutdownTimeoutMs: 300,
    });
    child.signal('SIGTERM');
    // Far less than the default of the option.
    expect(await child.endsWithin(4_000)).toEqual(ENDED_BY_SIGTERM);
    expect(child.output).toMatch(
      /ERROR \[LangfuseModule\] Langfuse does not take data at .+ECONNREFUSED/,
    );
    expect(child.output).toMatch(
      /WARN \[LangfuseModule\] Shut down with 0 records delivered and 1000 dropped \(shutdown_deadline: 1000\)\./,
    );
  });
});
