import { describe, expect, it } from 'vitest';
import type { PlainAttribute } from './export-request.js';
import { START_MS } from './export-request.js';
import { received, useReceiver, withAttributes } from './receive-span.js';

useReceiver();

const AI = { scope: { name: 'ai' } };

const fromAi = (attributes: Readonly<Record<string, PlainAttribute>>) =>
  withAttributes(attributes, AI);

describe('the type of a span of the Vercel AI SDK', () => {
  it.each<[Readonly<Record<string, PlainAttribute>>, string]>([
    [{ 'operation.name': 'ai.generateText.doGenerate' }, 'GENERATION'],
    [{ 'operation.name': 'ai.streamText.doStream chat' }, 'GENERATION'],
    [{ 'ai.operationId': 'ai.generateObject.doGenerate' }, 'GENERATION'],
    [{ 'operation.name': 'ai.embed.doEmbed' }, 'EMBEDDING'],
    [{ 'ai.operationId': 'ai.embedMany.doEmbed' }, 'EMBEDDING'],
    [{ 'operation.name': 'ai.toolCall' }, 'TOOL'],
    [{ 'ai.operationId': 'ai.toolCall' }, 'TOOL'],
    [{ 'operation.name': 'ai.generateText' }, 'SPAN'],
    [{ 'ai.operationId': 'ai.streamText.doStream chat' }, 'SPAN'],
  ])('of %j is %s', async (attributes, type) => {
    const model = { 'ai.model.id': 'm' };
    expect((await fromAi({ ...attributes, ...model })).type).toBe(type);
    const elsewhere = await withAttributes({ ...attributes, ...model });
    expect(elsewhere.type).toBe(type);
  });

  it('is no call of a model where none is named', async () => {
    const attributes = { 'operation.name': 'ai.generateText.doGenerate' };
    expect((await fromAi(attributes)).type).toBe('SPAN');
  });
});

describe('the name of a span of the Vercel AI SDK', () => {
  it('is the operation, after the id of the function', async () => {
    const attributes = { 'ai.operationId': 'ai.embed' };
    expect((await fromAi(attributes)).name).toBe('ai.embed');
    const functionId = { 'ai.telemetry.functionId': 'search' };
    const named = await fromAi({ ...attributes, ...functionId });
    expect(named.name).toBe('search:ai.embed');
  });

  it('is the tool that was called', async () => {
    const attributes = {
      'ai.operationId': 'ai.toolCall',
      'ai.toolCall.name': 'weather',
    };
    expect((await fromAi(attributes)).name).toBe('weather');
  });
});

describe('input and output of a span of the Vercel AI SDK', () => {
  const TEXT = { 'ai.response.text': 'Paris' };
  const CALLS = { 'ai.response.toolCalls': '[{"toolName":"weather"}]' };

  it.each<[Readonly<Record<string, PlainAttribute>>, string | null]>([
    [{ 'ai.prompt.messages': '[1]', 'ai.prompt': '{}' }, '[1]'],
    [
      { 'ai.prompt': '{"prompt":"Hi"}', 'ai.toolCall.args': '{}' },
      '{"prompt":"Hi"}',
    ],
    [{ 'ai.toolCall.args': '{"city":"Paris"}' }, '{"city":"Paris"}'],
    [{ 'input.value': 'of another convention' }, null],
  ])('the input of %j is %s', async (attributes, input) => {
    expect((await fromAi(attributes)).input).toBe(input);
  });

  it.each<[Readonly<Record<string, PlainAttribute>>, string | null]>([
    [TEXT, 'Paris'],
    [{ 'ai.response.text': '', 'ai.response.object': '{"a":1}' }, '{"a":1}'],
    [{ 'ai.toolCall.result': '"sunny"' }, '"sunny"'],
    [CALLS, CALLS['ai.response.toolCalls']],
    [
      { ...TEXT, ...CALLS },
      JSON.stringify({
        role: 'assistant',
        content: 'Paris',
        tool_calls: CALLS['ai.response.toolCalls'],
      }),
    ],
  ])('the output of %j is %s', async (attributes, output) => {
    expect((await fromAi(attributes)).output).toBe(output);
  });

  it('are what Langfuse’s own attributes say, where there are any', async () => {
    const own = { 'langfuse.observation.input': 'own' };
    const { input, output } = await fromAi({ ...own, ...TEXT });
    expect({ input, output }).toEqual({ input: 'own', output: null });
  });

  it('are not read from spans of another scope', async () => {
    const { input, output } = await withAttributes({
      'ai.prompt': 'Hi',
      ...TEXT,
    });
    expect({ input, output }).toEqual({ input: null, output: null });
  });
});

describe('the rest of a span of the Vercel AI SDK', () => {
  it('counts each token once', async () => {
    const usage = {
      'gen_ai.usage.input_tokens': 100,
      'gen_ai.usage.output_tokens': 50,
      'ai.usage.cachedInputTokens': 30,
      'ai.usage.reasoningTokens': 20,
    };
    expect((await fromAi(usage)).usageDetails).toEqual({
      input: 70,
      output: 30,
      input_cached_tokens: 30,
      output_reasoning_tokens: 20,
      total: 150,
    });
  });

  it.each([
    [
      { openai: { cachedPromptTokens: 4 } },
      { input: 6, input_cached_tokens: 4 },
    ],
    [
      { anthropic: { usage: { cache_creation_input_tokens: 3 } } },
      { input: 7, input_cache_creation: 3 },
    ],
    [
      { bedrock: { usage: { cacheReadInputTokens: 2 } } },
      { input: 8, input_cache_read: 2 },
    ],
  ])('reads the usage that %j tells', async (metadata, expected) => {
    const observation = await fromAi({
      'gen_ai.usage.input_tokens': 10,
      'ai.response.providerMetadata': JSON.stringify(metadata),
    });
    expect(observation.usageDetails).toEqual({
      output: 0,
      total: 10,
      ...expected,
    });
  });

  it('has its own choice of model parameters', async () => {
    const attributes = {
      'gen_ai.request.temperature': 0.2,
      'gen_ai.request.top_p': 1,
      'gen_ai.response.finish_reasons': ['stop'],
      'ai.model.provider': 'openai.chat',
      'ai.settings.maxRetries': 2,
    };
    expect((await fromAi(attributes)).modelParameters).toEqual({
      temperature: '0.2',
      finishReason: 'stop',
      system: 'openai.chat',
      maxRetries: '2',
    });
  });

  it('tells when the first chunk came', async () => {
    const attributes = { 'ai.response.msToFirstChunk': 12.3 };
    const observation = await received({ startMs: START_MS, attributes }, AI);
    const expected = new Date(START_MS + 13).toISOString();
    expect(observation.completionStartTime).toBe(expected);
  });

  it('has the metadata, user, tags and prompt of its telemetry', async () => {
    const prefix = 'ai.telemetry.metadata';
    const observation = await fromAi({
      'operation.name': 'ai.generateText.doGenerate',
      'ai.model.id': 'm',
      'ai.prompt.tools': ['{"name":"weather"}'],
      [`${prefix}.plan`]: 'free',
      [`${prefix}.userId`]: 'ada',
      [`${prefix}.tags`]: ['beta'],
      [`${prefix}.langfusePrompt`]: '{"name":"capital","version":3}',
    });
    expect(observation).toMatchObject({
      metadata: { plan: 'free', tools: ['{"name":"weather"}'] },
      userId: 'ada',
      tags: ['beta'],
      promptName: 'capital',
      promptVersion: 3,
    });
    expect(observation.metadata).not.toHaveProperty('userId');
  });
});
