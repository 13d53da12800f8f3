/** What the options of `@Trace()` make of a call. */
import { Injectable } from '@nestjs/common';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Trace } from '../../lib/index.js';
import { TracedApplication } from '../support/traced-application.js';

const broken = (): never => {
  throw new Error('my selector');
};

interface Completion {
  readonly text: string;
  readonly model: string;
  readonly usage: { readonly input: number; readonly output: number };
}

const COMPLETION: Completion = {
  text: 'Paris',
  model: 'small',
  usage: { input: 3, output: 1 },
};

@Injectable()
class Assistant {
  readonly messages: string[] = [];

  @Trace({
    name: (question) => `answer ${question.length}`,
    asType: 'generation',
    level: 'DEBUG',
    version: '2',
    metadata: (_question, tenant) => ({ tenant }),
    captureInput: (question) => ({ question }),
    captureOutput: ({ text }) => text,
    onResult: ({ model, usage }) => ({ model, usageDetails: usage }),
  })
  async answer(_question: string, _tenant: string): Promise<Completion> {
    return COMPLETION;
  }

  @Trace({
    asType: 'generation',
    metadata: { kind: 'stream' },
    reduce: (chunks) => ({
      text: chunks.map(({ text }) => text).join('|'),
      last: chunks.at(-1),
    }),
    captureOutput: ({ text }) => text,
    onResult: ({ last }, observation) => {
      observation.update({ model: last!.model });
    },
  })
  async *stream(): AsyncGenerator<Completion> {
    yield COMPLETION;
    yield { ...COMPLETION, text: 'Rome' };
  }

  @Trace({
    name: broken,
    metadata: broken,
    captureInput: broken,
    captureOutput: broken,
    onResult: broken,
  })
  unlucky(question: string): string {
    return question;
  }

  @Trace({ name: 'unlucky stream', reduce: broken })
  *unluckyStream(): Generator<string> {
    yield 'word';
  }

  @Trace({ captureInput: false, captureOutput: false })
  *silent(_password: string): Generator<string> {
    yield 'secret';
  }

  @Trace({ onResult: (() => Promise.reject(new Error('late'))) as () => void })
  hasty(): number {
    return 1;
  }

  @Trace()
  push(messages: string[]): number {
    return messages.push('pushed');
  }

  @Trace({ level: 'DEBUG' })
  fail(): never {
    throw new Error('failed');
  }
}

let traced: TracedApplication;
let assistant: Assistant;
beforeAll(async () => {
  traced = await TracedApplication.start({ providers: [Assistant] });
  assistant = traced.get(Assistant);
});
afterAll(() => traced.close());

it('all of them', async () => {
  expect(await assistant.answer('capital?', 'acme')).toBe(COMPLETION);
  const read = await traced.observation('answer 8');
  expect(read).toMatchObject({
    type: 'GENERATION',
    level: 'DEBUG',
    version: '2',
    input: '{"question":"capital?"}',
    output: 'Paris',
    providedModelName: 'small',
    usageDetails: { input: 3, output: 1 },
  });
  expect(read.metadata).toMatchObject({ tenant: 'acme' });
});

it('of a stream, which is reduced first', async () => {
  for await (const chunk of assistant.stream())
    expect(chunk.model).toBe('small');
  const read = await traced.observation('Assistant.stream');
  expect(read).toMatchObject({
    output: 'Paris|Rome',
    providedModelName: 'small',
  });
  expect(read.metadata).toMatchObject({ kind: 'stream' });
});

it('those that throw leave a marker, the method goes on', async () => {
  expect(assistant.unlucky('why?')).toBe('why?');
  const mark = '[Threw: my selector]';
  const read = await traced.observation('Assistant.unlucky');
  expect(read).toMatchObject({ input: mark, output: mark, level: 'DEFAULT' });
  expect(read.metadata).toMatchObject({
    'langfuse_threw.name': mark,
    'langfuse_threw.metadata': mark,
    'langfuse_threw.onResult': mark,
  });
  expect([...assistant.unluckyStream()]).toEqual(['word']);
  expect((await traced.observation('unlucky stream')).output).toBe(mark);
});

it('those that reject in spite of their type harm nobody', async () => {
  expect(assistant.hasty()).toBe(1);
  await new Promise((resolve) => setImmediate(resolve));
  expect((await traced.observation('Assistant.hasty')).output).toBe('1');
});

it('that keep a stream to themselves', async () => {
  expect([...assistant.silent('hunter2')]).toEqual(['secret']);
  expect(await traced.observation('Assistant.silent')).toMatchObject({
    input: null,
    output: null,
  });
});

it('the input is what it was when the method was called', async () => {
  expect(assistant.push(assistant.messages)).toBe(1);
  expect((await traced.observation('Assistant.push')).input).toBe('[]');
});

it('an error outweighs the level', async () => {
  expect(() => assistant.fail()).toThrow('failed');
  expect((await traced.observation('Assistant.fail')).level).toBe('ERROR');
});
