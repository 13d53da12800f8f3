import type { ModuleMetadata } from '@nestjs/common';
import { Injectable, Module } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import request from 'supertest';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { LangfuseModule, LangfuseQueue, Trace } from '../../lib/index.js';
import {
  LangfuseTesting,
  LangfuseTestingModule,
} from '../../lib/testing/index.js';
import { langfuseEnvironment } from '../support/environment.js';
import {
  AppModule,
  ChatService,
  langfuse,
  SearchService,
} from './chat-application.js';

beforeEach(() => langfuseEnvironment());

const ANSWER = [
  'ChatService.answer (generation) gpt-5',
  '├─ ★ helpful = 1',
  '└─ SearchService.find (retriever)',
].join('\n');

/** Records with the application's service, and gives what was recorded. */
async function answerIn(metadata: ModuleMetadata): Promise<string> {
  const module = await Test.createTestingModule(metadata).compile();
  await module.get(ChatService, { strict: false }).answer('cats');
  return module.get(LangfuseTesting).tree();
}

describe('beside the LangfuseModule of an application', () => {
  it('records whatever its options say of keys, enabled and sampleRate', async () => {
    expect(
      await answerIn({ imports: [AppModule, LangfuseTestingModule] }),
    ).toBe(ANSWER);
    expect(
      await answerIn({ imports: [LangfuseTestingModule, AppModule] }),
    ).toBe(ANSWER);
  });

  it('keeps its other options', async () => {
    const module = await Test.createTestingModule({
      imports: [AppModule, LangfuseTestingModule],
    }).compile();
    await module.get(ChatService).answer('cats');
    expect(module.get(LangfuseTesting).observations()[0]?.environment).toBe(
      'staging',
    );
  });

  it('reaches a module from a factory', async () => {
    const root = LangfuseModule.forRootAsync({ useFactory: async () => ({}) });
    const providers = [ChatService, SearchService];
    expect(
      await answerIn({ imports: [root, LangfuseTestingModule], providers }),
    ).toBe(ANSWER);
  });

  it('reaches one that is not global', async () => {
    const root = LangfuseModule.forRoot({ isGlobal: false });
    @Module({ imports: [root], providers: [ChatService, SearchService] })
    class ChatModule {}
    expect(
      await answerIn({ imports: [ChatModule, LangfuseTestingModule] }),
    ).toBe(ANSWER);
  });

  it('records requests over HTTP', async () => {
    const module = await Test.createTestingModule({
      imports: [AppModule, LangfuseTestingModule],
    }).compile();
    const app = module.createNestApplication();
    onTestFinished(() => app.close());
    await app.init();
    const testing = module.get(LangfuseTesting);
    const server: unknown = app.getHttpServer();
    await request(server as never)
      .get('/ask/cats')
      .expect(200);
    const root = await testing.waitFor('GET /ask/:question');
    expect(root).toMatchObject({ userId: 'ada', sessionId: 's1' });
    await request(server as never)
      .get('/ask/unknown')
      .expect(404);
    await request(server as never)
      .get('/events')
      .expect(200);
    await testing.waitFor('GET /events');
    expect(testing.tree({ show: ['userId', 'tags'] })).toMatchInlineSnapshot(`
      "GET /ask/:question (span)
      │  userId: "ada"
      │  tags: ["demo"]
      └─ ChatService.answer (generation) gpt-5
         │  userId: "ada"
         │  tags: ["demo"]
         ├─ ★ helpful = 1
         └─ SearchService.find (retriever)
               userId: "ada"
               tags: ["demo"]
      GET /ask/:question (span) WARNING: no such page
      │  userId: "ada"
      │  tags: ["demo"]
      └─ ChatService.answer (generation) ERROR: no such page
         │  userId: "ada"
         │  tags: ["demo"]
         └─ SearchService.find (retriever) ERROR: no such page
               userId: "ada"
               tags: ["demo"]
      GET /events (span)"
    `);
  });

  it('tells two applications in one process apart', async () => {
    const [first, second] = await Promise.all(
      ['first', 'second'].map(() =>
        Test.createTestingModule({
          imports: [AppModule, LangfuseTestingModule],
        }).compile(),
      ),
    );
    await first!.get(ChatService).answer('cats');
    expect(first!.get(LangfuseTesting).tree()).toBe(ANSWER);
    expect(second!.get(LangfuseTesting).tree()).toBe('');
  });

  it('says so when there is none', async () => {
    await expect(
      Test.createTestingModule({ imports: [LangfuseTestingModule] }).compile(),
    ).rejects.toThrow(
      'LangfuseTestingModule found no LangfuseModule in the application',
    );
  });
});

