/** Messages and events of a microservice, over TCP. */
import type { AddressInfo, Server } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import {
  BadRequestException,
  Catch,
  Controller,
  type ExceptionFilter,
  ForbiddenException,
  Injectable,
  type CanActivate,
  ParseIntPipe,
  UseFilters,
  UseGuards,
} from '@nestjs/common';
import {
  type ClientProxy,
  ClientProxyFactory,
  EventPattern,
  MessagePattern,
  Payload,
  Transport,
} from '@nestjs/microservices';
import {
  concat,
  firstValueFrom,
  map,
  type Observable,
  of,
  throwError,
  timer,
  toArray,
} from 'rxjs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LangfuseService, Trace } from '../../../lib/index.js';
import { TracedApplication } from '../../support/traced-application.js';
import {
  arrived,
  PARENT_ID,
  TRACE_ID,
  TRACEPARENT,
} from './requests-support.js';

class Unlucky extends Error {}

@Catch(Unlucky)
@Injectable()
class TracedFilter implements ExceptionFilter {
  constructor(private readonly langfuse: LangfuseService) {}

  catch(): Observable<string> {
    this.langfuse.startObservation('filter').end();
    return of('saved');
  }
}

class Closed implements CanActivate {
  canActivate(): boolean {
    throw new ForbiddenException('closed');
  }
}

@Controller()
class SumController {
  constructor(private readonly langfuse: LangfuseService) {}

  @MessagePattern('sum')
  @Trace('add')
  async sum({ numbers }: { readonly numbers: number[] }): Promise<number> {
    await turn();
    return numbers.reduce((a, b) => a + b, 0);
  }

  @MessagePattern({ cmd: 'count' })
  count(@Payload() _payload: object): Observable<number> {
    return timer(0, 1).pipe(
      map((i) => {
        if (i === 2) this.langfuse.startObservation('third').end();
        if (i === 3) throw new RangeError('too far');
        return i;
      }),
    );
  }

  @MessagePattern('letters')
  letters(): Observable<string> {
    return of('a', 'b', 'c');
  }

  @MessagePattern('unlucky')
  @UseFilters(TracedFilter)
  async unlucky(): Promise<never> {
    await turn();
    throw new Unlucky('bad luck');
  }

  @MessagePattern('refused')
  refused(): Observable<string> {
    return concat(
      of('x'),
      throwError(() => new BadRequestException('no')),
    );
  }

  @MessagePattern('piped')
  piped(@Payload(ParseIntPipe) value: number): number {
    return value;
  }

  @MessagePattern('guarded')
  @UseGuards(Closed)
  guarded(): string {
    return 'never';
  }

  @EventPattern('user.created')
  async created({ id }: { readonly id: string }): Promise<void> {
    await turn();
    this.langfuse.startObservation(`mail ${id}`).end();
  }
}

describe('a microservice over TCP', () => {
  let traced: TracedApplication;
  let client: ClientProxy;
  beforeEach(async () => {
    traced = await TracedApplication.start({
      controllers: [SumController],
      providers: [TracedFilter],
      langfuse: {
        flushAt: 1,
        traceRequests: true,
        requestAttributes: (context) => ({
          sessionId: `session of ${context.getHandler().name}`,
        }),
      },
      configure(app) {
        const options = { host: '127.0.0.1', port: 0 };
        app.connectMicroservice(
          { transport: Transport.TCP, options },
          { inheritAppConfig: true },
        );
      },
    });
    await traced.app.startAllMicroservices();
    const [microservice] = traced.app.getMicroservices();
    const { port } = microservice!.unwrap<Server>().address() as AddressInfo;
    client = ClientProxyFactory.create({
      transport: Transport.TCP,
      options: { host: '127.0.0.1', port: port },
    });
  });
  afterEach(async () => {
    await client.close();
    await traced.close();
  });

  const send = <T>(pattern: string | object, data: unknown) =>
    firstValueFrom(client.send<T>(pattern, data).pipe(toArray()));

  it('records a message, what came, what went, and what is below', async () => {
    expect(await send('sum', { numbers: [1, 2] })).toEqual([3]);
    const root = await arrived(traced, 'message sum');
    expect(root).toMatchObject({
      input: '{"numbers":[1,2]}',
      output: '3',
      level: 'DEFAULT',
      parentObservationId: null,
      sessionId: 'session of sum',
    });
    expect(await arrived(traced, 'add')).toMatchObject({
      parentObservationId: root.id,
      sessionId: 'session of sum',
    });
  });

  it('goes on with the trace in the payload, which is no input', async () => {
    await send('sum', { numbers: [4], langfuse: { traceparent: TRACEPARENT } });
    expect(await arrived(traced, 'message sum')).toMatchObject({
      traceId: TRACE_ID,
      parentObservationId: PARENT_ID,
      isRootObservation: true,
      input: '{"numbers":[4]}',
    });
  });

  it('records a stream to its end', async () => {
    expect(await send('letters', {})).toEqual(['a', 'b', 'c']);
    expect(await arrived(traced, 'message letters')).toMatchObject({
      output: 'abc',
    });
  });

  it('fails with a stream, which has the message around it', async () => {
    await expect(send({ cmd: 'count' }, {})).rejects.toBeDefined();
    const root = await arrived(traced, 'message {"cmd":"count"}');
    expect(root).toMatchObject({
      output: '[0,1,2]',
      level: 'ERROR',
      statusMessage: 'too far',
    });
    const third = await arrived(traced, 'third');
    expect(third.parentObservationId).toBe(root.id);
  });

  it('fails with the handler, even if a filter saves the answer', async () => {
    expect(await send('unlucky', {})).toEqual(['saved']);
    const root = await arrived(traced, 'message unlucky');
    expect(root).toMatchObject({ level: 'ERROR', statusMessage: 'bad luck' });
    const filter = await arrived(traced, 'filter');
    expect(filter.parentObservationId).toBe(root.id);
  });

  it.each([
    ['refused', {}, 'no'],
    ['piped', 'x', 'Validation failed (numeric string is expected)'],
  ])('warns of a mistake of who asked: %s', async (pattern, data, message) => {
    await expect(send(pattern, data)).rejects.toBeDefined();
    expect(await arrived(traced, `message ${pattern}`)).toMatchObject({
      level: 'WARNING',
      statusMessage: message,
    });
  });

  it('has nothing to do with what a guard turns away', async () => {
    await expect(send('guarded', {})).rejects.toBeDefined();
    await send('letters', {});
    await arrived(traced, 'message letters');
    expect(await traced.tree()).toEqual(['message letters']);
  });

  it('records an event', async () => {
    await firstValueFrom(client.emit('user.created', { id: 'u1' }), {
      defaultValue: undefined,
    });
    const root = await arrived(traced, 'event user.created');
    expect(root).toMatchObject({ input: '{"id":"u1"}', level: 'DEFAULT' });
    const mail = await arrived(traced, 'mail u1');
    expect(mail.parentObservationId).toBe(root.id);
  });
});
