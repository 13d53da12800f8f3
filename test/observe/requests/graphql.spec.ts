/** GraphQL over HTTP: one observation for each operation. */
import { setImmediate as turn } from 'node:timers/promises';
import {
  BadRequestException,
  type ExecutionContext,
  UseInterceptors,
} from '@nestjs/common';
import {
  Args,
  Field,
  GqlExecutionContext,
  GraphQLModule,
  Mutation,
  ObjectType,
  Parent,
  Query,
  ResolveField,
  Resolver,
} from '@nestjs/graphql';
import { MercuriusDriver, type MercuriusDriverConfig } from '@nestjs/mercurius';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { afterEach, describe, expect, it } from 'vitest';
import {
  LangfuseInterceptor,
  Trace,
  type TraceRequests,
} from '../../../lib/index.js';
import { TracedApplication } from '../../support/traced-application.js';
import {
  arrived,
  PARENT_ID,
  TRACE_ID,
  TRACEPARENT,
} from './requests-support.js';

@ObjectType()
class Book {
  @Field(() => String)
  title!: string;

  @Field(() => String)
  author!: string;
}

@Resolver(() => Book)
class BookResolver {
  @Query(() => Book)
  @Trace('find')
  async book(
    @Args('title', { type: () => String }) title: string,
  ): Promise<Partial<Book>> {
    await turn();
    return { title };
  }

  @ResolveField(() => String)
  @Trace('author')
  async author(@Parent() { title }: Book): Promise<string> {
    await turn();
    return `author of ${title}`;
  }

  @Mutation(() => String)
  async rename(
    @Args('title', { type: () => String }) title: string,
  ): Promise<string> {
    await turn();
    return title;
  }

  @Query(() => String, { nullable: true })
  async broken(): Promise<string> {
    await turn();
    throw new RangeError('out of range');
  }

  @Query(() => String, { nullable: true })
  refused(): string {
    throw new BadRequestException('no');
  }
}

@Resolver()
@UseInterceptors(LangfuseInterceptor)
class BoundResolver {
  @Mutation(() => Number)
  @Trace('step')
  async step(@Args('by', { type: () => Number }) by: number): Promise<number> {
    await turn();
    return by;
  }
}

describe('GraphQL', () => {
  let traced: TracedApplication;
  let url: string;
  afterEach(() => traced.close());

  async function start(
    traceRequests: TraceRequests,
    batched = false,
  ): Promise<void> {
    traced = await TracedApplication.start({
      adapter: new FastifyAdapter(),
      imports: [
        GraphQLModule.forRoot<MercuriusDriverConfig>({
          driver: MercuriusDriver,
          autoSchemaFile: true,
          allowBatchedQueries: batched,
        }),
      ],
      providers: [BookResolver, BoundResolver],
      langfuse: {
        flushAt: 1,
        traceRequests,
        requestAttributes: (context: ExecutionContext) => ({
          userId: GqlExecutionContext.create(context).getInfo<{
            fieldName: string;
          }>().fieldName,
        }),
      },
    });
    url = `${await traced.listen()}/graphql`;
  }

  const post = (body: object, headers: Record<string, string> = {}) =>
    fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });

  it.each(['middleware', true] as const)(
    'has the resolvers of a query below it: %s',
    async (mode) => {
      await start(mode);
      await post(
        {
          query: 'query one($t: String!) { book(title: $t) { title author } }',
          variables: { t: 'Emma' },
        },
        { traceparent: TRACEPARENT },
      );
      const root = await arrived(traced, 'query one');
      expect(root).toMatchObject({
        traceId: TRACE_ID,
        parentObservationId: PARENT_ID,
        input: '{"book":{"title":"Emma"}}',
        output: '{"book":{"title":"Emma"}}',
        level: 'DEFAULT',
        userId: 'book',
      });
      expect(root.metadata).toMatchObject({ operation: 'query', status: 200 });
      expect(await traced.tree()).toEqual(['query one', '  author', '  find']);
    },
  );

  it('has one observation for several fields', async () => {
    await start(true);
    await post({
      query:
        '{ a: book(title: "A") { title } b: book(title: "B") { title } broken }',
    });
    const root = await arrived(traced, 'query book');
    expect(root).toMatchObject({
      level: 'ERROR',
      statusMessage: 'out of range',
    });
    expect(JSON.parse(root.input!)).toEqual({
      a: { title: 'A' },
      b: { title: 'B' },
      broken: {},
    });
    expect(JSON.parse(root.output!)).toEqual({
      a: { title: 'A' },
      b: { title: 'B' },
      broken: null,
    });
    expect(await traced.tree()).toEqual(['query book', '  find', '  find']);
  });

  it.each([
    ['broken', 'ERROR', 'out of range'],
    ['refused', 'WARNING', 'no'],
  ])('tells how %s went, below a status of 200', async (field, level, says) => {
    await start(true);
    expect((await post({ query: `{ ${field} }` })).status).toBe(200);
    expect(await arrived(traced, `query ${field}`)).toMatchObject({
      level,
      statusMessage: says,
    });
  });

  it('keeps the operations of a batch in the trace of their request', async () => {
    await start(true, true);
    await post([
      { query: 'query first { book(title: "A") { title } }' },
      { query: 'query second { book(title: "B") { title } }' },
    ]);
    const first = await arrived(traced, 'query first');
    const second = await arrived(traced, 'query second');
    expect(second.parentObservationId).toBe(first.id);
  });

  it('ends with its last field where nothing stands for the request', async () => {
    await start(false);
    await post({ query: 'mutation m { one: step(by: 1) two: step(by: 2) }' });
    const root = await arrived(traced, 'mutation m');
    expect(root).toMatchObject({
      input: '{"one":{"by":1},"two":{"by":2}}',
      output: '{"one":1,"two":2}',
    });
    expect(await traced.tree()).toEqual(['mutation m', '  step', '  step']);
  });

  it('keeps queries side by side apart, which share a parsed document', async () => {
    await start(true);
    const titles = Array.from({ length: 50 }, (_, i) => `T${i}`);
    const query = 'query same($t: String!) { book(title: $t) { author } }';
    await Promise.all(titles.map((t) => post({ query, variables: { t } })));
    await traced.local.waitFor(
      (local) => local.stats().observations >= 3 * titles.length,
    );
    const observations = await traced.observations();
    for (const title of titles) {
      const [root, ...others] = observations.filter(
        ({ name, input }) =>
          name === 'query same' && input === `{"book":{"title":"${title}"}}`,
      );
      expect(others).toEqual([]);
      const below = observations.filter(
        ({ parentObservationId: parent }) => parent === root!.id,
      );
      expect(below.map(({ output }) => output).toSorted()).toEqual([
        `author of ${title}`,
        JSON.stringify({ title }),
      ]);
    }
  });

  it.each([true, false])(
    'does not take one user for another: %s',
    async (mode) => {
      await start(mode);
      const query = 'mutation same($by: Float!) { step(by: $by) }';
      await Promise.all(
        [1, 2, 3].map((by) => post({ query, variables: { by } })),
      );
      await traced.local.waitFor((local) => local.stats().observations >= 6);
      const roots = traced.local.observations({ name: 'mutation same' });
      expect(new Set(roots.map(({ traceId }) => traceId)).size).toBe(3);
    },
  );
});
