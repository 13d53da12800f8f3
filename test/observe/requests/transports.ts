/** How handlers are bound to each transport, and how real clients reach them. */
import { once } from 'node:events';
import type { AddressInfo, Server } from 'node:net';
import { Controller, Get, Param, Sse } from '@nestjs/common';
import { Args, GraphQLModule, Query, Resolver } from '@nestjs/graphql';
import { MercuriusDriver, type MercuriusDriverConfig } from '@nestjs/mercurius';
import {
  ClientProxyFactory,
  MessagePattern,
  Payload,
  Transport as MicroserviceTransport,
} from '@nestjs/microservices';
import { WsAdapter } from '@nestjs/platform-ws';
import {
  MessageBody,
  SubscribeMessage,
  WebSocketGateway,
} from '@nestjs/websockets';
import { lastValueFrom } from 'rxjs';
import { WebSocket } from 'ws';
import type {
  TracedApplication,
  TracedApplicationOptions,
} from '../../support/traced-application.js';
import { ADAPTERS } from './requests-support.js';

/** One client, whose questions need no answer. */
export interface Client {
  ask(key: string, outcome: string): Promise<unknown>;
  /** Goes, whatever it has asked for. */
  leave(): Promise<void> | void;
}

export interface Transport {
  readonly name: string;
  /** How the observation of a request to the handler `key` is called. */
  readonly requestName: (key: string) => string;
  /** Nest sends all values of an Observable, or the last one. */
  readonly sends: 'all values' | 'the last value';
  /** What Nest does with the Observable that a client was waiting for. */
  readonly onLeave: 'unsubscribes' | 'goes on';
  /** What the request says then; undefined where nobody tells that it was left. */
  readonly leftMessage: string | undefined;
  readonly onClass: ClassDecorator;
  readonly onHandler: (key: string) => MethodDecorator;
  readonly onArgument: ParameterDecorator;
  readonly holds: 'controllers' | 'providers';
  readonly options: () => TracedApplicationOptions;
  readonly connect: (traced: TracedApplication) => Promise<Client>;
}

const CLOSED = 'the client closed the connection';

/** Sends requests that can all be given up. */
async function httpClient(
  traced: TracedApplication,
  request: (key: string, outcome: string) => readonly [string, RequestInit?],
): Promise<Client> {
  const url = await traced.app.getUrl();
  const leaving = new AbortController();
  return {
    async ask(key, outcome) {
      const [path, init] = request(key, outcome);
      const { signal } = leaving;
      const response = await fetch(`${url}${path}`, { ...init, signal });
      return response.text();
    },
    leave: () => leaving.abort(),
  };
}

const overHttp = (
  onHandler: (path: string) => MethodDecorator,
): Omit<Transport, 'name' | 'options' | 'sends'> => ({
  requestName: (key) => `GET /${key}/:outcome`,
  onLeave: 'unsubscribes',
  leftMessage: CLOSED,
  onClass: Controller(),
  onHandler: (key) => onHandler(`${key}/:outcome`),
  onArgument: Param('outcome'),
  holds: 'controllers',
  connect: (traced) =>
    httpClient(traced, (key, outcome) => [`/${key}/${outcome}`]),
});

const HTTP = ADAPTERS.map(([name, adapter]): Transport => ({
  ...overHttp(Get),
  name: `HTTP over ${name}`,
  sends: 'the last value',
  options: () => ({ adapter: adapter() }),
}));

const SSE = ADAPTERS.map(([name, adapter]): Transport => ({
  ...overHttp(Sse),
  name: `SSE over ${name}`,
  sends: 'all values',
  options: () => ({ adapter: adapter() }),
}));

const GRAPHQL: Transport = {
  name: 'GraphQL',
  requestName: (key) => `query ${key}`,
  sends: 'the last value',
  onLeave: 'goes on',
  leftMessage: CLOSED,
  onClass: Resolver() as ClassDecorator,
  onHandler: (name) => Query(() => String, { name, nullable: true }),
  onArgument: Args('outcome', { type: () => String }),
  holds: 'providers',
  options: () => ({
    adapter: ADAPTERS.find(([name]) => name === 'Fastify')![1](),
    imports: [
      GraphQLModule.forRoot<MercuriusDriverConfig>({
        driver: MercuriusDriver,
        autoSchemaFile: true,
      }),
    ],
  }),
  connect: (traced) =>
    httpClient(traced, (key, outcome) => [
      '/graphql',
      {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query: `{ ${key}(outcome: "${outcome}") }` }),
      },
    ]),
};

const TCP: Transport = {
  name: 'a TCP microservice',
  requestName: (key) => `message ${key}`,
  sends: 'all values',
  onLeave: 'goes on',
  leftMessage: undefined,
  onClass: Controller(),
  onHandler: (key) => MessagePattern(key),
  onArgument: Payload('outcome'),
  holds: 'controllers',
  options: () => ({
    configure(app) {
      const options = { host: '127.0.0.1', port: 0 };
      app.connectMicroservice(
        { transport: MicroserviceTransport.TCP, options },
        { inheritAppConfig: true },
      );
    },
  }),
  async connect({ app }) {
    const [microservice] = app.getMicroservices();
    const { port } = microservice!.unwrap<Server>().address() as AddressInfo;
    const client = ClientProxyFactory.create({
      transport: MicroserviceTransport.TCP,
      options: { host: '127.0.0.1', port },
    });
    await client.connect();
    return {
      ask: (key, outcome) => lastValueFrom(client.send(key, { outcome })),
      leave: () => client.close() as void,
    };
  },
};

const WEBSOCKET: Transport = {
  name: 'WebSocket',
  requestName: (key) => `ws ${key}`,
  sends: 'all values',
  onLeave: 'unsubscribes',
  leftMessage: 'the client left before the end',
  onClass: WebSocketGateway(),
  onHandler: (key) => SubscribeMessage(key),
  onArgument: MessageBody('outcome'),
  holds: 'providers',
  options: () => ({
    configure: (app) => app.useWebSocketAdapter(new WsAdapter(app)),
  }),
  async connect({ app }) {
    const url = (await app.getUrl()).replace('http', 'ws');
    const socket = new WebSocket(url);
    await once(socket, 'open');
    return {
      ask: async (event, outcome) =>
        socket.send(JSON.stringify({ event, data: { outcome } })),
      leave: () => socket.terminate(),
    };
  },
};

export const TRANSPORTS: readonly Transport[] = [
  ...HTTP,
  ...SSE,
  GRAPHQL,
  TCP,
  WEBSOCKET,
];
