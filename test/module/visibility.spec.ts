import { Injectable, Module } from '@nestjs/common';
import { beforeEach, describe, expect, it } from 'vitest';
import { LangfuseModule, LangfuseService, Trace } from '../../lib/index.js';
import {
  keysFor,
  startApplication,
  startReceiver,
} from '../support/application.js';
import { langfuseEnvironment } from '../support/environment.js';
import { Greeter } from './greeter.js';

beforeEach(() => langfuseEnvironment());

@Injectable()
class FarewellService {
  @Trace()
  bid(name: string): string {
    return `Goodbye ${name}`;
  }
}

describe('a global module', () => {
  it('reaches modules that do not import it', async () => {
    const receiver = await startReceiver();
    @Module({ providers: [FarewellService] })
    class FarewellModule {}
    const { app, langfuse, log } = await startApplication({
      imports: [LangfuseModule.forRoot(keysFor(receiver)), FarewellModule],
    });
    app.get(FarewellService).bid('Ada');
    await langfuse.flush();
    expect(receiver.observations()).toMatchObject([
      { name: 'FarewellService.bid' },
    ]);
    expect(log.lines).toEqual([]);
  });
});

describe('with isGlobal: false', () => {
  it('reaches the modules that import it, and names what it does not reach', async () => {
    const receiver = await startReceiver();
    const langfuseModule = LangfuseModule.forRoot({
      ...keysFor(receiver),
      isGlobal: false,
    });
    @Module({ imports: [langfuseModule], providers: [Greeter] })
    class GreetingModule {}
    @Module({ providers: [FarewellService] })
    class FarewellModule {}

    const { app, langfuse, log } = await startApplication({
      imports: [langfuseModule, GreetingModule, FarewellModule],
    });
    expect(app.get(Greeter).greet('Ada')).toBe('Hello Ada');
    expect(app.get(FarewellService).bid('Ada')).toBe('Goodbye Ada');
    await langfuse.flush();
    expect(receiver.observations().map(({ name }) => name)).toEqual([
      'Greeter.greet',
    ]);
    expect(log.lines).toEqual([
      'warn: @Trace() records nothing in FarewellService (in FarewellModule): ' +
        'LangfuseModule is not visible there. Import it in these modules, or ' +
        'leave its isGlobal true.',
    ]);
  });

  it('says the same when the options come from a factory', async () => {
    const receiver = await startReceiver();
    @Module({ providers: [FarewellService] })
    class FarewellModule {}
    const { log } = await startApplication({
      imports: [
        LangfuseModule.forRootAsync({
          isGlobal: false,
          useFactory: () => keysFor(receiver),
        }),
        FarewellModule,
      ],
    });
    expect(log.lines).toEqual([
      expect.stringContaining('FarewellService (in FarewellModule)'),
    ]);
  });
});

describe('two applications in one process', () => {
  it('share nothing', async () => {
    const start = async (release: string) => {
      const receiver = await startReceiver();
      const application = await startApplication({
        imports: [LangfuseModule.forRoot({ ...keysFor(receiver), release })],
        providers: [Greeter],
      });
      return { ...application, receiver };
    };
    const [one, two] = [await start('one'), await start('two')];

    // The call into the other application happens within an active observation.
    one.langfuse.startActiveObservation('outer', () => {
      one.app.get(Greeter).greet('first');
      two.app.get(Greeter).greet('second');
      expect(two.langfuse.getActiveTraceId()).toBeUndefined();
    });
    await Promise.all([one.langfuse.flush(), two.langfuse.flush()]);
    expect(one.receiver.observations()).toMatchObject([
      { name: 'Greeter.greet', input: 'first', release: 'one' },
      { name: 'outer', release: 'one' },
    ]);
    expect(two.receiver.observations()).toMatchObject([
      { input: 'second', release: 'two', isRootObservation: true },
    ]);

    await one.app.close();
    two.app.get(LangfuseService).startObservation('after').end();
    await two.langfuse.flush();
    expect(two.receiver.observations({ name: 'after' })).toHaveLength(1);
    expect(one.queue.stats()).toMatchObject({ enqueued: 2, delivered: 2 });
    expect(two.queue.stats()).toMatchObject({ enqueued: 2, delivered: 2 });
  });
});
