import { describe, expect, it, vi } from 'vitest';
import { compileChat } from './compile.js';

describe('observations()', () => {
  it('has what has ended at once, typed and parsed', async () => {
    const { testing, chat } = await compileChat();
    await chat.answer('cats');
    const [answer, find, ...others] = testing.observations();
    expect(others).toEqual([]);
    expect(answer).toMatchObject({
      name: 'ChatService.answer',
      type: 'generation',
      level: 'DEFAULT',
      parentId: undefined,
      statusMessage: undefined,
      input: 'cats',
      output: 'See page about cats',
      metadata: { page: { title: 'page about cats', pages: 1 } },
      model: 'gpt-5',
      usageDetails: { input: 10, output: 20, total: 30 },
      costDetails: {},
      environment: 'default',
      traceName: 'ChatService.answer',
      tags: [],
    });
    expect(answer?.id).toMatch(/^[0-9a-f]{16}$/);
    expect(answer?.startTime).toBeInstanceOf(Date);
    expect(answer!.startTime <= find!.startTime).toBe(true);
    expect(answer!.endTime >= find!.endTime).toBe(true);
    expect(find).toMatchObject({
      traceId: answer?.traceId,
      parentId: answer?.id,
      output: ['page about cats'],
    });
    expect(answer?.children).toEqual([find]);
  });

  it('needs no await, however many end within one turn', async () => {
    const { testing, service } = await compileChat();
    const numbers = Array.from({ length: 1_500 }, (_, index) => index);
    for (const input of numbers) {
      service.startObservation('number', { input }).end();
    }
    expect(testing.observations().map(({ input }) => input)).toEqual(numbers);
  });

  it('forgets what is cleared, and goes on', async () => {
    const { testing, service } = await compileChat();
    service.startObservation('old').end();
    service.createScore({ sessionId: 's', name: 'old', value: 1 });
    testing.clear();
    expect(testing.scores()).toEqual([]);
    service.startObservation('new').end();
    expect(testing.tree()).toBe('new (span)');
  });

  it('has only what the application sent as metadata', async () => {
    const { testing, service } = await compileChat();
    const metadata = { scope: { name: 'mine' }, when: 'now', 'a.b': [1] };
    service.startObservation('bare').end();
    service.startObservation('rich', { metadata }).end();
    const [bare, rich] = testing.observations();
    expect(bare?.metadata).toEqual({});
    expect(rich?.metadata).toEqual(metadata);
  });

  it('finds by name and by what is true', async () => {
    const { testing, service } = await compileChat();
    service.startObservation('a').end();
    service.startObservation('b', { level: 'WARNING' }).end();
    const warned = testing.observations(({ level }) => level === 'WARNING');
    expect(warned).toMatchObject([{ name: 'b' }]);
    expect(testing.observations('a')).toMatchObject([{ name: 'a' }]);
    expect(testing.observations('c')).toEqual([]);
  });

  it('orders siblings by start, in whatever order they end', async () => {
    const { testing, service } = await compileChat();
    service.startActiveObservation('root', () => {
      const started = ['a', 'b', 'c', 'd'].map((name) =>
        service.startObservation(name),
      );
      for (const observation of started.toReversed()) observation.end();
    });
    const [root] = testing.observations();
    expect(root?.children.map(({ name }) => name)).toEqual([
      'a',
      'b',
      'c',
      'd',
    ]);
  });

  it('has an error with its level and message', async () => {
    const { testing, chat } = await compileChat();
    await expect(chat.answer('unknown')).rejects.toThrow('no such page');
    expect(testing.observations()).toMatchObject([
      { name: 'ChatService.answer', level: 'ERROR', output: undefined },
      {
        name: 'SearchService.find',
        level: 'ERROR',
        statusMessage: expect.stringContaining('no such page'),
      },
    ]);
  });

  it('has a stream when it has been read', async () => {
    const { testing, chat } = await compileChat();
    const stream = chat.stream();
    expect(testing.observations()).toEqual([]);
    let text = '';
    for await (const chunk of stream) text += chunk;
    expect(text).toBe('Hello');
    const [streamed] = testing.observations('ChatService.stream');
    expect(streamed?.output).toBe('Hello');
    expect(streamed?.completionStartTime).toBeInstanceOf(Date);
  });

  it('works while a test has fake timers', async () => {
    const { testing, service } = await compileChat();
    vi.useFakeTimers({ now: new Date('2030-01-01T00:00:00Z') });
    try {
      service.startObservation('faked').end();
      const [faked] = testing.observations();
      expect(faked?.startTime).toEqual(new Date('2030-01-01T00:00:00Z'));
      expect(vi.getTimerCount()).toBe(0);
      const pending = testing.waitFor('later', { timeoutMs: 1 });
      await expect(pending).rejects.toThrow('nothing fitted within 1 ms');
    } finally {
      vi.useRealTimers();
    }
  });

  it('has what the close of the application ended', async () => {
    const { module, testing, service } = await compileChat();
    await module.init();
    service.startObservation('forgotten');
    await module.close();
    expect(testing.tree()).toBe(
      'forgotten (span) WARNING: ended by application shutdown',
    );
  });

  it('shows what it is told of another process, too', async () => {
    const { testing, service } = await compileChat();
    const parentSpanContext = {
      traceId: '0af7651916cd43dd8448eb211c80319c',
      spanId: 'b7ad6b7169203331',
      traceFlags: 1,
    };
    service.startObservation('work', {}, { parentSpanContext }).end();
    expect(testing.tree()).toBe('work (span)');
    expect(testing.observations()).toMatchObject([
      { parentId: 'b7ad6b7169203331' },
    ]);
  });
});

