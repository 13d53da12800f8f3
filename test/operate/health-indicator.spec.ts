/** What `@nestjs/terminus` is told of the queue. */
import { beforeEach, describe, expect, it } from 'vitest';
import {
  getLangfuseHealthIndicatorToken,
  getLangfuseToken,
  LangfuseHealthIndicator,
  LangfuseModule,
  type LangfuseModuleOptions,
  type LangfuseService,
} from '../../lib/index.js';
import {
  keysFor,
  record,
  startApplication,
  startReceiver,
  startSendingTo,
} from '../support/application.js';
import { langfuseEnvironment } from '../support/environment.js';
import {
  answer,
  RecordingServer,
  type Respond,
  stayMute,
} from '../support/recording-server.js';

beforeEach(() => langfuseEnvironment());

async function startWith(
  respond: Respond,
  options: LangfuseModuleOptions = {},
  respondToProbe?: Respond,
) {
  const server = await RecordingServer.start(respond, respondToProbe);
  const application = await startSendingTo(server, options);
  const indicator = application.app.get(LangfuseHealthIndicator);
  return { ...application, server, indicator };
}

describe('LangfuseHealthIndicator', () => {
  it('is up when all is well, under the key that it is given', async () => {
    const { indicator, langfuse } = await startWith(answer(200));
    record(langfuse, 3);
    await langfuse.flush();
    const health = {
      status: 'up',
      queued: 0,
      inFlight: 0,
      spooled: 0,
      bytes: 0,
      dropped: {},
    };
    expect(indicator.isHealthy()).toEqual({ langfuse: health });
    expect(indicator.isHealthy('tracing')).toEqual({ tracing: health });
  });

  it('is down while the destination fails, and says since when and why', async () => {
    const before = Date.now();
    const { indicator, langfuse } = await startWith(answer(401));
    record(langfuse, 3);
    await langfuse.flush({ timeoutMs: 300 });
    const { langfuse: health } = indicator.isHealthy();
    expect(health).toMatchObject({
      status: 'down',
      cause: 'HTTP 401: check publicKey, secretKey and the region of baseUrl',
      queued: 0,
      inFlight: 3,
      dropped: {},
    });
    expect(health.bytes).toBeGreaterThan(0);
    const since = Date.parse(health.since!);
    expect(since).toBeGreaterThanOrEqual(before);
    expect(since).toBeLessThanOrEqual(Date.now());
  });

  it('is up again when data is taken', async () => {
    let status = 503;
    const respond: Respond = (response, request) =>
      answer(status)(response, request);
    const { indicator, langfuse } = await startWith(respond);
    record(langfuse, 1);
    await langfuse.flush({ timeoutMs: 100 });
    expect(indicator.isHealthy().langfuse.status).toBe('down');
    status = 200;
    expect(await langfuse.flush()).toMatchObject({ delivered: 1 });
    expect(indicator.isHealthy().langfuse.status).toBe('up');
  });

  it('is down when one route alone fails, and names it', async () => {
    const respond: Respond = (response, request) => {
      const status = request.path === '/api/public/ingestion' ? 404 : 200;
      return answer(status)(response, request);
    };
    const { indicator, langfuse } = await startWith(respond, {}, respond);
    langfuse.createScore({ traceId: 'a'.repeat(32), name: 'good', value: 1 });
    record(langfuse, 1);
    await langfuse.flush({ timeoutMs: 300 });
    expect(indicator.isHealthy().langfuse).toMatchObject({
      status: 'down',
      cause: expect.stringMatching(/^scores: HTTP 404/),
      inFlight: 1,
    });
  });

  it('is down when the queue is fuller than it may be', async () => {
    const options = { maxQueueSize: 10, flushAt: 10 };
    const { indicator, langfuse } = await startWith(stayMute, options);
    const statuses = [9, 10].map((count) => {
      record(langfuse, count - indicator.isHealthy().langfuse.queued);
      return indicator.isHealthy().langfuse;
    });
    expect(statuses).toMatchObject([
      { status: 'up' },
      { status: 'down', cause: 'the queue of spans is 100 % full' },
    ]);
    expect(statuses[1]).not.toHaveProperty('since');
    const ofAll = indicator.isHealthy('langfuse', { maxQueueShare: 1 });
    expect(ofAll.langfuse.status).toBe('up');
  });

  it('counts what is in flight, and bytes as well as records', async () => {
    const options = { maxQueueBytes: 10_000 };
    const { indicator, langfuse } = await startWith(stayMute, options);
    langfuse.startObservation('large', { input: 'x'.repeat(8_500) }).end();
    expect(indicator.isHealthy().langfuse.status).toBe('up');
    void langfuse.flush({ timeoutMs: 1 });
    await new Promise((resolve) => setImmediate(resolve));
    expect(
      indicator.isHealthy('langfuse', { maxQueueShare: 0.8 }).langfuse,
    ).toMatchObject({
      status: 'down',
      inFlight: 1,
      cause: expect.stringMatching(/^the queue of spans is 8\d % full$/),
    });
  });

  it('is there for each project of an application', async () => {
    const main = await startReceiver();
    const billing = await RecordingServer.start(answer(401));
    const { app, langfuse } = await startApplication({
      imports: [
        LangfuseModule.forRoot(keysFor(main)),
        LangfuseModule.forRoot({ name: 'billing', ...keysFor(billing) }),
      ],
    });
    record(langfuse, 1);
    await langfuse.flush();
    const healthOf = (name?: string) =>
      app
        .get<LangfuseHealthIndicator>(getLangfuseHealthIndicatorToken(name))
        .isHealthy().langfuse.status;
    expect(app.get(LangfuseHealthIndicator)).toBe(
      app.get(getLangfuseHealthIndicatorToken()),
    );
    expect([healthOf(), healthOf('billing')]).toEqual(['up', 'up']);
    const other = app.get<LangfuseService>(getLangfuseToken('billing'));
    record(other, 1);
    await other.flush({ timeoutMs: 300 });
    expect([healthOf(), healthOf('billing')]).toEqual(['up', 'down']);
  });
});
