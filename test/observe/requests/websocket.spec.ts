/** Messages of a gateway, over ws. */
import { once } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';
import { BadRequestException, UseFilters } from '@nestjs/common';
import { WsAdapter } from '@nestjs/platform-ws';
import {
  BaseWsExceptionFilter,
  MessageBody,
  SubscribeMessage,
  WebSocketGateway,
} from '@nestjs/websockets';
import { concat, finalize, NEVER, Observable, of } from 'rxjs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { LangfuseService, Trace } from '../../../lib/index.js';
import { TracedApplication } from '../../support/traced-application.js';
import {
  arrived,
  PARENT_ID,
  TRACE_ID,
  TRACEPARENT,
} from './requests-support.js';

interface Answer {
  readonly event: string;
  readonly data: unknown;
}

@WebSocketGateway()
@UseFilters(BaseWsExceptionFilter)
class ChatGateway {
  constructor(private readonly langfuse: LangfuseService) {}

  @SubscribeMessage('chat')
  @Trace('answer')
  async chat(
    @MessageBody() { text }: { readonly text: string },
  ): Promise<Answer> {
    await turn();
    return { event: 'chat', data: text.toUpperCase() };
  }

  @SubscribeMessage('tokens')
  tokens(): Observable<Answer> {
    return of({ event: 'tokens', data: 1 }, { event: 'tokens', data: 2 });
  }

  @SubscribeMessage('endless')
  endless(): Observable<Answer> {
    return concat(of({ event: 'endless', data: 'first' }), NEVER).pipe(
      finalize(() => this.langfuse.startObservation('clean-up').end()),
    );
  }

  @SubscribeMessage('broken')
  async broken(): Promise<never> {
    await turn();
    throw new Error('no answer');
  }

  @SubscribeMessage('refused')
  refused(): never {
    throw new BadRequestException('no');
  }
}

describe('a gateway over ws', () => {
  let traced: TracedApplication;
  let client: WebSocket;
  beforeEach(async () => {
    traced = await TracedApplication.start({
      providers: [ChatGateway],
      langfuse: {
        flushAt: 1,
        traceRequests: true,
        requestAttributes: () => ({ userId: 'ada' }),
      },
      configure: (app) => app.useWebSocketAdapter(new WsAdapter(app)),
    });
    const url = await traced.listen();
    client = new WebSocket(url.replace('http', 'ws'));
    await once(client, 'open');
  });
  afterEach(async () => {
    client.terminate();
    await traced.close();
  });

  function send(event: string, data: unknown): Promise<unknown> {
    const answer = once(client, 'message');
    client.send(JSON.stringify({ event, data }));
    return answer.then(([message]) => JSON.parse(String(message)) as unknown);
  }

  it('records a message, what came, what went, and what is below', async () => {
    expect(await send('chat', { text: 'hi' })).toMatchObject({ data: 'HI' });
    const root = await arrived(traced, 'ws chat');
    expect(root).toMatchObject({
      input: '{"text":"hi"}',
      output: '{"event":"chat","data":"HI"}',
      level: 'DEFAULT',
      userId: 'ada',
      parentObservationId: null,
    });
    expect(await arrived(traced, 'answer')).toMatchObject({
      parentObservationId: root.id,
      userId: 'ada',
    });
  });

  it('goes on with the trace in the payload', async () => {
    const langfuse = { traceparent: TRACEPARENT };
    await send('chat', { text: 'hi', langfuse });
    expect(await arrived(traced, 'ws chat')).toMatchObject({
      traceId: TRACE_ID,
      parentObservationId: PARENT_ID,
      input: '{"text":"hi"}',
    });
  });

  it('records all that is answered', async () => {
    await send('tokens', {});
    expect(await arrived(traced, 'ws tokens')).toMatchObject({
      output: '[{"event":"tokens","data":1},{"event":"tokens","data":2}]',
    });
  });

  it.each([
    ['broken', 'ERROR', 'no answer'],
    ['refused', 'WARNING', 'no'],
  ])('tells how %s went', async (event, level, statusMessage) => {
    await send(event, {});
    expect(await arrived(traced, `ws ${event}`)).toMatchObject({
      level,
      statusMessage,
    });
  });

  it('ends when the client leaves', async () => {
    await send('endless', {});
    client.terminate();
    const root = await arrived(traced, 'ws endless');
    expect(root).toMatchObject({
      level: 'WARNING',
      statusMessage: 'the client left before the end',
      output: '{"event":"endless","data":"first"}',
    });
    const cleanUp = await arrived(traced, 'clean-up');
    expect(cleanUp.traceId).toBe(root.traceId);
  });
});