describe('scores()', () => {
  it('has values of every type, with what they are about', async () => {
    const { testing, service } = await compileChat();
    const traceId = service.createTraceId('seed');
    service.createScore({ traceId, name: 'n', value: 0.5, comment: 'so so' });
    service.createScore({
      traceId,
      name: 'b',
      value: true,
      dataType: 'BOOLEAN',
      metadata: { by: 'test' },
    });
    service.createScore({ sessionId: 's1', name: 'c', value: 'good' });
    expect(testing.scores()).toMatchObject([
      {
        name: 'n',
        dataType: 'NUMERIC',
        value: 0.5,
        traceId,
        comment: 'so so',
        sessionId: undefined,
        timestamp: expect.any(Date) as Date,
      },
      {
        name: 'b',
        dataType: 'BOOLEAN',
        value: true,
        metadata: { by: 'test' },
      },
      {
        name: 'c',
        dataType: 'CATEGORICAL',
        value: 'good',
        sessionId: 's1',
        traceId: undefined,
      },
    ]);
  });

  it('has a score that is written again once, with its latest value', async () => {
    const { testing, service } = await compileChat();
    const score = { id: 'one', sessionId: 's1', name: 'stars' };
    service.createScore({ ...score, value: 1 });
    service.createScore({ ...score, value: 5 });
    expect(testing.scores()).toMatchObject([{ id: 'one', value: 5 }]);
  });
});

describe('tree()', () => {
  it('is the same in every run', async () => {
    const { testing, chat, service } = await compileChat();
    await service.startActiveObservation('conversation', async () => {
      await chat.answer('cats');
      await chat.answer('unknown').catch(() => undefined);
      service.scoreActiveTrace({
        name: 'mood',
        value: 'calm',
        comment: 'all\nwell',
      });
    });
    service.createScore({ sessionId: 's1', name: 'length', value: 2 });
    expect(testing.tree()).toMatchInlineSnapshot(`
      "conversation (span)
      ├─ ChatService.answer (generation) gpt-5
      │  ├─ ★ helpful = 1
      │  └─ SearchService.find (retriever)
      ├─ ChatService.answer (generation) ERROR: no such page
      │  └─ SearchService.find (retriever) ERROR: no such page
      └─ ★ mood = "calm" "all\\nwell"
      ★ length = 2"
    `);
  });

  it('shows the fields that are asked for', async () => {
    const { testing, chat } = await compileChat();
    await chat.answer('cats');
    const show = ['input', 'output', 'metadata', 'userId', 'tags'] as const;
    expect(testing.tree({ show })).toMatchInlineSnapshot(`
      "ChatService.answer (generation) gpt-5
      │  input: "cats"
      │  output: "See page about cats"
      │  metadata: {"page":{"title":"page about cats","pages":1}}
      ├─ ★ helpful = 1
      └─ SearchService.find (retriever)
            input: "cats"
            output: ["page about cats"]"
    `);
  });

  it('is empty without observations', async () => {
    const { testing } = await compileChat();
    expect(testing.tree()).toBe('');
  });

  it('says where a parent has not ended', async () => {
    const { testing, service } = await compileChat();
    service.startActiveObservation('outer', () => {
      service.startObservation('inner').end();
      expect(testing.tree()).toBe('inner (span) [its parent has not ended]');
    });
    expect(testing.tree()).toBe('outer (span)\n└─ inner (span)');
  });

  it('keeps a name with line breaks on its line', async () => {
    const { testing, service } = await compileChat();
    service.startObservation('a\n└─ b', { statusMessage: 'one\r\ntwo' }).end();
    expect(testing.tree()).toBe('a └─ b (span) one two');
  });
});

