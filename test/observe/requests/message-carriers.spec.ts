/** Where each transport of Nest's microservices carries a trace. */
import type { AddressInfo, Server as NetServer } from 'node:net';
import { Controller } from '@nestjs/common';
import {
  type BaseRpcContext,
  ClientProxyFactory,
  type CustomTransportStrategy,
  KafkaContext,
  MessagePattern,
  MqttContext,
  NatsContext,
  RedisContext,
  RmqContext,
  Server,
  TcpContext,
  Transport,
} from '@nestjs/microservices';
import { lastValueFrom, type Observable } from 'rxjs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TracedApplication } from '../../support/traced-application.js';
import {
  arrived,
  PARENT_ID,
  TRACE_ID,
  TRACEPARENT,
} from './requests-support.js';

@Controller()
class SumController {
  @MessagePattern('sum')
  sum({ numbers }: { readonly numbers: number[] }): number {
    return numbers.reduce((a, b) => a + b, 0);
  }
}

/** A broker that hands messages over with whatever context it is told. */
class Broker extends Server implements CustomTransportStrategy {
  listen(callback: () => void): void {
    callback();
  }

  close(): void {}
  on(): void {}
  unwrap<T>(): T {
    throw new Error('there is nothing below');
  }

  async deliver(data: object, context: BaseRpcContext | object) {
    const handler = this.getHandlerByPattern('sum')!;
    const result = handler(data, context) as Promise<Observable<number>>;
    return lastValueFrom(this.transformToObservable(result));
  }
}

/** As the package `nats` has them: what is not there is an empty text. */
class NatsHeaders {
  constructor(private readonly headers: Readonly<Record<string, string>>) {}

  get(name: string): string {
    return this.headers[name] ?? '';
  }
}

/** As `@grpc/grpc-js` has it: each key has a list of values. */
class GrpcMetadata {
  constructor(private readonly entries: Readonly<Record<string, string>>) {}

  get(name: string): string[] {
    const value = this.entries[name];
    return value === undefined ? [] : [value];
  }
}

const none = undefined as never;

/** The context that each transport makes of a message with these headers. */
const CONTEXTS: Readonly<
  Record<string, (headers: Record<string, string>) => object>
> = {
  Kafka: (headers) =>
    new KafkaContext([
      { headers } as never,
      0,
      'sum',
      none,
      async () => undefined,
      none,
    ]),
  'Kafka, as bytes': (headers) =>
    new KafkaContext([
      {
        headers: Object.fromEntries(
          Object.entries(headers).map(([key, text]) => [
            key,
            Buffer.from(text),
          ]),
        ),
      } as never,
      0,
      'sum',
      none,
      async () => undefined,
      none,
    ]),
  NATS: (headers) => new NatsContext(['sum', new NatsHeaders(headers)]),
  RabbitMQ: (headers) =>
    new RmqContext([{ properties: { headers } }, undefined, 'sum']),
  'MQTT 5': (userProperties) =>
    new MqttContext(['sum', { properties: { userProperties } }]),
  Redis: (metadata) => new RedisContext(['sum', metadata]),
  TCP: (metadata) => new TcpContext([none, 'sum', metadata]),
  gRPC: (headers) => new GrpcMetadata(headers),
};

/** Contexts of messages without headers. */
const BARE: Readonly<Record<string, () => object>> = {
  Kafka: () =>
    new KafkaContext([none, 0, 'sum', none, async () => undefined, none]),
  NATS: () => new NatsContext(['sum', undefined]),
  RabbitMQ: () => new RmqContext([{ properties: {} }, undefined, 'sum']),
  'RabbitMQ without a message': () => new RmqContext([null as never, {}, '']),
  'MQTT 3': () => new MqttContext(['sum', {}]),
  'MQTT without a packet': () =>
    new MqttContext(['sum', undefined as unknown as object]),
  Redis: () => new RedisContext(['sum']),
  TCP: () => new TcpContext([none, 'sum']),
  'one whose headers throw': () => ({
    getHeaders: () => {
      throw new Error('not today');
    },
  }),
};

describe('a message', () => {
  let traced: TracedApplication;
  let broker: Broker;
  beforeEach(async () => {
    broker = new Broker();
    traced = await TracedApplication.start({
      controllers: [SumController],
      langfuse: {
        flushAt: 1,
        traceRequests: true,
        trustIncomingBaggage: true,
      },
      configure(app) {
        app.connectMicroservice(
          { strategy: broker },
          { inheritAppConfig: true },
        );
        app.connectMicroservice(
          {
            transport: Transport.TCP,
            options: { host: '127.0.0.1', port: 0 },
          },
          { inheritAppConfig: true },
        );
      },
    });
    await traced.app.startAllMicroservices();
  });
  afterEach(() => traced.close());

  it.each(Object.entries(CONTEXTS))(
    'goes on with the trace in its headers: %s',
    async (_transport, contextOf) => {
      const headers = {
        traceparent: TRACEPARENT,
        baggage: 'langfuse_user_id=ada',
      };
      expect(
        await broker.deliver({ numbers: [1, 2] }, contextOf(headers)),
      ).toBe(3);
      expect(await arrived(traced, 'message sum')).toMatchObject({
        traceId: TRACE_ID,
        parentObservationId: PARENT_ID,
        userId: 'ada',
        input: '{"numbers":[1,2]}',
        output: '3',
      });
    },
  );

  it.each(Object.entries(BARE))(
    'begins a trace of its own without headers: %s',
    async (_transport, contextOf) => {
      expect(await broker.deliver({ numbers: [4] }, contextOf())).toBe(4);
      expect(await arrived(traced, 'message sum')).toMatchObject({
        parentObservationId: null,
        userId: null,
        output: '4',
      });
      expect(traced.warnings).toEqual([]);
    },
  );

  it('is asked for the trace in its payload first', async () => {
    const langfuse = { traceparent: TRACEPARENT };
    const other = `00-${'1'.repeat(32)}-${'2'.repeat(16)}-01`;
    const context = new TcpContext([none, 'sum', { traceparent: other }]);
    await broker.deliver({ numbers: [1], langfuse }, context);
    const { traceId } = await arrived(traced, 'message sum');
    expect(traceId).toBe(TRACE_ID);
  });

  it('is sent along with the trace by a hook of the client', async () => {
    const microservice = traced.app.getMicroservices()[1]!;
    const { port } = microservice.unwrap<NetServer>().address() as AddressInfo;
    const client = ClientProxyFactory.create({
      transport: Transport.TCP,
      options: { host: '127.0.0.1', port },
    });
    client.setOnDispatchHook((packet) => {
      packet.metadata = { ...packet.metadata, ...traced.langfuse.carrier() };
    });
    const sum = await traced.langfuse.propagateAttributes(
      { userId: 'ada' },
      () =>
        traced.langfuse.startActiveObservation('ask', () =>
          lastValueFrom(client.send<number>('sum', { numbers: [2, 3] })),
        ),
    );
    await client.close();
    expect(sum).toBe(5);
    const message = await arrived(traced, 'message sum');
    const ask = await arrived(traced, 'ask');
    expect(message).toMatchObject({
      traceId: ask.traceId,
      parentObservationId: ask.id,
      userId: 'ada',
    });
  });
});
