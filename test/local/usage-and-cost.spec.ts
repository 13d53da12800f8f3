import { describe, expect, it } from 'vitest';
import type { PlainAttribute } from './export-request.js';
import { useReceiver, withAttributes } from './receive-span.js';

useReceiver();

describe('usage and cost', () => {
  const usageOf = async (
    attributes: Readonly<Record<string, PlainAttribute>>,
  ) => (await withAttributes(attributes)).usageDetails;
  const sent = (usage: PlainAttribute) =>
    usageOf({ 'langfuse.observation.usage_details': usage });

  it('keeps whole counts and drops the rest', async () => {
    expect(
      await sent(
        '{"input":10,"output":1.5,"cached":-1,"text":"12","none":null,"words":"x"}',
      ),
    ).toEqual({ input: 10, text: 12, total: 22 });
    expect(await sent('{"input":1,"total":9}')).toEqual({ input: 1, total: 9 });
  });

  it('splits the usage objects of OpenAI', async () => {
    expect(
      await sent(
        '{"prompt_tokens":100,"completion_tokens":50,"total_tokens":150,"prompt_tokens_details":{"cached_tokens":80},"completion_tokens_details":{"reasoning_tokens":20,"audio_tokens":null}}',
      ),
    ).toEqual({
      input: 20,
      input_cached_tokens: 80,
      output: 30,
      output_reasoning_tokens: 20,
      total: 150,
    });
    expect(
      await sent('{"input_tokens":3,"output_tokens":4,"total_tokens":7}'),
    ).toEqual({ input: 3, output: 4, total: 7 });
  });

  it('takes an object that is nearly that of OpenAI as it is', async () => {
    expect(
      await sent('{"prompt_tokens":3,"completion_tokens":4,"extra":1}'),
    ).toEqual({ prompt_tokens: 3, completion_tokens: 4, extra: 1, total: 8 });
  });

  it('is empty for anything but an object in a string', async () => {
    for (const usage of ['5', '[1]', 'null', 5, true]) {
      expect(await sent(usage)).toEqual({});
    }
  });

  it('falls back on gen_ai for broken JSON, and counts each token once', async () => {
    expect(
      await usageOf({
        'langfuse.observation.usage_details': '{broken',
        'gen_ai.usage.input_tokens': 100,
        'gen_ai.usage.output_tokens': 50,
        'gen_ai.usage.cache_read.input_tokens': 30,
        'gen_ai.usage.reasoning.output_tokens': 10,
      }),
    ).toEqual({
      input: 70,
      output: 40,
      input_cached_tokens: 30,
      output_reasoning_tokens: 10,
      total: 150,
    });
  });

  it('leaves gen_ai numbers of an agent to its generations', async () => {
    expect(
      await withAttributes({
        'gen_ai.operation.name': 'invoke_agent',
        'gen_ai.usage.input_tokens': 100,
        'gen_ai.usage.cost': 0.5,
        'gen_ai.request.model': 'm',
      }),
    ).toMatchObject({
      usageDetails: {},
      costDetails: {},
      providedModelName: null,
    });
  });

  it.each<[Record<string, PlainAttribute>, Record<string, number>]>([
    [
      { 'langfuse.observation.cost_details': '{"input":"0.5"}' },
      { input: 0, total: 0 },
    ],
    [
      { 'langfuse.observation.cost_details': '{"total":2e6}' },
      { total: 999_999.999999 },
    ],
    [
      { 'langfuse.observation.cost_details': '{"input":1,"cached":2}' },
      { input: 1, cached: 2 },
    ],
    [
      {
        'langfuse.observation.cost_details': 'broken',
        'gen_ai.usage.cost': 0.25,
      },
      { total: 0.25 },
    ],
    [{ 'llm.cost.total': 0.5 }, { total: 0.5 }],
    [{ 'langfuse.observation.cost_details': '[1]' }, {}],
  ])('makes %j the cost %j', async (attributes, cost) => {
    expect((await withAttributes(attributes)).costDetails).toEqual(cost);
  });
});
