/** Operations of GraphQL that are refused, saved by a filter, or left out. */
import {
  type CanActivate,
  Catch,
  type ExceptionFilter,
  Injectable,
  UseFilters,
  UseGuards,
} from '@nestjs/common';
import { GraphQLModule, Query, Resolver } from '@nestjs/graphql';
import { MercuriusDriver, type MercuriusDriverConfig } from '@nestjs/mercurius';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { afterEach, describe, expect, it } from 'vitest';
import {
  type IgnoreRoutes,
  LangfuseService,
  NoTrace,
  type TraceRequests,
} from '../../../lib/index.js';
import { TracedApplication } from '../../support/traced-application.js';
import { arrived } from './requests-support.js';

class Closed implements CanActivate {
  canActivate(): boolean {
    return false;
  }
}

@Catch(RangeError)
@Injectable()
class TracedFilter implements ExceptionFilter {
  constructor(private readonly langfuse: LangfuseService) {}

  catch(error: RangeError): RangeError {
    this.langfuse.startObservation('filter').end();
    return error;
  }
}

@Resolver()
class StatusResolver {
  @Query(() => String)
  health(): string {
    return 'ok';
  }

  @Query(() => String)
  @NoTrace()
  silent(): string {
    return 'sh';
  }

  @Query(() => String)
  status(): string {
    return 'fine';
  }

  @Query(() => String, { nullable: true })
  @UseGuards(Closed)
  closed(): string {
    return 'never';
  }

  @Query(() => String, { nullable: true })
  @UseFilters(TracedFilter)
  async filtered(): Promise<string> {
    await Promise.resolve();
    throw new RangeError('too far');
  }
}

describe.each(['middleware', true] as const)('traceRequests: %s', (mode) => {
  let traced: TracedApplication;
  let url: string;
  afterEach(() => traced.close());

  async function start(
    traceRequests: TraceRequests,
    ignoreRoutes: IgnoreRoutes,
  ): Promise<void> {
    traced = await TracedApplication.start({
      adapter: new FastifyAdapter(),
      imports: [
        GraphQLModule.forRoot<MercuriusDriverConfig>({
          driver: MercuriusDriver,
          autoSchemaFile: true,
        }),
      ],
      providers: [StatusResolver, TracedFilter],
      langfuse: { flushAt: 1, traceRequests, ignoreRoutes },
    });
    url = `${await traced.listen()}/graphql`;
  }

  async function ask(query: string): Promise<string> {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query }),
    });
    return response.text();
  }

  it.each<[string, IgnoreRoutes]>([
    ['by the name of the field', ['health']],
    ['by a function', (context) => context.getHandler().name === 'health'],
  ])('leaves out operations %s', async (_title, ignoreRoutes) => {
    await start(mode, ignoreRoutes);
    expect(await ask('{ health }')).toContain('ok');
    expect(await ask('{ silent }')).toContain('sh');
    await ask('{ status }');
    await arrived(traced, 'query status');
    expect(await traced.tree()).toEqual(['query status']);
  });

  it('records the fields beside one that is left out', async () => {
    await start(mode, ['health']);
    await ask('{ health status }');
    expect(await arrived(traced, 'query status')).toMatchObject({
      output: '{"status":"fine"}',
    });
    expect(await traced.tree()).toEqual(['query status']);
  });

  it('has the exception filter of a field below its operation', async () => {
    await start(mode, []);
    expect(await ask('{ filtered }')).toContain('too far');
    const root = await arrived(traced, 'query filtered');
    expect(root).toMatchObject({ level: 'ERROR', statusMessage: 'too far' });
    expect(await traced.tree()).toEqual(['query filtered', '  filter']);
  });

  it('records what a guard turns away in middleware mode only', async () => {
    await start(mode, []);
    expect(await ask('{ closed }')).toContain('Forbidden');
    await ask('{ status }');
    await arrived(traced, 'query status');
    expect(await traced.tree()).toEqual(
      mode === 'middleware'
        ? ['POST /graphql', 'query status']
        : ['query status'],
    );
  });
});
