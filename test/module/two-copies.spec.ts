import { Injectable } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import {
  LangfuseModule,
  LangfuseSpanProcessor,
  Trace,
} from '../../lib/index.js';
import {
  keysFor,
  startApplication,
  startReceiver,
} from '../support/application.js';
import { langfuseEnvironment } from '../support/environment.js';
import { NestLog } from '../support/nest-log.js';
import { Greeter } from './greeter.js';

beforeEach(() => langfuseEnvironment());

/** What a process has that loads the package by `import` and by `require()`. */
async function anotherCopy(): Promise<typeof import('../../lib/index.js')> {
  vi.resetModules();
  const copy = await import('../../lib/index.js');
  expect(copy.LangfuseModule).not.toBe(LangfuseModule);
  return copy;
}

function classTracedBy(trace: typeof Trace, project?: string) {
  @Injectable()
  class Foreigner {
    @trace({ project })
    bid(name: string): string {
      return `Goodbye ${name}`;
    }
  }
  return Foreigner;
}

describe('two copies of the package in a process', () => {
  it.each([undefined, 'billing'])(
    'a class that the other one traces (project %s) runs, and is told of',
    async (name) => {
      const receiver = await startReceiver();
      const Foreigner = classTracedBy((await anotherCopy()).Trace, name);
      const { app, log } = await startApplication({
        imports: [
          LangfuseModule.forRoot(keysFor(receiver)),
          ...(name
            ? [LangfuseModule.forRoot({ ...keysFor(receiver), name })]
            : []),
        ],
        providers: [Greeter, Foreigner],
      });
      expect(app.get(Foreigner).bid('Ada')).toBe('Goodbye Ada');
      app.get(Greeter).greet('Ada');
      await app.close();
      expect(receiver.observations()).toMatchObject([
        { name: 'Greeter.greet' },
      ]);
      expect(log.lines).toEqual([
        expect.stringMatching(
          /^warn: @Trace\(\) records nothing in Foreigner \(in RootTestModule\): .*another copy of nestjs-langfuse.*npm ls nestjs-langfuse/,
        ),
      ]);
    },
  );

  it('with a module each both record, and one says that there are two', async () => {
    const receiver = await startReceiver();
    const other = await anotherCopy();
    const Foreigner = classTracedBy(other.Trace);
    const { app, log } = await startApplication({
      imports: [
        LangfuseModule.forRoot(keysFor(receiver)),
        other.LangfuseModule.forRoot(keysFor(receiver)),
      ],
      providers: [Greeter, Foreigner],
    });
    app.get(Foreigner).bid('Ada');
    app.get(Greeter).greet('Ada');
    await app.close();
    const names = receiver.observations().map((seen) => seen.name);
    expect(names.toSorted()).toEqual(['Foreigner.bid', 'Greeter.greet']);
    expect(log.lines).toEqual([
      expect.stringMatching(
        /^warn: Two copies of nestjs-langfuse have a module/,
      ),
    ]);
  });

  it("refuses the other one's span processor", async () => {
    const other = await anotherCopy();
    const spanProcessor = new other.LangfuseSpanProcessor({ enabled: false });
    await expect(
      startApplication({
        imports: [
          LangfuseModule.forRoot({
            spanProcessor: spanProcessor as unknown as LangfuseSpanProcessor,
          }),
        ],
      }),
    ).rejects.toThrow(/same copy of it/);
    await spanProcessor.shutdown();
  });

  it('two applications with a copy each have nothing to do with each other', async () => {
    const receiver = await startReceiver();
    const other = await anotherCopy();
    const first = await startApplication({
      imports: [LangfuseModule.forRoot(keysFor(receiver))],
    });
    const log = new NestLog();
    const second = await Test.createTestingModule({
      imports: [other.LangfuseModule.forRoot(keysFor(receiver))],
      providers: [classTracedBy(other.Trace)],
    })
      .setLogger(log)
      .compile();
    await second.init();
    await second.close();
    expect([...first.log.lines, ...log.lines]).toEqual([]);
  });
});
