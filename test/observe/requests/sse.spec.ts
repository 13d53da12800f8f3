/** Server-sent events: one observation for as long as they are sent. */
import http from 'node:http';
import { Controller, type MessageEvent, Sse } from '@nestjs/common';
import {
  concat,
  finalize,
  map,
  NEVER,
  Observable,
  of,
  throwError,
  timer,
} from 'rxjs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LangfuseService, Trace } from '../../../lib/index.js';
import { TracedApplication } from '../../support/traced-application.js';
import {
  ADAPTERS,
  arrived,
  TRACE_ID,
  TRACEPARENT,
} from './requests-support.js';

@Controller('events')
class EventsController {
  constructor(private readonly langfuse: LangfuseService) {}

  @Sse('words')
  words(): Observable<MessageEvent> {
    return timer(0, 1).pipe(
      map((i) => {
        this.langfuse.startObservation(`word ${i}`).end();
        return { data: ['one ', 'two ', 'three'][i]! };
      }),
      (words) =>
        new Observable((subscriber) =>
          words.subscribe({
            next: (word) => {
              subscriber.next(word);
              if (word.data === 'three') subscriber.complete();
            },
          }),
        ),
    );
  }

  @Sse('endless')
  @Trace('endless')
  endless(): Observable<MessageEvent> {
    return concat(
      of({ data: { count: 1 } }, { data: { count: 2 } }),
      NEVER,
    ).pipe(finalize(() => this.langfuse.startObservation('clean-up').end()));
  }

  @Sse('broken')
  broken(): Observable<MessageEvent> {
    return concat(
      of({ data: 'first' }),
      throwError(() => new Error('out of words')),
    );
  }
}

describe.each(ADAPTERS)('@Sse() over %s', (_name, adapter) => {
  let traced: TracedApplication;
  let url: string;
  beforeEach(async () => {
    traced = await TracedApplication.start({
      adapter: adapter(),
      controllers: [EventsController],
      langfuse: { flushAt: 1, traceRequests: true },
    });
    url = await traced.listen();
  });
  afterEach(() => traced.close());

  it('ends with the stream and joins what was sent', async () => {
    const response = await fetch(`${url}/events/words`, {
      headers: { traceparent: TRACEPARENT },
    });
    expect(await response.text()).toContain('data: three');
    const root = await arrived(traced, 'GET /events/words');
    expect(root).toMatchObject({
      output: 'one two three',
      level: 'DEFAULT',
      traceId: TRACE_ID,
    });
    for (const i of [0, 1, 2]) {
      const word = await arrived(traced, `word ${i}`);
      expect(word.parentObservationId).toBe(root.id);
    }
  });

  it('ends when the client leaves, with what it got', async () => {
    const client = http.get(`${url}/events/endless`);
    client.on('error', () => undefined);
    await new Promise<void>((resolve) =>
      client.on('response', (response) => {
        let text = '';
        response.on('error', () => undefined);
        response.on('data', (chunk: Buffer) => {
          text += chunk.toString();
          if (text.includes('"count":2')) resolve();
        });
      }),
    );
    client.destroy();
    const root = await arrived(traced, 'GET /events/endless');
    expect(root).toMatchObject({
      output: '[{"count":1},{"count":2}]',
      level: 'WARNING',
      statusMessage: 'the client closed the connection',
    });
    const handler = await arrived(traced, 'endless');
    expect(handler.parentObservationId).toBe(root.id);
    const cleanUp = await arrived(traced, 'clean-up');
    expect(cleanUp.traceId).toBe(root.traceId);
  });

  it('fails with its stream, whatever the status was', async () => {
    await (await fetch(`${url}/events/broken`)).text();
    expect(await arrived(traced, 'GET /events/broken')).toMatchObject({
      output: 'first',
      level: 'ERROR',
      statusMessage: 'out of words',
    });
  });
});
