import {
  Controller,
  type DynamicModule,
  Get,
  Injectable,
  Module,
  type Type,
  UseInterceptors,
} from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import {
  getLangfuseQueueToken,
  getLangfuseToken,
  InjectLangfuse,
  InjectLangfuseQueue,
  LangfuseInterceptor,
  LangfuseModule,
  type LangfuseModuleExtras,
  type LangfuseModuleOptions,
  LangfuseQueue,
  LangfuseService,
  LangfuseSpanProcessor,
  Trace,
  withLangfuseFlush,
} from '../../lib/index.js';
import {
  keysFor,
  startHttpApplication,
  startReceiver,
} from '../support/application.js';
import { langfuseEnvironment } from '../support/environment.js';
import { NestLog } from '../support/nest-log.js';

beforeEach(() => langfuseEnvironment());

type Receiver = Awaited<ReturnType<typeof startReceiver>>;

/** Two projects, each with a server of its own, that name their environment. */
async function startTwo(
  providers: Type[] = [],
  options: Partial<LangfuseModuleOptions & LangfuseModuleExtras> = {},
  ofMain: LangfuseModuleOptions = {},
) {
  const main = await startReceiver();
  const billing = await startReceiver();
  const { app, log } = await start(
    [
      // Whichever comes first.
      LangfuseModule.forRoot({
        name: 'billing',
        ...keysFor(billing),
        environment: 'of-billing',
        ...options,
      }),
      LangfuseModule.forRoot({
        ...keysFor(main),
        environment: 'of-main',
        ...ofMain,
      }),
    ],
    providers,
  );
  const langfuse = app.get<LangfuseService>(LangfuseService);
  const billingService = app.get<LangfuseService>(getLangfuseToken('billing'));
  return { app, log, main, billing, langfuse, billingService, flush };

  async function flush(): Promise<void> {
    await Promise.all([langfuse.flush(), billingService.flush()]);
  }
}

async function start(imports: DynamicModule[], providers: Type[] = []) {
  @Module({ providers, exports: providers })
  class FeatureModule {}
  const log = new NestLog();
  const app = await Test.createTestingModule({
    imports: [...imports, FeatureModule],
  })
    .setLogger(log)
    .compile();
  await app.init();
  onTestFinished(() => app.close());
  return { app, log };
}

const namesIn = (receiver: Receiver) =>
  receiver.observations().map(({ name }) => name);

@Injectable()
class Ledger {
  @Trace()
  async book(): Promise<string> {
    await Promise.resolve();
    return 'booked';
  }
}

@Injectable()
class Invoices {
  constructor(private readonly ledger: Ledger) {}

  @Trace({ project: 'billing' })
  async send(): Promise<string> {
    return this.ledger.book();
  }

  @Trace()
  list(): string[] {
    return [];
  }
}

