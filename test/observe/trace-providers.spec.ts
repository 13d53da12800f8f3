/** `@Trace()` in providers of every scope, within requests that are recorded. */
import {
  Controller,
  Get,
  Inject,
  Injectable,
  Module,
  Param,
  Scope,
} from '@nestjs/common';
import {
  type ContextId,
  ContextIdFactory,
  type ContextIdStrategy,
  LazyModuleLoader,
  REQUEST,
} from '@nestjs/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LangfuseService, Trace } from '../../lib/index.js';
import { TracedApplication } from '../support/traced-application.js';
import { ADAPTERS } from './requests/requests-support.js';

interface Headers {
  readonly headers: Readonly<Record<string, string | undefined>>;
}

interface Tenant {
  readonly tenantId: string;
}

/** Requests of one tenant share a part of the providers. */
class TenantStrategy implements ContextIdStrategy<Headers> {
  private readonly tenants = new Map<string, ContextId>();

  attach(contextId: ContextId, { headers }: Headers) {
    const tenantId = headers['x-tenant'];
    if (tenantId === undefined) return undefined;
    const shared = this.tenants.get(tenantId) ?? ContextIdFactory.create();
    this.tenants.set(tenantId, shared);
    return {
      resolve: (info: { readonly isTreeDurable: boolean }) =>
        info.isTreeDurable ? shared : contextId,
      payload: { tenantId } satisfies Tenant,
    };
  }
}
ContextIdFactory.apply(new TenantStrategy());

/** What each provider does: its work is recorded below its method. */
abstract class Worker {
  @Inject(LangfuseService) protected readonly langfuse!: LangfuseService;

  abstract work(id: string): Promise<string>;

  protected async done(id: string): Promise<string> {
    await new Promise((resolve) => setImmediate(resolve));
    this.langfuse.startObservation('inside', { input: id }).end();
    return id;
  }
}

@Injectable()
class Singleton extends Worker {
  @Trace('singleton')
  work(id: string): Promise<string> {
    return this.done(id);
  }
}

@Injectable({ scope: Scope.REQUEST })
class PerRequest extends Worker {
  constructor(@Inject(REQUEST) private readonly request: Headers) {
    super();
  }

  @Trace('request')
  async work(id: string): Promise<string> {
    await this.done(id);
    return this.request.headers['x-id'] ?? 'nobody';
  }
}

@Injectable({ scope: Scope.TRANSIENT })
class Transient extends Worker {
  @Trace('transient')
  work(id: string): Promise<string> {
    return this.done(id);
  }
}

@Injectable({ scope: Scope.REQUEST, durable: true })
class Durable extends Worker {
  calls = 0;

  constructor(@Inject(REQUEST) private readonly tenant: Tenant) {
    super();
  }

  @Trace('durable')
  async work(id: string): Promise<string> {
    this.calls += 1;
    const answer = `${this.tenant.tenantId} ${this.calls}`;
    await this.done(id);
    return answer;
  }
}

/** Traced as a whole; what a subclass adds is its own affair. */
@Trace({ name: 'Agent', asType: 'agent' })
abstract class Agent extends Worker {
  readonly #greeting = 'hello';

  async work(id: string): Promise<string> {
    return `${this.#greeting} ${await this.answer(id)}`;
  }

  protected abstract answer(id: string): Promise<string>;
}

@Injectable()
class ConcreteAgent extends Agent {
  readonly #name = 'ada';

  @Trace({ name: 'answer' })
  protected async answer(id: string): Promise<string> {
    await this.done(id);
    return this.#name;
  }
}

@Injectable()
class LazyWorker extends Worker {
  @Trace('lazy')
  work(id: string): Promise<string> {
    return this.done(id);
  }
}

@Module({ providers: [LazyWorker], exports: [LazyWorker] })
class LazyModule {}

const FROM_FACTORY = Symbol('from a factory');

/** Nest gives neither constructor nor properties to what a factory makes. */
class Made extends Worker {
  constructor(protected override readonly langfuse: LangfuseService) {
    super();
  }

  @Trace('factory')
  work(id: string): Promise<string> {
    return this.done(id);
  }
}

