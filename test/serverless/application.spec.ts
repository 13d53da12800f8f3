import {
  type INestApplicationContext,
  Logger,
  Module,
  type ModuleMetadata,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  afterEach,
  describe,
  expect,
  expectTypeOf,
  it,
  onTestFinished,
  vi,
} from 'vitest';
import {
  LangfuseModule,
  LangfuseService,
  withLangfuseFlush,
} from '../../lib/index.js';
import { keysFor, startReceiver } from '../support/application.js';

afterEach(() => vi.restoreAllMocks());

/** Creates an application, as often as it is called. */
function creating(metadata: ModuleMetadata) {
  @Module(metadata)
  class AppModule {}
  return vi.fn(async () => {
    const app = await NestFactory.createApplicationContext(AppModule, {
      logger: false,
    });
    onTestFinished(() => app.close());
    return app;
  });
}

async function sendingToReceiver() {
  const receiver = await startReceiver();
  const options = { ...keysFor(receiver), flushInterval: 3600 };
  const app = creating({ imports: [LangfuseModule.forRoot(options)] });
  return { receiver, app };
}

/** A handler that records one observation. */
function createHandler(app: INestApplicationContext) {
  const langfuse = app.get(LangfuseService);
  return (name: string) => {
    langfuse.startObservation(name).end();
    return name.length;
  };
}

describe('a handler made out of an application', () => {
  it('delivers what it records; invocations share one application', async () => {
    const { receiver, app } = await sendingToReceiver();
    const create = vi.fn(createHandler);
    const handler = withLangfuseFlush(create, { app });
    expectTypeOf(handler).toEqualTypeOf<(name: string) => Promise<number>>();
    expect(await Promise.all([handler('a'), handler('bc')])).toEqual([1, 2]);
    expect(receiver.stats()).toMatchObject({ observations: 2 });
    expect(await handler('def')).toBe(3);
    expect(receiver.stats()).toMatchObject({ observations: 3, duplicates: 0 });
    expect(app).toHaveBeenCalledTimes(1);
    expect(create).toHaveBeenCalledTimes(1);
  });

  it('may use one that exists', async () => {
    const { receiver, app } = await sendingToReceiver();
    const existing = await app();
    const handler = withLangfuseFlush(createHandler, { app: () => existing });
    await handler('a');
    expect(receiver.stats()).toMatchObject({ observations: 1 });
  });

  it('fails with the application, which the next invocation tries again', async () => {
    const { receiver, app } = await sendingToReceiver();
    const error = new Error('no database');
    app.mockRejectedValueOnce(error);
    const handler = withLangfuseFlush(createHandler, { app });
    const [first, second] = await Promise.allSettled([
      handler('a'),
      handler('b'),
    ]);
    expect(first).toEqual({ status: 'rejected', reason: error });
    expect(second).toEqual({ status: 'rejected', reason: error });
    expect(app).toHaveBeenCalledTimes(1);
    await handler('c');
    expect(app).toHaveBeenCalledTimes(2);
    expect(receiver.stats()).toMatchObject({ observations: 1 });
  });

  it('that could not be made is made again, of the same application', async () => {
    const { receiver, app } = await sendingToReceiver();
    const create = vi.fn(createHandler);
    create.mockImplementationOnce(() => {
      throw new Error('no provider');
    });
    const handler = withLangfuseFlush(create, { app });
    await expect(handler('a')).rejects.toThrow('no provider');
    await handler('b');
    expect(create).toHaveBeenCalledTimes(2);
    expect(app).toHaveBeenCalledTimes(1);
    expect(receiver.stats()).toMatchObject({ observations: 1 });
  });

  it('runs without LangfuseModule, and says once what is missing', async () => {
    const error = vi.spyOn(Logger.prototype, 'error').mockReturnValue();
    const app = creating({});
    const handler = withLangfuseFlush(() => (n: number) => n + 1, { app });
    expect(await handler(1)).toBe(2);
    expect(await handler(2)).toBe(3);
    expect(error.mock.calls).toEqual([
      [
        'withLangfuseFlush() found no LangfuseModule in the application, so ' +
          'nothing is flushed. Import LangfuseModule.forRoot() in its root module.',
      ],
    ]);
  });
});
