/** The spool beside the other things that the module does. */
import {
  existsSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { Test } from '@nestjs/testing';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import {
  createLangfuseQueue,
  getLangfuseToken,
  LangfuseHealthIndicator,
  LangfuseModule,
  LangfuseService,
  LangfuseSpanProcessor,
  withLangfuseFlush,
} from '../../lib/index.js';
import { LangfuseTestingModule } from '../../lib/testing/index.js';
import {
  keysFor,
  PUBLIC_KEY,
  record,
  SECRET_KEY,
  startApplication,
} from '../support/application.js';
import { CollectedMetrics, figures } from '../support/collected-metrics.js';
import { langfuseEnvironment } from '../support/environment.js';
import { attributesOf, decodeExport } from '../support/otlp.js';
import {
  answer,
  RecordingServer,
  type Respond,
} from '../support/recording-server.js';
import { startChild } from './children.js';
import { IdServer } from './id-server.js';
import { deliverRest, startSpooling } from './next-start.js';
import { segmentsIn, spoolFolder, textIn } from './spool-folder.js';

beforeEach(() => langfuseEnvironment());

const EVENT = { spool: 'event' } as const;

describe('no spool is made', () => {
  it('by the testing module, which keeps records in memory', async () => {
    const spoolDir = spoolFolder();
    const module = await Test.createTestingModule({
      imports: [LangfuseTestingModule.forRoot({ ...EVENT, spoolDir })],
    }).compile();
    await module.init();
    record(module.get(LangfuseService), 3);
    const listeners = process.listenerCount('exit');
    await module.close();
    expect(process.listenerCount('exit')).toBe(listeners);
    expect(existsSync(spoolDir)).toBe(false);
  });

  it('with enabled: false, and what others have left stays', async () => {
    const dir = spoolFolder();
    const server = await IdServer.startDown();
    const before = await startSpooling(server, dir, EVENT);
    record(before.langfuse, 3);
    await before.app.close();
    const left = segmentsIn(dir);
    expect(left.length).toBeGreaterThan(0);
    const { app, queue } = await startSpooling(server, dir, {
      ...EVENT,
      enabled: false,
    });
    expect(queue.stats().spool).toBeUndefined();
    await app.close();
    expect(segmentsIn(dir)).toEqual(left);
  });

  it('when nothing is said of one', async () => {
    const server = await IdServer.start();
    const { queue } = await startApplication({
      imports: [LangfuseModule.forRoot(keysFor(server))],
    });
    expect(queue.stats().spool).toBeUndefined();
  });
});

describe('the folder', () => {
  it('is for this user alone, and so are its files', async () => {
    const dir = spoolFolder();
    const server = await IdServer.start();
    const { langfuse } = await startSpooling(server, dir, EVENT);
    record(langfuse, 1);
    const modes = readdirSync(dir, { recursive: true, encoding: 'utf8' })
      .map((path) => statSync(join(dir, path)))
      .map(
        (file) =>
          (file.isDirectory() ? 'd' : '-') + (file.mode & 0o777).toString(8),
      );
    expect(new Set(modes)).toEqual(new Set(['d700', '-600']));
    expect(statSync(dir).mode & 0o777).toBe(0o700);
  });

  it('can be that of two projects, which never get the records of each other', async () => {
    const dir = spoolFolder();
    const first = await IdServer.startDown();
    const second = await IdServer.startDown();
    const options = { ...EVENT, spoolDir: dir, compression: 'none' } as const;
    const { app, langfuse } = await startApplication({
      imports: [
        LangfuseModule.forRoot({ ...keysFor(first), ...options }),
        LangfuseModule.forRoot({
          name: 'billing',
          ...keysFor(second),
          publicKey: 'pk-lf-billing',
          ...options,
        }),
      ],
    });
    const billing = app.get<LangfuseService>(getLangfuseToken('billing'));
    langfuse.startObservation('#of-first#').end();
    billing.startObservation('#of-second#').end();
    await app.close();

    first.status = 200;
    second.status = 200;
    const alone = await startSpooling(second, dir, {
      publicKey: 'pk-lf-billing',
    });
    expect(await second.has(['of-second'], 5_000)).toEqual([]);
    expect(alone.queue.stats().enqueued).toBe(1);
    await startSpooling(first, dir);
    expect(await first.has(['of-first'], 5_000)).toEqual([]);
    expect([first.taken.size, second.taken.size]).toEqual([1, 1]);
  });

  it('says whose records they are, without a secret', async () => {
    const dir = spoolFolder();
    const server = await IdServer.startDown();
    const { app, langfuse } = await startSpooling(server, dir, EVENT);
    record(langfuse, 3);
    await app.close();
    expect(textIn(dir)).toContain('observation 2');
    expect(textIn(dir)).toContain(`${server.url} ${PUBLIC_KEY}`);
    expect(textIn(dir)).not.toContain(SECRET_KEY);
  });

  it('keeps the records of a credentials function whose key changes', async () => {
    const dir = spoolFolder();
    const server = await IdServer.startDown();
    const withKeys = (publicKey: string) => ({
      ...EVENT,
      publicKey: undefined,
      secretKey: undefined,
      credentials: () => ({ publicKey, secretKey: SECRET_KEY }),
    });
    const { app, langfuse } = await startSpooling(
      server,
      dir,
      withKeys('pk-lf-1'),
    );
    langfuse.startObservation('#kept-1#').end();
    await app.close();
    server.status = 200;
    await startSpooling(server, dir, withKeys('pk-lf-2'));
    expect(await server.has(['kept-1'], 5_000)).toEqual([]);
  });
});

describe('a mask', () => {
  it('has seen all that touches the disk, also when it is asynchronous', async () => {
    const dir = spoolFolder();
    const server = await IdServer.startDown();
    const { url } = server;
    const child = startChild('async-mask', [], { url, dir, mode: 'event' });
    expect(await child.ended).toEqual({ code: 1, signal: null });
    expect(child.output).toContain('recorded');
    const text = textIn(dir);
    expect(text).toContain('a masked text');
    expect(text).not.toContain('plain');
    expect(text).not.toContain('secret');
    server.status = 200;
    await deliverRest(server, dir);
    expect([...server.taken.keys()]).toEqual(['a-1']);
  });
});

describe('observations of another process', () => {
  it('are sent with their resource and scope by a process with others', async () => {
    const dir = spoolFolder();
    let isDown = true;
    const respond: Respond = (response, request) =>
      answer(isDown ? 503 : 200)(response, request);
    const server = await RecordingServer.start(respond, respond);
    vi.stubEnv('OTEL_SERVICE_NAME', 'shop');
    const before = await startSpooling(server, dir, EVENT);
    before.langfuse.startObservation('old').end();
    await before.app.close();
    const seen = server.requests.length;

    isDown = false;
    vi.stubEnv('OTEL_SERVICE_NAME', 'checkout');
    const { langfuse, queue } = await startSpooling(server, dir, EVENT);
    langfuse.startObservation('new').end();
    await queue.flush();
    const services = () =>
      server.requests.slice(seen).flatMap(({ body }) =>
        decodeExport(body).resourceSpans.flatMap(({ resource, scopeSpans }) => {
          const service = attributesOf(resource.attributes)['service.name'];
          return scopeSpans.flatMap(({ spans }) =>
            spans.map(({ name }) => `${name} of ${service}`),
          );
        }),
      );
    await expect.poll(services).toHaveLength(2);
    expect(services().toSorted()).toEqual(['new of checkout', 'old of shop']);
  });
});

describe('without the module', () => {
  it('createLangfuseQueue() has a spool, too', async () => {
    const spoolDir = spoolFolder();
    const server = await IdServer.startDown();
    const options = {
      ...keysFor(server),
      compression: 'none',
      spoolDir,
    } as const;
    const bytes = Buffer.from('#raw-1#');
    const queue = createLangfuseQueue(options);
    queue.enqueue({ lane: 'spans', id: 'raw', bytes });
    expect(await queue.shutdown()).toMatchObject({ spooled: 1, pending: 0 });
    server.status = 200;
    const next = createLangfuseQueue(options);
    expect(await server.has(['raw-1'], 5_000)).toEqual([]);
    await next.shutdown();
  });

  it('LangfuseSpanProcessor has one, which the module that adopts it shares', async () => {
    const spoolDir = spoolFolder();
    const server = await IdServer.startDown();
    const options = {
      ...keysFor(server),
      compression: 'none',
      spoolDir,
    } as const;
    const spanProcessor = new LangfuseSpanProcessor(options);
    const { app, langfuse } = await startApplication({
      imports: [LangfuseModule.forRoot({ spanProcessor })],
    });
    langfuse.startObservation('#adopted-1#').end();
    await app.close();
    server.status = 200;
    const next = new LangfuseSpanProcessor(options);
    expect(await server.has(['adopted-1'], 5_000)).toEqual([]);
    await next.shutdown();
  });

  it('lets the process go: one listener, which goes with the last queue', async () => {
    const server = await IdServer.start();
    const options = { ...keysFor(server), spoolDir: spoolFolder() };
    const before = process.listenerCount('exit');
    const queues = Array.from({ length: 20 }, () =>
      createLangfuseQueue(options),
    );
    expect(process.listenerCount('exit')).toBe(before + 1);
    await Promise.all(queues.map((queue) => queue.shutdown()));
    expect(process.listenerCount('exit')).toBe(before);
  });
});

describe('a serverless function', () => {
  it('leaves on the disk what its flush could not send, for the next invocation', async () => {
    const dir = spoolFolder();
    const server = await IdServer.startDown();
    const { app, langfuse, queue } = await startSpooling(server, dir, EVENT);
    const handler = withLangfuseFlush(
      () => async (id: string) => {
        langfuse.startObservation(`#${id}#`).end();
        return id;
      },
      { app: () => Promise.resolve(app), flushTimeoutMs: 50 },
    );
    expect(await handler('call-1')).toBe('call-1');
    expect(textIn(dir)).toContain('#call-1#');
    expect(queue.stats()).toMatchObject({ enqueued: 1, dropped: {} });
    server.status = 200;
    await handler('call-2');
    expect(await server.has(['call-1', 'call-2'], 10_000)).toEqual([]);
  });
});

describe('who looks at it', () => {
  it('sees what is on the disk: stats(), health, metrics, debug', async () => {
    const dir = spoolFolder();
    const collected = CollectedMetrics.register();
    const server = await IdServer.startDown();
    const { app, queue, langfuse, log } = await startSpooling(server, dir, {
      maxQueueSize: 10,
      flushAt: 5,
      maxConcurrency: 1,
      debug: true,
    });
    record(langfuse, 30);
    const { spooled, queued, inFlight, dropped, lanes } = queue.stats();
    expect(spooled).toBeGreaterThan(15);
    expect(spooled + queued + inFlight).toBe(30);
    expect(dropped).toEqual({});
    expect(lanes.scores.spooled).toBe(0);
    const { langfuse: health } = app.get(LangfuseHealthIndicator).isHealthy();
    expect(health).toMatchObject({ queued, inFlight, spooled });
    expect(figures(collected.collect())).toMatchObject({
      'langfuse.queue.spooled {langfuse.lane: spans}': spooled,
      'langfuse.queue.spooled {langfuse.lane: scores}': 0,
    });
    await queue.flush({ timeoutMs: 50 });
    expect(log.lines.at(-1)).toMatch(
      /^log: debug: flush: .+ pending in \d+ ms, timed out; .+, on the disk alone \d+, /,
    );
    await app.close();
    expect(log.text).toContain(', 10 to the disk in ');

    const next = await startSpooling(server, dir, { debug: true });
    await expect
      .poll(() => next.log.text)
      .toContain('debug: spool of spans: 30 of an ended process; ');
  });

  it('hears of a disk that fails and works again in the lines of debug', async () => {
    const dir = spoolFolder();
    symlinkSync(dirname(dir), dir);
    const server = await IdServer.start();
    const { log, langfuse, queue } = await startSpooling(server, dir, {
      ...EVENT,
      debug: true,
    });
    record(langfuse, 1);
    await queue.flush();
    expect(log.text).toMatch(/debug: spool: failing: .+ is a symbolic link/);
    rmSync(dir);
    while (!queue.stats().spool!.isWorking) {
      record(langfuse, 1);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await queue.flush();
    expect(log.text).toContain('debug: spool: working; ');
  });
});