describe('waitFor()', () => {
  it('resolves at once to what is there', async () => {
    const { testing, chat } = await compileChat();
    await chat.answer('cats');
    const found = await testing.waitFor('SearchService.find', { timeoutMs: 0 });
    expect(found.input).toEqual('cats');
  });

  it('resolves as soon as one fits', async () => {
    const { testing, service } = await compileChat();
    const ended = testing.waitFor(({ output }) => output === 2);
    service.startObservation('one', { output: 1 }).end();
    service.startObservation('two', { output: 2 }).end();
    expect((await ended).name).toBe('two');
  });

  it('gives up in the end, and says what there is', async () => {
    const { testing, service } = await compileChat();
    service.startObservation('another').end();
    await expect(testing.waitFor('this', { timeoutMs: 1 })).rejects.toThrow(
      "LangfuseTesting.waitFor('this'): nothing fitted within 1 ms. " +
        'Recorded so far:\nanother (span)',
    );
  });

  it('gives up when the application is closed', async () => {
    const { module, testing } = await compileChat();
    await module.init();
    const waiting = testing.waitFor('this', { timeoutMs: 60_000 });
    const refused = expect(waiting).rejects.toThrow(
      'the application was closed. Recorded so far:\nnothing',
    );
    await module.close();
    await refused;
    await expect(testing.waitFor('that')).rejects.toThrow('was closed');
  });

  it('hands on what the predicate throws', async () => {
    const { testing, service } = await compileChat();
    const waiting = testing.waitFor(() => {
      throw new Error('mine');
    });
    service.startObservation('any').end();
    await expect(waiting).rejects.toThrow('mine');
  });
});

describe('what leaves the application', () => {
  it('has passed its mask', async () => {
    const mask = ({ data }: { data: string }) => data.replaceAll('cats', '***');
    const { testing, chat } = await compileChat({ mask });
    await chat.answer('cats');
    expect(testing.observations()[0]).toMatchObject({
      input: '***',
      output: 'See page about ***',
    });
  });

  it('arrives with flush() when the mask is asynchronous', async () => {
    const mask = async ({ data }: { data: string }) => {
      await Promise.resolve();
      return data.replaceAll('cats', '***');
    };
    const { testing, chat } = await compileChat({ mask });
    const arrived = testing.waitFor('ChatService.answer');
    await chat.answer('cats');
    expect((await arrived).input).toEqual('***');
    await chat.answer('dogs');
    await testing.flush();
    expect(testing.observations('ChatService.answer')).toHaveLength(2);
  });

  it('has passed shouldExportSpan', async () => {
    const { testing, service } = await compileChat({
      shouldExportSpan: ({ otelSpan }) => otelSpan.name !== 'noise',
    });
    service.startObservation('noise').end();
    service.startObservation('signal').end();
    expect(testing.tree()).toBe('signal (span)');
  });
});

it('says where a trace would be', async () => {
  const { service } = await compileChat({ baseUrl: 'http://langfuse.test' });
  expect(await service.getTraceUrl('abc')).toBe(
    'http://langfuse.test/project/testing/traces/abc',
  );
});
