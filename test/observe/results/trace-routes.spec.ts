/** Traced handlers of every kind, over HTTP, to every end. */
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
import { APP_INTERCEPTOR } from '@nestjs/core';
import { concatMap, from, map, type Observable, timer } from 'rxjs';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  CurrentObservation,
  LangfuseInterceptor,
  LangfuseObservation,
  LangfuseService,
  NoTrace,
  Trace,
} from '../../../lib/index.js';
import { TracedApplication } from '../../support/traced-application.js';

type Ending = 'success' | 'failure' | 'early';

@Trace()
@Controller()
class Routes {
  constructor(private readonly langfuse: LangfuseService) {}

  @Get('value/:ending')
  value(@Param('ending') ending: Ending): string {
    this.work(ending);
    return 'one two';
  }

  @Get('promise/:ending')
  async promise(@Param('ending') ending: Ending): Promise<string> {
    await Promise.resolve();
    return this.value(ending);
  }

  @Get('observable/:ending')
  observable(@Param('ending') ending: Ending): Observable<string> {
    return timer(1).pipe(map(() => this.value(ending)));
  }

  @Sse('events/:ending')
  events(@Param('ending') ending: Ending): Observable<{ data: string }> {
    return from(this.words(ending)).pipe(concatMap(async (data) => ({ data })));
  }

  @Get('file/:ending')
  @Header('content-type', 'text/plain')
  file(@Param('ending') ending: Ending): StreamableFile {
    return new StreamableFile(
      Readable.from(this.words(ending), { objectMode: false }),
    );
  }

  @Get('web/:ending')
  web(@Param('ending') ending: Ending): ReadableStream {
    const encoder = new TextEncoder();
    return ReadableStream.from(
      (async function* (words: AsyncIterable<string>) {
        for await (const word of words) yield encoder.encode(word);
      })(this.words(ending)),
    );
  }

  @Get('iterable/:ending')
  iterable(@Param('ending') ending: Ending): AsyncIterable<string> {
    return this.words(ending);
  }

  @Trace('asked')
  @Get('current')
  current(@CurrentObservation() observation: LangfuseObservation): string {
    observation.update({ metadata: { asked: true } });
    return observation.id;
  }

  @NoTrace()
  private async *words(ending: Ending): AsyncGenerator<string> {
    yield 'one ';
    await new Promise((resolve) => setTimeout(resolve, 5));
    this.work(ending);
    // A client that leaves early is given time to do so.
    for (let left = ending === 'early' ? 1e4 : 0; left > 0; left -= 1) {
      yield 'more ';
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    yield 'two';
  }

  @NoTrace()
  private work(ending: Ending): void {
    this.langfuse.startObservation('inside').end();
    if (ending === 'failure') throw new Error('broken');
  }
}

@Controller()
class UntracedRoutes {
  @Get('request')
  request(@CurrentObservation() observation: LangfuseObservation): string {
    observation.update({ metadata: { asked: true } });
    return observation.id;
  }
}

const WHOLE = ['value', 'promise', 'observable'];
const STREAMED = ['events', 'file', 'web', 'iterable'];

describe('a traced route', () => {
  let traced: TracedApplication;
  let url: string;
  beforeAll(async () => {
    traced = await TracedApplication.start({
      controllers: [Routes, UntracedRoutes],
      providers: [
        { provide: APP_INTERCEPTOR, useExisting: LangfuseInterceptor },
      ],
    });
    url = await traced.listen();
  });
  afterAll(() => traced.close());

  /** The observation of the handler that was asked with `ending`. */
  function handled(name: string, ending: Ending) {
    return vi.waitFor(async () => {
      await traced.langfuse.flush();
      const found = (await traced.observations()).filter(
        (observation) =>
          observation.name === `Routes.${name}` && observation.input === ending,
      );
      const call = found.find(
        ({ parentObservationId }) =>
          !found.some(({ id }) => id === parentObservationId),
      );
      expect(call).toBeDefined();
      const below = await traced.observations(call!.traceId);
      const parent = below.find(({ id }) => id === call!.parentObservationId);
      return { call: call!, below, parent };
    });
  }

  it.each([...WHOLE, ...STREAMED])('%s that succeeds', async (name) => {
    const body = await (await fetch(`${url}/${name}/success`)).text();
    expect(body).toMatch(/one[^]*two/);
    const { call, below, parent } = await handled(name, 'success');
    expect(call).toMatchObject({ level: 'DEFAULT', statusMessage: null });
    expect(call.output).toMatch(/one.*two/);
    expect(parent?.name).toBe(`GET /${name}/:ending`);
    expect(below.find(({ name: inner }) => inner === 'inside')?.traceId).toBe(
      call.traceId,
    );
  });

  it.each([...WHOLE, ...STREAMED])('%s that fails', async (name) => {
    await fetch(`${url}/${name}/failure`)
      .then((response) => response.text())
      .catch(() => undefined);
    const { call } = await handled(name, 'failure');
    expect(call).toMatchObject({ level: 'ERROR', statusMessage: 'broken' });
  });

  it.each(STREAMED)('%s whose client leaves', async (name) => {
    const leave = new AbortController();
    const response = await fetch(`${url}/${name}/early`, {
      signal: leave.signal,
    });
    await response.body!.getReader().read();
    leave.abort();
    const { call } = await handled(name, 'early');
    expect(call.level).toBe('DEFAULT');
    expect(call.statusMessage).toMatch(/^stopped after \d+ chunks?$/);
    expect(call.output).toMatch(/one /);
  });

  it('has its own observation at hand, which is no input', async () => {
    const id = await (await fetch(`${url}/current`)).text();
    const asked = await traced.observation('asked');
    expect(asked).toMatchObject({ id, input: null });
    expect(asked.metadata).toMatchObject({ asked: true });
  });

  it('that is not traced has the one of the request', async () => {
    const id = await (await fetch(`${url}/request`)).text();
    const asked = await traced.observation('GET /request');
    expect(asked.id).toBe(id);
    expect(asked.metadata).toMatchObject({ asked: true });
  });

  it('has one that does nothing where tracing is off', async () => {
    const off = await TracedApplication.start({
      controllers: [Routes, UntracedRoutes],
      langfuse: { enabled: false },
    });
    const offUrl = await off.listen();
    for (const path of ['current', 'request']) {
      const id = await (await fetch(`${offUrl}/${path}`)).text();
      expect(id).toBe('0'.repeat(16));
    }
    expect(off.queue.stats().enqueued).toBe(0);
    await off.close();
  });
});