describe('two projects in one application', () => {
  it('have traces of their own, each with its own environment', async () => {
    const { app, main, billing, flush, log } = await startTwo([
      Ledger,
      Invoices,
    ]);
    await app.get(Invoices).send();
    app.get(Invoices).list();
    await flush();
    expect(namesIn(billing).toSorted()).toEqual([
      'Invoices.send',
      'Ledger.book',
    ]);
    expect(namesIn(main)).toEqual(['Invoices.list']);
    for (const { environment, traceName } of billing.observations()) {
      expect({ environment, traceName }).toEqual({
        environment: 'of-billing',
        traceName: 'Invoices.send',
      });
    }
    expect(main.observations()).toMatchObject([{ environment: 'of-main' }]);
    expect(log.lines).toEqual([]);
  });

  it('keep what is below a root in its project, whoever starts it', async () => {
    const { app, main, billing, langfuse, billingService, flush } =
      await startTwo([Ledger, Invoices]);
    await langfuse.startActiveObservation('root of main', async () => {
      await app.get(Invoices).send();
      billingService.startObservation('by hand').end();
      billingService.getTracer('ai').startSpan('library').end();
      billingService.scoreActiveTrace({ name: 'right', value: 1 });
      billingService.scoreActiveObservation({ name: 'left', value: 0 });
    });
    await flush();
    expect(namesIn(billing)).toEqual([]);
    expect(billing.scores()).toEqual([]);
    expect(namesIn(main).toSorted()).toEqual([
      'Invoices.send',
      'Ledger.book',
      'by hand',
      'library',
      'root of main',
    ]);
    const [root] = main.observations().filter((o) => o.isRootObservation);
    expect(root?.name).toBe('root of main');
    expect(new Set(main.observations().map((o) => o.traceId)).size).toBe(1);
    expect(main.scores().map(({ name }) => name)).toEqual(['right', 'left']);
  });

  it('are told apart by app.get(), whatever the order of the modules', async () => {
    const billing = await startReceiver();
    const main = await startReceiver();
    const { app } = await start([
      LangfuseModule.forRoot(keysFor(main)),
      LangfuseModule.forRoot({ name: 'billing', ...keysFor(billing) }),
    ]);
    app.get(LangfuseService).startObservation('main').end();
    const token = getLangfuseToken('billing');
    app.get<LangfuseService>(token).startObservation('billing').end();
    await app.get(LangfuseQueue).flush();
    await app.get<LangfuseQueue>(getLangfuseQueueToken('billing')).flush();
    expect(namesIn(main)).toEqual(['main']);
    expect(namesIn(billing)).toEqual(['billing']);
  });

  it('are all flushed after an invocation of a function', async () => {
    const { app, main, billing, langfuse, billingService } = await startTwo();
    const handle = withLangfuseFlush(
      () => () => {
        langfuse.startObservation('main').end();
        billingService.startObservation('billing').end();
      },
      { app: () => Promise.resolve(app) },
    );
    await handle();
    expect(namesIn(main)).toEqual(['main']);
    expect(namesIn(billing)).toEqual(['billing']);
  });

  it('ask the server of the active trace for its address', async () => {
    const { main, billing, langfuse, billingService } = await startTwo();
    const urls = await langfuse.startActiveObservation('of main', () =>
      Promise.all([
        billingService.getTraceUrl(),
        billingService.getTraceUrl('0'.repeat(32)),
      ]),
    );
    expect(urls[0]).toContain(main.url);
    expect(urls[1]).toContain(billing.url);
  });

  it('take over a trace of another process in the project that says so', async () => {
    const { app, main, billing, billingService, flush } = await startTwo([
      Ledger,
    ]);
    const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
    const baggage = 'langfuse_user_id=ada';
    await billingService.continueTrace({ traceparent, baggage }, () =>
      app.get(Ledger).book(),
    );
    await flush();
    expect(namesIn(main)).toEqual([]);
    expect(billing.observations()).toMatchObject([
      {
        name: 'Ledger.book',
        traceId: 'a'.repeat(32),
        userId: 'ada',
        environment: 'of-billing',
      },
    ]);
  });

  it('share the user of a request, and not the environment', async () => {
    const { app, main, billing, langfuse, flush } = await startTwo([
      Ledger,
      Invoices,
    ]);
    await langfuse.propagateAttributes({ userId: 'ada' }, async () => {
      await app.get(Invoices).send();
      await app.get(Ledger).book();
    });
    await flush();
    const seen = [...billing.observations(), ...main.observations()].map(
      ({ name, userId, environment }) => [name, userId, environment],
    );
    expect(seen.toSorted()).toEqual([
      ['Invoices.send', 'ada', 'of-billing'],
      ['Ledger.book', 'ada', 'of-billing'],
      ['Ledger.book', 'ada', 'of-main'],
    ]);
  });

  it('share the user also from one that is off', async () => {
    const { langfuse, billing, billingService, flush } = await startTwo(
      [],
      {},
      { enabled: false },
    );
    langfuse.propagateAttributes({ userId: 'ada' }, () =>
      billingService.startObservation('invoice').end(),
    );
    await flush();
    expect(billing.observations()).toMatchObject([{ userId: 'ada' }]);
  });

  it('tell another process no environment that was not set in the trace', async () => {
    const { langfuse, billingService } = await startTwo();
    const carriers = billingService.startActiveObservation('root', () => [
      langfuse.carrier(),
      billingService.carrier(),
    ]);
    for (const { baggage } of carriers) {
      expect(baggage).not.toContain('environment');
    }
  });

  it('record what continues a trace in one that is off', async () => {
    const { langfuse, main, billingService, flush } = await startTwo([], {
      enabled: false,
    });
    const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
    billingService.continueTrace({ traceparent }, () =>
      langfuse.startObservation('within').end(),
    );
    await flush();
    expect(main.observations()).toMatchObject([
      { name: 'within', traceId: 'a'.repeat(32) },
    ]);
  });

  it('record a request once, though interceptors of both see it', async () => {
    @Controller()
    class PageController {
      @Get('page')
      @UseInterceptors(LangfuseInterceptor)
      page(): string {
        return 'page';
      }
    }
    const main = await startReceiver();
    const billing = await startReceiver();
    const { app } = await startHttpApplication({
      imports: [
        LangfuseModule.forRoot(keysFor(main)),
        LangfuseModule.forRoot({
          name: 'billing',
          ...keysFor(billing),
          traceRequests: true,
        }),
      ],
      controllers: [PageController],
    });
    const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
    const response = await fetch(`${await app.getUrl()}/page`, {
      headers: { traceparent },
    });
    await response.text();
    await app.close();
    expect(namesIn(billing)).toEqual(['GET /page']);
    expect(namesIn(main)).toEqual([]);
  });

  it('are injected by name, and drained by one shutdown', async () => {
    @Injectable()
    class Reports {
      constructor(
        readonly langfuse: LangfuseService,
        @InjectLangfuse('billing') readonly billing: LangfuseService,
        @InjectLangfuseQueue('billing') readonly queue: LangfuseQueue,
        @InjectLangfuse() readonly same: LangfuseService,
      ) {}
    }
    const { app, main, billing, langfuse, billingService } = await startTwo([
      Reports,
    ]);
    const reports = app.get(Reports);
    expect(reports.langfuse).toBe(langfuse);
    expect(reports.same).toBe(langfuse);
    expect(reports.billing).toBe(billingService);
    expect(reports.billing).not.toBe(langfuse);
    expect(reports.queue).toBe(app.get(getLangfuseQueueToken('billing')));
    reports.billing.startObservation('invoice').end();
    reports.langfuse.startObservation('chat').end();
    await app.close();
    expect(namesIn(billing)).toEqual(['invoice']);
    expect(namesIn(main)).toEqual(['chat']);
  });

  it('give a class made by a factory the recorders that it needs', async () => {
    const main = await startReceiver();
    const billing = await startReceiver();
    @Module({
      providers: [
        { provide: Invoices, useFactory: () => new Invoices(new Ledger()) },
      ],
    })
    class FactoryModule {}
    const { app } = await start([
      LangfuseModule.forRoot(keysFor(main)),
      LangfuseModule.forRootAsync({
        name: 'billing',
        useFactory: () => keysFor(billing),
      }),
      { module: FactoryModule },
    ]);
    await app.get(Invoices).send();
    app.get(Invoices).list();
    await app.close();
    expect(namesIn(billing)).toEqual(['Invoices.send']);
    expect(namesIn(main)).toEqual(['Invoices.list']);
  });

  it('record into the one that is on, where the other is off', async () => {
    const { app, main, langfuse, billing, flush, log } = await startTwo(
      [Ledger, Invoices],
      { enabled: false },
    );
    await app.get(Invoices).send();
    await langfuse.startActiveObservation('root', () =>
      app.get(Invoices).send(),
    );
    await flush();
    expect(namesIn(billing)).toEqual([]);
    expect(namesIn(main).toSorted()).toEqual([
      'Invoices.send',
      'Ledger.book',
      'Ledger.book',
      'root',
    ]);
    expect(log.lines).toEqual([]);
  });
});

