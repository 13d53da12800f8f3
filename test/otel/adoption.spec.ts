/** A module with a processor that an SDK has already. */
import { Controller, Get, Injectable } from '@nestjs/common';
import { context, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { BasicTracerProvider } from '@opentelemetry/sdk-trace-base';
import {
  afterEach,
  beforeEach,
  describe,
  expect,
  it,
  onTestFinished,
} from 'vitest';
import {
  getLangfuseToken,
  LangfuseModule,
  type LangfuseModuleOptions,
  LangfuseOptionsError,
  LangfuseQueue,
  LangfuseService,
  LangfuseSpanProcessor,
  Trace,
} from '../../lib/index.js';
import {
  keysFor,
  startApplication,
  startHttpApplication,
  startReceiver,
} from '../support/application.js';
import { langfuseEnvironment } from '../support/environment.js';

/** Ends with the test that made it. */
function heldBack() {
  let release: () => void = () => undefined;
  const held = new Promise<void>((resolve) => (release = resolve));
  return { held, release };
}

beforeEach(() => {
  langfuseEnvironment();
  context.setGlobalContextManager(
    new AsyncLocalStorageContextManager().enable(),
  );
});
afterEach(() => context.disable());

@Injectable()
class Assistant {
  @Trace()
  answer<R>(fn: () => R): R {
    return fn();
  }
}

async function startProcessor() {
  const receiver = await startReceiver();
  const processor = new LangfuseSpanProcessor(keysFor(receiver));
  onTestFinished(() => processor.shutdown());
  const provider = new BasicTracerProvider({ spanProcessors: [processor] });
  const names = () =>
    receiver
      .observations()
      .map(({ name }) => name)
      .toSorted();
  return { receiver, processor, names, tracer: provider.getTracer('ai') };
}

const startWith = (options: LangfuseModuleOptions) =>
  startApplication({
    imports: [LangfuseModule.forRoot(options)],
    providers: [Assistant],
  });

describe('forRoot({ spanProcessor })', () => {
  it('has one queue for both, which the application ends', async () => {
    const { receiver, processor, names, tracer } = await startProcessor();
    const { app, queue } = await startWith({ spanProcessor: processor });
    app.get(Assistant).answer(() => undefined);
    tracer.startSpan('of the SDK').end();
    expect(queue.stats()).toMatchObject({ enqueued: 2 });
    // As NodeSDK does on SIGTERM, before the application has ended.
    await processor.shutdown();
    expect(names()).toEqual(['Assistant.answer', 'of the SDK']);
    tracer.startSpan('during shutdown').end();
    app.get(LangfuseService).startObservation('ours').end();
    await app.close();
    expect(names()).toEqual([
      'Assistant.answer',
      'during shutdown',
      'of the SDK',
      'ours',
    ]);
    expect(receiver.stats()).toMatchObject({ duplicates: 0 });
    expect(await queue.flush()).toMatchObject({ pending: 0 });
  });

  it('takes it from a factory, too, with options about requests', async () => {
    const { processor } = await startProcessor();
    const { queue } = await startApplication({
      imports: [
        LangfuseModule.forRootAsync({
          useFactory: () => ({
            spanProcessor: processor,
            ignoreRoutes: ['/health'],
          }),
        }),
      ],
    });
    expect(queue).toBeInstanceOf(LangfuseQueue);
    expect(processor).toMatchObject({ door: { parts: { queue } } });
  });

  it('refuses options that are the processor’s, each with its line', async () => {
    const { processor } = await startProcessor();
    const start = startWith({
      spanProcessor: processor,
      flushAt: 3,
      mask: ({ data }) => data,
      registerGlobally: true,
    });
    await expect(start).rejects.toThrow(LangfuseOptionsError);
    await expect(start).rejects.toThrow(
      [
        'LangfuseModule: 3 options are invalid:',
        'mask: it is given besides spanProcessor; pass it to LangfuseSpanProcessor.',
        'registerGlobally: it is given besides spanProcessor; leave it out: the OpenTelemetry SDK that has the processor is the one that is registered.',
        'flushAt: it is given besides spanProcessor; pass it to LangfuseSpanProcessor.',
      ].join('\n  '),
    );
  });

  it('refuses a processor of somebody else', async () => {
    const other = { forceFlush: async () => {}, shutdown: async () => {} };
    await expect(startWith({ spanProcessor: other })).rejects.toThrow(
      "spanProcessor: the value is not a LangfuseSpanProcessor of nestjs-langfuse; import the class from 'nestjs-langfuse'",
    );
  });

  it('two applications share it: the last one ends the queue', async () => {
    const { processor, names, tracer } = await startProcessor();
    const first = await startWith({ spanProcessor: processor });
    const second = await startWith({ spanProcessor: processor });
    expect(second.queue).toBe(first.queue);
    first.langfuse.startObservation('of the first').end();
    const open = second.langfuse.startObservation('open in the second');
    await first.app.close();
    expect(names()).toEqual(['of the first']);
    open.end();
    tracer.startSpan('sdk').end();
    await second.app.close();
    expect(names()).toEqual(['of the first', 'open in the second', 'sdk']);
  });

  it('an application that starts after that has a new queue, and so has the SDK', async () => {
    const { processor, names, tracer } = await startProcessor();
    const first = await startWith({ spanProcessor: processor });
    await first.app.close();
    const second = await startWith({ spanProcessor: processor });
    expect(second.queue).not.toBe(first.queue);
    tracer.startSpan('sdk').end();
    await second.app.close();
    expect(names()).toEqual(['sdk']);
  });

  it('what is sent of the SDK is no foreign parent to ours', async () => {
    const { receiver, processor, tracer } = await startProcessor();
    const { app } = await startWith({ spanProcessor: processor });
    tracer.startActiveSpan('chain', (span) => {
      app.get(Assistant).answer(() => undefined);
      span.end();
    });
    await app.close();
    const [chain] = receiver.observations({ name: 'chain' });
    const [answer] = receiver.observations({ name: 'Assistant.answer' });
    expect(answer).toMatchObject({
      parentObservationId: chain!.id,
      isRootObservation: false,
    });
    expect(chain).toMatchObject({ isRootObservation: true });
  });

  it('a trace of the SDK inside ours has our user, and its own name', async () => {
    const { receiver, processor, tracer } = await startProcessor();
    const { app, langfuse } = await startWith({ spanProcessor: processor });
    app.get(Assistant).answer(() =>
      langfuse.propagateAttributes({ userId: 'ada' }, () => {
        tracer.startSpan('of the SDK').end();
      }),
    );
    expect(trace.getActiveSpan()).toBeUndefined();
    await app.close();
    const [span] = receiver.observations({ name: 'of the SDK' });
    expect(span).toMatchObject({ userId: 'ada' });
    expect(span!.traceName).not.toBe('Assistant.answer');
  });
});

it('LangfuseSpanProcessor refuses an exporter, and names baseUrl', () => {
  const exporter = {} as never;
  expect(() => new LangfuseSpanProcessor({ exporter })).toThrow(
    /exporter: .*set baseUrl to send elsewhere/,
  );
});

it('an application that ends slowly ends no observation of another', async () => {
  const { held, release } = heldBack();
  const spanProcessor = new LangfuseSpanProcessor({
    ...keysFor(await startReceiver()),
    shutdownTimeoutMs: 20,
  });
  @Controller()
  class SlowController {
    @Get('slow')
    async slow(): Promise<string> {
      await held;
      return 'late';
    }
  }
  const imports = [LangfuseModule.forRoot({ spanProcessor })];
  const one = await startHttpApplication({
    imports,
    controllers: [SlowController],
  });
  const two = await startApplication({
    imports: [LangfuseModule.forRoot({ spanProcessor })],
  });
  const open = two.langfuse.startObservation('of two');
  const response = fetch(`${await one.app.getUrl()}/slow`);
  await new Promise((resolve) => setTimeout(resolve, 50));
  const closed = one.app.close();
  // Time for the last call of the application that ends: 20 ms.
  await new Promise((resolve) => setTimeout(resolve, 100));
  release();
  await Promise.all([closed, response]);
  const names = two.langfuse.openObservations().map(({ name }) => name);
  open.end();
  expect(names).toEqual(['of two']);
});

it('a project with a name stays in the project of the SDK’s span', async () => {
  const main = await startReceiver();
  const billing = await startReceiver();
  const spanProcessor = new LangfuseSpanProcessor(keysFor(main));
  const sdk = new BasicTracerProvider({ spanProcessors: [spanProcessor] });
  const { app } = await startApplication({
    imports: [
      LangfuseModule.forRoot({ spanProcessor }),
      LangfuseModule.forRoot({ name: 'billing', ...keysFor(billing) }),
    ],
  });
  const service = app.get<LangfuseService>(getLangfuseToken('billing'));
  const span = sdk.getTracer('ai').startSpan('of the SDK');
  context.with(trace.setSpan(context.active(), span), () =>
    service.startObservation('below').end(),
  );
  span.end();
  service.startObservation('invoice').end();
  await app.close();
  const namesIn = (receiver: typeof main) =>
    receiver.observations().map(({ name }) => name);
  expect(namesIn(main).toSorted()).toEqual(['below', 'of the SDK']);
  expect(namesIn(billing)).toEqual(['invoice']);
});
