/** Requests as root observations, in an application that answers them. */
import http, { type ServerResponse } from 'node:http';
import {
  type ArgumentsHost,
  BadRequestException,
  Body,
  Catch,
  ConflictException,
  Controller,
  type ExceptionFilter,
  Get,
  HttpCode,
  Injectable,
  Param,
  Post,
  Query,
  UseFilters,
  UseInterceptors,
} from '@nestjs/common';
import { APP_INTERCEPTOR } from '@nestjs/core';
import { SpanStatusCode } from '@opentelemetry/api';
import { defer, delay, map, type Observable, of } from 'rxjs';
import request from 'supertest';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  LangfuseInterceptor,
  LangfuseService,
  Trace,
} from '../../../lib/index.js';
import { attributesOf } from '../../support/otlp.js';
import { recordSpans } from '../../support/recorded-spans.js';
import {
  type ReadObservation,
  TracedApplication,
} from '../../support/traced-application.js';

class OutOfBooks extends Error {}

/** As some libraries make them: whoever reads the message fails. */
class UnreadableError extends OutOfBooks {
  override get message(): string {
    throw new Error('no message');
  }
}

/** Answers with another status than the error has. */
abstract class AnswersWith implements ExceptionFilter {
  protected abstract readonly status: number;

  catch(_error: unknown, host: ArgumentsHost): void {
    const response = host.switchToHttp().getResponse<ServerResponse>();
    response.writeHead(this.status).end();
  }
}

@Catch(OutOfBooks)
class OutOfBooksFilter extends AnswersWith {
  protected override readonly status = 410;
}

@Catch(ConflictException)
class ConflictFilter extends AnswersWith {
  protected override readonly status = 503;
}

@Injectable()
class Catalogue {
  constructor(private readonly langfuse: LangfuseService) {}

  @Trace('find')
  async find(id: string): Promise<string> {
    await new Promise((resolve) => setImmediate(resolve));
    return this.langfuse.propagateAttributes({ userId: `user-${id}` }, () => {
      this.langfuse.startObservation('lookup', { input: id }).end();
      return `book ${id}`;
    });
  }
}

@Controller('books')
class BooksController {
  constructor(private readonly catalogue: Catalogue) {}

  @Get('stream/:id')
  stream(@Param('id') id: string): Observable<string> {
    return defer(() => this.catalogue.find(id)).pipe(
      delay(1),
      map((book) => {
        void this.catalogue.find('later');
        return book;
      }),
    );
  }

  @Get('bad')
  bad(): never {
    throw new BadRequestException('no such field');
  }

  @Get('broken')
  async broken(): Promise<never> {
    await Promise.resolve();
    throw new RangeError('out of range');
  }

  @Get('gone')
  @UseFilters(OutOfBooksFilter)
  gone(): never {
    throw new OutOfBooks('no books left');
  }

  @Get('unreadable')
  @UseFilters(OutOfBooksFilter)
  unreadable(): never {
    throw new UnreadableError();
  }

  @Get('worse')
  @UseFilters(ConflictFilter)
  worse(): never {
    throw new ConflictException('busy');
  }

  @Get('twice')
  @UseInterceptors(LangfuseInterceptor)
  twice(): Observable<string> {
    return of('once');
  }

  @Get(':id')
  find(@Param('id') id: string, @Query('lang') _lang?: string) {
    return this.catalogue.find(id);
  }

  @Post()
  @HttpCode(202)
  add(@Body() body: { readonly title: string }): object {
    return { added: body.title };
  }

  @Get('wait/forever')
  wait(): Promise<never> {
    waiting.emit();
    return new Promise(() => undefined);
  }
}

/** Tells that a request has reached its handler. */
const waiting = {
  emit: (): void => undefined,
  arrived(): Promise<void> {
    return new Promise((resolve) => {
      this.emit = resolve;
    });
  },
};