describe('a module with a name', () => {
  it('does not take the keys of the one without', async () => {
    langfuseEnvironment({
      LANGFUSE_PUBLIC_KEY: 'pk-lf-0123456789',
      LANGFUSE_SECRET_KEY: 'sk-lf-9876543210',
    });
    const { log } = await start([LangfuseModule.forRoot({ name: 'billing' })]);
    expect(log.lines).toEqual([
      expect.stringContaining(
        "warn: Tracing into the project 'billing' is off, the application runs " +
          'without it: publicKey and secretKey missing.',
      ),
    ]);
  });

  it('may be the only one: @Trace() says which there is', async () => {
    const billing = await startReceiver();
    const { app, log } = await start(
      [LangfuseModule.forRoot({ name: 'billing', ...keysFor(billing) })],
      [Ledger, Invoices],
    );
    await app.get(Invoices).send();
    await app.close();
    expect(namesIn(billing)).toEqual(['Invoices.send']);
    expect(log.lines).toEqual([
      'warn: @Trace() records nothing in Ledger (in FeatureModule), Invoices ' +
        '(in FeatureModule): all modules of Langfuse have names. Name one ' +
        "('billing') in the decorator, or leave the name of one module out.",
    ]);
  });

  it('that nobody imported is told by the name in @Trace()', async () => {
    const main = await startReceiver();
    const { log } = await start(
      [LangfuseModule.forRoot(keysFor(main))],
      [Ledger, Invoices],
    );
    expect(log.lines).toEqual([
      "warn: @Trace({ project: 'billing' }) records nothing in Invoices (in " +
        'FeatureModule): no LangfuseModule has that name. Import ' +
        "LangfuseModule.forRoot({ name: 'billing', … }).",
    ]);
  });

  it('is refused when there is one already', async () => {
    const modules = ['one', 'two'].map((release) =>
      LangfuseModule.forRoot({ name: 'billing', release }),
    );
    await expect(start(modules)).rejects.toThrow(
      "two calls of forRoot() or forRootAsync() with name: 'billing' are imported",
    );
  });

  it('is refused when the name is none', () => {
    expect(() => LangfuseModule.forRoot({ name: '' })).toThrow(
      'LangfuseModule: name: "" is no text or empty',
    );
  });

  it('leaves what there is once in a process to the one without', async () => {
    const spanProcessor = new LangfuseSpanProcessor({ enabled: false });
    const module = LangfuseModule.forRoot({
      name: 'billing',
      registerGlobally: true,
      spanProcessor,
    });
    const message = await start([module]).catch(String);
    expect(message).toContain('2 options are invalid');
    expect(message).toContain('registerGlobally: it is for the LangfuseModule');
    expect(message).toContain('spanProcessor: it is for the LangfuseModule');
  });

  it('records requests only when no other does', async () => {
    const modules = [
      LangfuseModule.forRoot({ traceRequests: true }),
      LangfuseModule.forRoot({ traceRequests: true, name: 'billing' }),
    ];
    await expect(start(modules)).rejects.toThrow(
      "traceRequests (name: 'billing') is set in two modules of Langfuse",
    );
  });
});
