import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { Controller, Get } from '@nestjs/common';
import { APP_INTERCEPTOR } from '@nestjs/core';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import {
  LangfuseInterceptor,
  LangfuseModule,
  type LangfuseModuleOptions,
  LangfuseQueue,
  LangfuseService,
} from '../../lib/index.js';
import { keysFor, startHttpApplication } from '../support/application.js';
import { langfuseEnvironment } from '../support/environment.js';
import { Greeter } from './greeter.js';

@Controller()
class GreetingController {
  constructor(
    private readonly greeter: Greeter,
    private readonly langfuse: LangfuseService,
  ) {}

  @Get('greeting')
  greeting(): string {
    return this.langfuse.propagateAttributes({ userId: 'ada' }, () =>
      this.greeter.greet('Ada'),
    );
  }
}

/** A server that only counts who connects. */
async function countConnections() {
  let count = 0;
  const server = createServer((socket) => {
    count += 1;
    socket.destroy();
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, count: () => count };
}

function start(options?: LangfuseModuleOptions) {
  return startHttpApplication({
    imports: [LangfuseModule.forRoot(options)],
    controllers: [GreetingController],
    providers: [
      Greeter,
      { provide: APP_INTERCEPTOR, useExisting: LangfuseInterceptor },
    ],
  });
}

/** Uses all that the library offers; nothing of it may be recorded or throw. */
async function expectNoOps({
  app,
  langfuse,
  queue,
}: Awaited<ReturnType<typeof start>>) {
  const response = await fetch(`${await app.getUrl()}/greeting`);
  expect(await response.text()).toBe('Hello Ada');

  const result = await langfuse.startActiveObservation(
    'answer',
    async (generation) => {
      generation.update({ model: 'gpt', usageDetails: { input: 1 } });
      langfuse.updateActiveObservation({ output: 'x' });
      generation.startObservation('event', {}, { asType: 'event' });
      expect(langfuse.getActiveTraceId()).toBeUndefined();
      expect(langfuse.getActiveObservationId()).toBeUndefined();
      expect(langfuse.scoreActiveTrace({ name: 's', value: 1 })).toBe(
        undefined,
      );
      return 42;
    },
    { asType: 'generation' },
  );
  expect(result).toBe(42);
  const traceId = langfuse.createTraceId();
  expect(
    langfuse.createScore({ traceId, name: 'helpful', value: true }),
  ).toBeUndefined();
  expect(await langfuse.getTraceUrl(traceId)).toBeUndefined();
  langfuse.getTracer().startSpan('span').end();

  const nothing = { delivered: 0, dropped: {}, pending: 0, timedOut: false };
  expect(await langfuse.flush()).toMatchObject(nothing);
  expect(queue.stats()).toMatchObject({ enqueued: 0, requests: 0 });
  expect(await langfuse.shutdown()).toMatchObject(nothing);
}

beforeEach(() => langfuseEnvironment());

describe('without keys', () => {
  it('one warning says so, and everything is a no-op', async () => {
    const server = await countConnections();
    const application = await start({ baseUrl: server.url });
    await expectNoOps(application);
    expect(application.log.lines).toEqual([
      'warn: Tracing is off, the application runs without it: publicKey ' +
        '(LANGFUSE_PUBLIC_KEY) and secretKey (LANGFUSE_SECRET_KEY) missing. ' +
        'Set what is missing, or set enabled: false ' +
        '(LANGFUSE_TRACING_ENABLED=false) to say that this is intended.',
    ]);
    expect(server.count()).toBe(0);
  });

  it('all is injectable', async () => {
    const { app } = await start();
    expect(app.get(LangfuseService)).toBeInstanceOf(LangfuseService);
    expect(app.get(LangfuseQueue)).toBeInstanceOf(LangfuseQueue);
    expect(app.get(LangfuseInterceptor)).toBeInstanceOf(LangfuseInterceptor);
  });

  it('the warning names only what is missing', async () => {
    const { log } = await start({ publicKey: 'pk-lf-1' });
    expect(log.lines).toEqual([
      expect.stringMatching(/: secretKey \(LANGFUSE_SECRET_KEY\) missing\./),
    ]);
  });
});

describe('with tracing disabled', () => {
  it('by enabled: false, no warning comes and no connection is opened', async () => {
    const server = await countConnections();
    const application = await start({
      ...keysFor(server),
      enabled: false,
    });
    await expectNoOps(application);
    await application.app.close();
    expect(application.log.lines).toEqual([]);
    expect(server.count()).toBe(0);
  });

  it('by LANGFUSE_TRACING_ENABLED=false, no warning comes and no connection is opened', async () => {
    const server = await countConnections();
    langfuseEnvironment({
      LANGFUSE_TRACING_ENABLED: 'false',
      LANGFUSE_PUBLIC_KEY: 'pk-lf-1',
      LANGFUSE_SECRET_KEY: 'sk-lf-1',
      LANGFUSE_BASE_URL: server.url,
    });
    const application = await start();
    await expectNoOps(application);
    await application.app.close();
    expect(application.log.lines).toEqual([]);
    expect(server.count()).toBe(0);
  });

  it('the same use would connect if it were enabled', async () => {
    const server = await countConnections();
    const { langfuse } = await start(keysFor(server));
    langfuse.startObservation('answer').end();
    await langfuse.flush({ timeoutMs: 100 });
    expect(server.count()).toBeGreaterThan(0);
  });
});
