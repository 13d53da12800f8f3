/**
 * The canary where an application has its data: in what `@Trace()` is told and
 * sees, in values of every kind, in requests, their headers and messages.
 */
import type { AddressInfo, Server } from 'node:net';
import { Readable } from 'node:stream';
import {
  Controller,
  Get,
  Injectable,
  Param,
  type Type,
  UseGuards,
} from '@nestjs/common';
import {
  ClientProxyFactory,
  MessagePattern,
  Transport,
} from '@nestjs/microservices';
import { from, lastValueFrom } from 'rxjs';
import { describe, expect, it } from 'vitest';
import {
  LangfuseModule,
  type LangfuseModuleExtras,
  type LangfuseModuleOptions,
  type LangfuseQueue,
  LangfuseService,
  Trace,
  type TraceOptions,
} from '../../lib/index.js';
import {
  keysFor,
  startApplication,
  startHttpApplication,
  startSendingTo,
} from '../support/application.js';
import { RecordingServer } from '../support/recording-server.js';
import { CANARY, canaryError, MASKS, OPTIONS, sentText } from './canary.js';

const fail = (): never => {
  throw canaryError();
};

/** What `@Trace()` stands on: a method, and what its result is read with. */
function tool(
  options: TraceOptions,
  method: (...args: unknown[]) => unknown = () => 'done',
  read: (result: unknown) => unknown = (result) => result,
) {
  @Injectable()
  class Tool {
    @(Trace(options as object) as MethodDecorator)
    use(...args: unknown[]): unknown {
      return method(...args);
    }
  }
  return { Tool: Tool as Type<{ use(...args: unknown[]): unknown }>, read };
}

const drain = async (result: unknown) => {
  for await (const _ of result as AsyncIterable<unknown>);
};

/** What is left to do with a traced method, and in what way it tells. */
const TRACED = {
  'metadata, version and a name of the decorator': tool({
    name: CANARY,
    version: CANARY,
    metadata: { [CANARY]: CANARY },
  }),
  'functions of the arguments': tool({
    name: (...args: unknown[]) => String(args[0]),
    metadata: (...args: unknown[]) => ({ first: args[0] }),
    captureInput: (...args: unknown[]) => ({ [CANARY]: args }),
    captureOutput: (result: unknown) => [result, CANARY],
    onResult: () => ({ model: CANARY, usageDetails: { [CANARY]: 1 } }),
  } as TraceOptions),
  'functions that throw it': tool({
    name: fail,
    metadata: fail,
    captureInput: fail,
    captureOutput: fail,
    onResult: fail,
  } as TraceOptions),
  'a reducer that throws it': tool(
    { reduce: fail } as TraceOptions,
    () => from(['a', 'b']),
    (result) => lastValueFrom(result as ReturnType<typeof from>),
  ),
  'chunks of an Observable': tool(
    {},
    () => from([CANARY, { text: CANARY }]),
    (result) => lastValueFrom(result as ReturnType<typeof from>),
  ),
  'chunks that are cut in the middle of it': tool(
    {},
    () => Readable.from([CANARY.slice(0, 4), CANARY.slice(4)]),
    drain,
  ),
  'what a generator returns beside its chunks': tool(
    {},
    async function* () {
      yield 'a';
      return CANARY;
    },
    drain,
  ),
};

class WithTrap {
  get trap(): string {
    throw canaryError();
  }
}

class NamedAfterIt {
  readonly field = 1;
}
Object.defineProperty(NamedAfterIt, 'name', { value: CANARY });

const circular: Record<string, unknown> = { [CANARY]: 1 };
circular['self'] = circular;

/** Values that are written in a way of their own. */
const VALUES: Readonly<Record<string, unknown>> = {
  'an error': canaryError(),
  'a getter that throws it': new WithTrap(),
  'a toJSON that throws it': { toJSON: fail },
  'a class of that name': new NamedAfterIt(),
  'a function of that name': { [CANARY]: () => 1 }[CANARY],
  'a symbol': Symbol(CANARY),
  'a symbol as a key': { [Symbol(CANARY)]: 1 },
  'a regular expression': new RegExp(CANARY),
  'a URL': new URL(`https://host/${CANARY}`),
  'a boxed text': Object(CANARY) as unknown,
  'search parameters': new URLSearchParams({ key: CANARY }),
  'a circle': circular,
  'text before a half of a surrogate pair': `${CANARY}\ud800`,
  'text after a control character': `\u0000${CANARY}`,
  'a data URI that is none': `data:text/plain,${CANARY}`,
  'the type of a data URI': `data:image/${CANARY};base64,${'A'.repeat(400)}`,
};

@Controller()
class Messages {
  @MessagePattern(CANARY)
  answer(data: { readonly text: string }): string {
    if (data.text === 'fail') fail();
    return `you said ${data.text}`;
  }
}