describe('forRoot()', () => {
  it('takes the place of LangfuseModule', async () => {
    const imports = [LangfuseTestingModule.forRoot()];
    const providers = [ChatService, SearchService];
    expect(await answerIn({ imports, providers })).toBe(ANSWER);
  });

  it('reaches modules that do not import it', async () => {
    @Module({ providers: [ChatService, SearchService] })
    class ChatModule {}
    const imports = [ChatModule, LangfuseTestingModule.forRoot()];
    expect(await answerIn({ imports })).toBe(ANSWER);
  });

  it('stops a second LangfuseModule', async () => {
    await expect(
      answerIn({ imports: [AppModule, LangfuseTestingModule.forRoot()] }),
    ).rejects.toThrow('LangfuseModule: the results of two calls of forRoot()');
  });

  it('reports invalid options as LangfuseModule does', async () => {
    const imports = [LangfuseTestingModule.forRoot({ flushAt: 0 })];
    await expect(answerIn({ imports })).rejects.toThrow('flushAt');
  });
});

describe('overrideModule()', () => {
  it('replaces the very object that the application imports', async () => {
    const module = await Test.createTestingModule({ imports: [AppModule] })
      .overrideModule(langfuse)
      .useModule(LangfuseTestingModule.forRoot())
      .compile();
    await module.get(ChatService).answer('cats');
    const testing = module.get(LangfuseTesting);
    expect(testing.tree()).toBe(ANSWER);
    expect(testing.observations()[0]?.environment).toBe('default');
  });

  it('replaces nothing when it is given the class', async () => {
    const module = await Test.createTestingModule({ imports: [AppModule] })
      .overrideModule(LangfuseModule)
      .useModule(LangfuseTestingModule.forRoot())
      .compile();
    expect(() => module.get(LangfuseTesting)).toThrow('LangfuseTesting');
  });
});

describe('what a test leaves behind', () => {
  it.each(['closes', 'forgets'])(
    'is nothing when it %s the application',
    async (end) => {
      const listeners = () =>
        process.eventNames().map((name) => [name, process.listenerCount(name)]);
      const timers = () =>
        process.getActiveResourcesInfo().filter((name) => name === 'Timeout');
      const before = { listeners: listeners(), timers: timers() };
      for (let i = 0; i < 12; i++) {
        const module = await Test.createTestingModule({
          imports: [AppModule, LangfuseTestingModule],
        }).compile();
        await module.init();
        await module.get(ChatService).answer('cats');
        await module.get(LangfuseTesting).waitFor('SearchService.find');
        if (end === 'closes') await module.close();
      }
      expect({ listeners: listeners(), timers: timers() }).toEqual(before);
    },
  );
});

it('keeps the books of the queue', async () => {
  const module = await Test.createTestingModule({
    imports: [AppModule, LangfuseTestingModule],
  }).compile();
  await module.get(ChatService).answer('cats');
  const queue = module.get(LangfuseQueue);
  await queue.flush();
  expect(queue.stats()).toMatchObject({ enqueued: 3, delivered: 3, queued: 0 });
});

it('rejects what a server would refuse, as that does', async () => {
  @Injectable()
  class Service {
    @Trace()
    work(): string {
      return 'done';
    }
  }
  const module = await Test.createTestingModule({
    imports: [LangfuseTestingModule.forRoot()],
    providers: [Service],
  }).compile();
  const queue = module.get(LangfuseQueue);
  queue.enqueue({ lane: 'spans', id: 'x', bytes: Buffer.from('no span') });
  queue.enqueue({ lane: 'scores', id: 'y', bytes: Buffer.from('{}') });
  module.get(Service).work();
  await queue.flush();
  expect(queue.stats()).toMatchObject({
    delivered: 1,
    dropped: { rejected: 2 },
  });
  expect(module.get(LangfuseTesting).tree()).toBe('Service.work (span)');
});