describe('LangfuseInterceptor', () => {
  let traced: TracedApplication;
  let url: string;
  beforeEach(async () => {
    traced = await TracedApplication.start({
      controllers: [BooksController],
      providers: [
        Catalogue,
        { provide: APP_INTERCEPTOR, useExisting: LangfuseInterceptor },
      ],
      // What ends is sent at once: a request ends after its client has read.
      langfuse: { flushAt: 1 },
    });
    url = await traced.listen();
  });
  afterEach(() => traced.close());

  const arrived = (count: number) =>
    traced.local.waitFor(() => traced.local.stats().observations >= count);

  /** The request of that name, as soon as it has ended and arrived. */
  async function requestOf(name: string): Promise<ReadObservation> {
    await traced.local.waitFor((local) => local.observations({ name })[0]);
    return traced.observation(name);
  }

  it('records a request by method and route, with what came and what went', async () => {
    await request(url).get('/books/7?lang=de').expect(200, 'book 7');
    const root = await requestOf('GET /books/:id');
    expect(root).toMatchObject({
      type: 'SPAN',
      parentObservationId: null,
      isRootObservation: true,
      traceName: 'GET /books/:id',
      input: '{"params":{"id":"7"},"query":{"lang":"de"}}',
      output: 'book 7',
      level: 'DEFAULT',
      // Only the handler knew, the request has it all the same.
      userId: 'user-7',
    });
    expect(root.metadata).toMatchObject({
      method: 'GET',
      route: '/books/:id',
      status: 200,
    });
    expect(await traced.tree()).toEqual([
      'GET /books/:id',
      '  find',
      '    lookup',
    ]);
  });

  it('records the body and the status that was chosen', async () => {
    await request(url).post('/books').send({ title: 'Momo' }).expect(202);
    const root = await requestOf('POST /books');
    expect(root).toMatchObject({
      input: '{"body":{"title":"Momo"}}',
      output: '{"added":"Momo"}',
    });
    expect(root.metadata).toMatchObject({ method: 'POST', status: 202 });
  });

  it('warns of what the client did wrong', async () => {
    const recorded = recordSpans(traced.queue);
    await request(url).get('/books/bad').expect(400);
    const root = await requestOf('GET /books/bad');
    expect(root).toMatchObject({
      level: 'WARNING',
      statusMessage: 'no such field',
      output: null,
    });
    expect(root.metadata).toMatchObject({ status: 400 });
    expect(recorded()[0]).toMatchObject({
      status: { code: SpanStatusCode.UNSET },
      events: [],
    });
  });

  it('tells of an error of the application, with its exception', async () => {
    const recorded = recordSpans(traced.queue);
    await request(url).get('/books/broken').expect(500);
    const root = await requestOf('GET /books/broken');
    expect(root).toMatchObject({
      level: 'ERROR',
      statusMessage: 'out of range',
    });
    expect(root.metadata).toMatchObject({ status: 500 });
    const [span] = recorded();
    expect(span!.status).toEqual({
      code: SpanStatusCode.ERROR,
      message: 'out of range',
    });
    expect(attributesOf(span!.events[0]!.attributes)).toMatchObject({
      'exception.type': 'RangeError',
      'exception.message': 'out of range',
    });
  });

  it('believes the status that an exception filter sent', async () => {
    await request(url).get('/books/gone').expect(410);
    const gone = await requestOf('GET /books/gone');
    expect(gone).toMatchObject({
      level: 'WARNING',
      statusMessage: 'no books left',
    });
    expect(gone.metadata).toMatchObject({ status: 410 });

    await request(url).get('/books/worse').expect(503);
    const worse = await requestOf('GET /books/worse');
    expect(worse).toMatchObject({ level: 'ERROR', statusMessage: 'busy' });
    expect(worse.metadata).toMatchObject({ status: 503 });
  });

  it('survives an error that cannot be read', async () => {
    await request(url).get('/books/unreadable').expect(410);
    expect(await requestOf('GET /books/unreadable')).toMatchObject({
      level: 'WARNING',
      statusMessage: 'an error that has no text',
    });
  });

  it('carries its context to handlers that return Observables', async () => {
    await request(url).get('/books/stream/3').expect(200, 'book 3');
    await arrived(5);
    const root = await requestOf('GET /books/stream/:id');
    expect(root.output).toBe('book 3');
    const finds = traced.local.observations({ name: 'find' });
    expect(finds).toHaveLength(2);
    for (const find of finds) {
      expect(find.parentObservationId).toBe(root.id);
      expect(find.traceId).toBe(root.traceId);
    }
  });

  it('tells that the client went away', async () => {
    const reached = waiting.arrived();
    const client = http.get(`${url}/books/wait/forever`);
    client.on('error', () => undefined);
    await reached;
    client.destroy();
    const root = await requestOf('GET /books/wait/forever');
    expect(root).toMatchObject({
      level: 'WARNING',
      statusMessage: 'the client closed the connection',
      output: null,
    });
  });

  it('records a request once, however often it is bound', async () => {
    await request(url).get('/books/twice').expect(200, 'once');
    await arrived(1);
    expect(await traced.tree()).toEqual(['GET /books/twice']);
  });

  it('has nothing to do with requests that reach no handler', async () => {
    await request(url).get('/nowhere').expect(404);
    expect(await traced.tree()).toEqual([]);
  });

  it('keeps 50 requests side by side apart', async () => {
    const ids = Array.from({ length: 50 }, (_, i) => String(i));
    await Promise.all(
      ids.map((id) =>
        request(url).get(`/books/${id}`).expect(200, `book ${id}`),
      ),
    );
    await arrived(150);
    const observations = await traced.observations();
    expect(observations).toHaveLength(150);
    for (const id of ids) {
      const [root] = observations.filter(
        ({ name, output }) => name.startsWith('GET') && output === `book ${id}`,
      );
      const trace = observations.filter(
        ({ traceId }) => traceId === root!.traceId,
      );
      const [find] = trace.filter(({ name }) => name === 'find');
      const [lookup] = trace.filter(({ name }) => name === 'lookup');
      expect(trace).toHaveLength(3);
      expect(find).toMatchObject({
        input: id,
        parentObservationId: root!.id,
        userId: `user-${id}`,
      });
      expect(lookup).toMatchObject({
        input: id,
        parentObservationId: find!.id,
        userId: `user-${id}`,
      });
      expect(root!.userId).toBe(`user-${id}`);
    }
  });
});