class Refuses {
  canActivate(): boolean {
    return false;
  }
}

@Controller()
class Routes {
  constructor(private readonly langfuse: LangfuseService) {}

  @Get('ask/:id')
  ask(@Param('id') id: string): string {
    this.langfuse.startObservation('within').end();
    return id;
  }

  @Get(`${CANARY}/refused`)
  @UseGuards(Refuses)
  refused(): string {
    return 'never';
  }
}

describe.each(Object.entries(MASKS))('a canary and a %s mask:', (_, mask) => {
  function moduleFor(
    server: RecordingServer,
    options: LangfuseModuleOptions & LangfuseModuleExtras = {},
  ) {
    const keys = keysFor(server);
    return LangfuseModule.forRoot({ ...keys, ...OPTIONS, mask, ...options });
  }

  /** As soon as `count` records have left. */
  async function expectMasked(
    server: RecordingServer,
    { queue }: { readonly queue: LangfuseQueue },
    count = 1,
  ): Promise<void> {
    await expect
      .poll(async () => {
        await queue.flush();
        return queue.stats().delivered;
      })
      .toBeGreaterThanOrEqual(count);
    expect(sentText(server)).toContain('***');
    expect(sentText(server)).not.toContain(CANARY);
  }

  it.each(Object.entries(TRACED))(
    '@Trace() and %s',
    async (_place, { Tool, read }) => {
      const server = await RecordingServer.start();
      const application = await startApplication({
        imports: [moduleFor(server)],
        providers: [Tool],
      });
      await read(application.app.get(Tool).use(CANARY));
      await expectMasked(server, application);
    },
  );

  it.each(Object.entries(VALUES))('a value: %s', async (_kind, value) => {
    const server = await RecordingServer.start();
    const application = await startSendingTo(server, { ...OPTIONS, mask });
    const { langfuse } = application;
    langfuse
      .startObservation('value', { input: value, output: [{ deep: value }] })
      .update({ metadata: { value } })
      .end();
    await expectMasked(server, application);
  });

  it('environment and release of the application', async () => {
    const server = await RecordingServer.start();
    const application = await startSendingTo(server, {
      ...OPTIONS,
      mask,
      environment: CANARY,
    });
    application.langfuse.startObservation('observation').end();
    application.langfuse.createScore({
      traceId: '0af7651916cd43dd8448eb211c80319c',
      name: 'score',
      value: 1,
    });
    await expectMasked(server, application, 2);
  });

  it('what is still open when the application ends', async () => {
    const server = await RecordingServer.start();
    const { app, langfuse } = await startSendingTo(server, {
      ...OPTIONS,
      mask,
      shutdownTimeoutMs: 2_000,
    });
    langfuse.startObservation(CANARY, { input: CANARY });
    await app.close();
    expect(sentText(server)).toContain('***');
    expect(sentText(server)).not.toContain(CANARY);
  });

  it('headers of a request, and what is found out about it', async () => {
    const server = await RecordingServer.start();
    const application = await startHttpApplication({
      imports: [
        moduleFor(server, {
          traceRequests: 'middleware',
          trustIncomingBaggage: true,
          requestAttributes: () => ({
            sessionId: CANARY,
            metadata: { [CANARY]: CANARY },
            tags: [CANARY],
          }),
        }),
      ],
      controllers: [Routes],
    });
    const url = await application.app.getUrl();
    const headers = {
      traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
      tracestate: `vendor=${CANARY}`,
      baggage: `langfuse_user_id=${CANARY},langfuse_metadata_${CANARY}=1`,
    };
    await fetch(`${url}/ask/${CANARY}`, { headers });
    await fetch(`${url}/${CANARY}/refused?${CANARY}=1`, { headers });
    await expectMasked(server, application, 3);
  });

  it('pattern, payload and failure of a message', async () => {
    const server = await RecordingServer.start();
    const application = await startHttpApplication({
      imports: [moduleFor(server, { traceRequests: true })],
      controllers: [Messages],
    });
    const { app } = application;
    const options = { host: '127.0.0.1', port: 0 };
    const microservice = app.connectMicroservice(
      { transport: Transport.TCP, options },
      { inheritAppConfig: true },
    );
    await app.startAllMicroservices();
    const { port } = microservice.unwrap<Server>().address() as AddressInfo;
    const client = ClientProxyFactory.create({
      transport: Transport.TCP,
      options: { ...options, port },
    });
    const ask = (text: string) =>
      lastValueFrom(client.send<string>(CANARY, { text, [CANARY]: 1 }));
    expect(await ask(CANARY)).toBe(`you said ${CANARY}`);
    await expect(ask('fail')).rejects.toBeDefined();
    client.close();
    await expectMasked(server, application, 2);
  });
});