@Controller()
class StaticController {
  constructor(
    private readonly singleton: Singleton,
    private readonly transient: Transient,
    private readonly agent: ConcreteAgent,
    @Inject(FROM_FACTORY) private readonly made: Made,
    private readonly loader: LazyModuleLoader,
  ) {}

  @Get('singleton/:id')
  ofSingleton(@Param('id') id: string) {
    return this.singleton.work(id);
  }

  @Get('transient/:id')
  ofTransient(@Param('id') id: string) {
    return this.transient.work(id);
  }

  @Get('agent/:id')
  ofAgent(@Param('id') id: string) {
    return this.agent.work(id);
  }

  @Get('factory/:id')
  ofFactory(@Param('id') id: string) {
    return this.made.work(id);
  }

  @Get('lazy/:id')
  async ofLazy(@Param('id') id: string) {
    const module = await this.loader.load(() => LazyModule);
    return module.get(LazyWorker).work(id);
  }
}

@Controller()
class RequestController {
  constructor(private readonly perRequest: PerRequest) {}

  @Trace('handler')
  @Get('request/:id')
  ofRequest(@Param('id') id: string) {
    return this.perRequest.work(id);
  }
}

@Controller()
class DurableController {
  constructor(private readonly durable: Durable) {}

  @Trace('handler')
  @Get('durable/:id')
  ofDurable(@Param('id') id: string) {
    return this.durable.work(id);
  }
}

describe.each(ADAPTERS)('over %s', (_name, adapter) => {
  let traced: TracedApplication;
  let url: string;
  beforeAll(async () => {
    traced = await TracedApplication.start({
      adapter: adapter(),
      controllers: [StaticController, RequestController, DurableController],
      providers: [
        Singleton,
        PerRequest,
        Transient,
        Durable,
        ConcreteAgent,
        {
          provide: FROM_FACTORY,
          inject: [LangfuseService],
          useFactory: (langfuse: LangfuseService) => new Made(langfuse),
        },
      ],
      langfuse: { flushAt: 1, traceRequests: true },
    });
    url = await traced.listen();
  });
  afterAll(() => traced.close());

  async function ask(
    kind: string,
    id: string,
    headers: Record<string, string> = {},
  ) {
    const response = await fetch(`${url}/${kind}/${id}`, {
      headers: { 'x-id': id, ...headers },
    });
    return response.text();
  }

  /** Names, from the request down to the work that was asked to do for `id`. */
  async function pathTo(id: string): Promise<string[]> {
    const request = await traced.local.waitFor((local) =>
      local.observations().find((each) => each.input?.includes(`"${id}"`)),
    );
    await traced.langfuse.flush();
    const all = traced.local.observations({ traceId: request.traceId });
    const path = [request.name];
    let { id: at } = request;
    for (let below = childOf(at); below; below = childOf(at)) {
      path.push(below.name);
      at = below.id;
    }
    expect(path).toHaveLength(all.length);
    return path;

    function childOf(parentId: string) {
      return all.find((each) => each.parentObservationId === parentId);
    }
  }

  it.each<[string, string[], (id: string, i: number) => string]>([
    ['singleton', ['singleton'], (id) => id],
    ['transient', ['transient'], (id) => id],
    ['agent', ['Agent.work', 'answer'], () => 'hello ada'],
    ['factory', ['factory'], (id) => id],
    ['lazy', ['lazy'], (id) => id],
    ['request', ['handler', 'request'], (id) => id],
    // One instance for each tenant, which counts its calls.
    [
      'durable',
      ['handler', 'durable'],
      (_, i) => `t${i % 2} ${Math.floor(i / 2) + 1}`,
    ],
  ])('%s', async (kind, between, answerTo) => {
    const ids = Array.from({ length: 10 }, (_, i) => `${kind}-${i}`);
    const answers = await Promise.all(
      ids.map((id, i) => ask(kind, id, { 'x-tenant': `t${i % 2}` })),
    );
    expect(answers.toSorted()).toEqual(ids.map(answerTo).toSorted());
    for (const id of ids) {
      expect(await pathTo(id)).toEqual([
        `GET /${kind}/:id`,
        ...between,
        'inside',
      ]);
    }
  });

  it('reaches them all', () => {
    expect(traced.warnings).toEqual([]);
  });
});
