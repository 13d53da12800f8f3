/**
 * Traced handlers of every kind, over HTTP, to every end: `@Trace()` on the
 * handler and on the controller, below the request that is recorded, too.
 */
import { Readable } from 'node:stream';
import { ReadableStream } from 'node:stream/web';
import {
  Controller,
  Get,
  Header,
  Param,
  Sse,
  StreamableFile,
} from '@nestjs/common';
import { concatMap, defer, from, type Observable, timer } from 'rxjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LangfuseService, NoTrace, Trace } from '../../../lib/index.js';
import type { LocalObservation } from '../../../lib/local/index.js';
import { TracedApplication } from '../../support/traced-application.js';
import { ADAPTERS, signal } from '../requests/requests-support.js';

type Ending = 'success' | 'failure' | 'early';

/** A handler that waits for its client to leave, and what lets it go on. */
let waiting = signal();
let left = signal();

/** The same routes, each method with the decorator `onMethod`. */
function routesBelow(path: string, onMethod: MethodDecorator) {
  @Controller(path)
  class Routes {
    constructor(private readonly langfuse: LangfuseService) {}

    @onMethod
    @Get('value/:ending')
    value(@Param('ending') ending: Ending): string {
      return this.work(ending);
    }

    @onMethod
    @Get('promise/:ending')
    async promise(@Param('ending') ending: Ending): Promise<string> {
      await this.patience(ending);
      return this.work(ending);
    }

    @onMethod
    @Get('observable/:ending')
    observable(@Param('ending') ending: Ending): Observable<string> {
      return timer(1).pipe(concatMap(() => this.whole(ending)));
    }

    @onMethod
    @Get('promiseOfObservable/:ending')
    async promiseOfObservable(
      @Param('ending') ending: Ending,
    ): Promise<Observable<string>> {
      await Promise.resolve();
      return defer(() => this.whole(ending));
    }

    @onMethod
    @Sse('events/:ending')
    events(@Param('ending') ending: Ending): Observable<string> {
      return from(this.words(ending));
    }

    @onMethod
    @Get('file/:ending')
    @Header('content-type', 'text/plain')
    file(@Param('ending') ending: Ending): StreamableFile {
      return new StreamableFile(
        Readable.from(this.words(ending), { objectMode: false }),
      );
    }

    @onMethod
    @Get('promiseOfFile/:ending')
    @Header('content-type', 'text/plain')
    async promiseOfFile(
      @Param('ending') ending: Ending,
    ): Promise<StreamableFile> {
      await Promise.resolve();
      const words = Readable.from(this.words(ending), { objectMode: false });
      return new StreamableFile(words);
    }

    @onMethod
    @Get('nodeStream/:ending')
    nodeStream(@Param('ending') ending: Ending): Readable {
      return Readable.from(this.words(ending), { objectMode: false });
    }

    @onMethod
    @Get('web/:ending')
    web(@Param('ending') ending: Ending): ReadableStream {
      const encoder = new TextEncoder();
      return ReadableStream.from(
        (async function* (words: AsyncIterable<string>) {
          for await (const word of words) yield encoder.encode(word);
        })(this.words(ending)),
      );
    }

    @onMethod
    @Get('iterable/:ending')
    iterable(@Param('ending') ending: Ending): AsyncIterable<string> {
      return this.words(ending);
    }

    @onMethod
    @Get('promiseOfIterable/:ending')
    async promiseOfIterable(
      @Param('ending') ending: Ending,
    ): Promise<AsyncIterable<string>> {
      await Promise.resolve();
      return this.words(ending);
    }

    @NoTrace()
    private async *words(ending: Ending): AsyncGenerator<string> {
      yield 'one ';
      await new Promise((resolve) => setTimeout(resolve, 5));
      yield this.work(ending).slice('one '.length);
      // A client that leaves early is given time to do so.
      for (let more = ending === 'early' ? 1e4 : 0; more > 0; more -= 1) {
        yield ' more';
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
    }

    @NoTrace()
    private async whole(ending: Ending): Promise<string> {
      await this.patience(ending);
      return this.work(ending);
    }

    @NoTrace()
    private async patience(ending: Ending): Promise<void> {
      if (ending !== 'early') return;
      waiting.give();
      await left.given;
    }

    @NoTrace()
    private work(ending: Ending): string {
      this.langfuse.startObservation('inside').end();
      if (ending === 'failure') throw new Error('broken');
      return 'one two';
    }
  }
  return Routes;
}

const OnMethod = routesBelow('on-method', Trace() as MethodDecorator);
const OnClass = routesBelow('on-class', () => undefined);
Trace()(OnClass);

/** What can only be sent whole. */
const WAITING = ['promise', 'observable', 'promiseOfObservable'];
const WHOLE = ['value', ...WAITING];
const STREAMED = [
  'events',
  'file',
  'promiseOfFile',
  'nodeStream',
  'web',
  'iterable',
  'promiseOfIterable',
];

/** What the request says of its output: files and the like are left out. */
const SAID = [...WHOLE, 'events'];

const LEFT = {
  level: 'WARNING',
  statusMessage: 'the client closed the connection',
};

const APPLICATIONS = ADAPTERS.flatMap(([name, adapter]) =>
  ['on-method', 'on-class'].map((place) => ({ name, adapter, place })),
);

describe.each(APPLICATIONS)('@Trace() $place, over $name', (application) => {
  const { adapter, place } = application;
  let traced: TracedApplication;
  let url: string;
  beforeAll(async () => {
    traced = await TracedApplication.start({
      adapter: adapter(),
      controllers: [OnMethod, OnClass],
      langfuse: { flushAt: 1, traceRequests: true },
    });
    url = `${await traced.listen()}/${place}`;
  });
  afterAll(() => traced.close());

  function requested(name: string, ending: Ending): Promise<LocalObservation> {
    return traced.local.waitFor((local) =>
      local
        .observations({ name: `GET /${place}/${name}/:ending` })
        .find(({ input }) => String(input).includes(ending)),
    );
  }

  /** What came of one request: its observation, the handler's, those within. */
  async function observed(name: string, ending: Ending) {
    const request = await requested(name, ending);
    const { traceId } = request;
    const call = await traced.local.waitFor(
      (local) => local.observations({ traceId, name: `Routes.${name}` })[0],
    );
    await traced.langfuse.flush();
    const inside = traced.local.observations({ traceId, name: 'inside' });
    expect(call.parentObservationId).toBe(request.id);
    expect(call.startTime >= request.startTime).toBe(true);
    for (const { parentObservationId, startTime, endTime } of inside) {
      expect(parentObservationId).toBe(call.id);
      expect(startTime >= call.startTime).toBe(true);
      // Work that has begun goes on where the reader has left.
      if (ending !== 'early') expect(endTime! <= call.endTime!).toBe(true);
    }
    return { request, call, inside };
  }

  it.each([...WHOLE, ...STREAMED])('%s that succeeds', async (name) => {
    const body = await (await fetch(`${url}/${name}/success`)).text();
    expect(body).toMatch(/one[^]*two/);
    const { request, call, inside } = await observed(name, 'success');
    expect(request).toMatchObject({ level: 'DEFAULT', statusMessage: null });
    expect(call).toMatchObject({
      input: 'success',
      output: 'one two',
      level: 'DEFAULT',
      statusMessage: null,
    });
    expect(call.endTime! <= request.endTime!).toBe(true);
    expect(inside).toHaveLength(1);
    expect(request.output).toBe(SAID.includes(name) ? 'one two' : null);
  });

  it.each([...WHOLE, ...STREAMED])('%s that fails', async (name) => {
    await fetch(`${url}/${name}/failure`)
      .then((response) => response.text())
      .catch(() => undefined);
    const { request, call } = await observed(name, 'failure');
    expect(call).toMatchObject({
      input: 'failure',
      output: WHOLE.includes(name) ? null : 'one ',
      level: 'ERROR',
      statusMessage: 'broken',
    });
    expect(request).toMatchObject({
      level: 'ERROR',
      statusMessage: 'broken',
      output: name === 'events' ? 'one ' : null,
    });
  });

  it.each(STREAMED)('%s whose client leaves', async (name) => {
    const leave = new AbortController();
    const response = await fetch(`${url}/${name}/early`, {
      signal: leave.signal,
    });
    await response.body!.getReader().read();
    leave.abort();
    const { request, call } = await observed(name, 'early');
    expect(request).toMatchObject(LEFT);
    expect(call.level).toBe('DEFAULT');
    expect(call.statusMessage).toMatch(/^stopped after \d+ chunks?$/);
    expect(call.output).toMatch(/^one /);
  });

  it.each(WAITING)('%s whose client does not wait', async (name) => {
    waiting = signal();
    left = signal();
    const leave = new AbortController();
    const response = fetch(`${url}/${name}/early`, { signal: leave.signal });
    await waiting.given;
    leave.abort();
    await expect(response).rejects.toThrow('aborted');
    await requested(name, 'early');
    left.give();
    const { request, call } = await observed(name, 'early');
    expect(request).toMatchObject(LEFT);
    // Nest unsubscribes from an Observable; a promise cannot be told.
    expect(call).toMatchObject(
      name === 'promise'
        ? { output: 'one two', level: 'DEFAULT', statusMessage: null }
        : {
            output: null,
            level: 'WARNING',
            statusMessage: 'stopped before the first chunk',
          },
    );
  });
});
