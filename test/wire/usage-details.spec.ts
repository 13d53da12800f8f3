import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { costDetails, usageDetails } from '../../lib/wire/index.js';

/** Keys that name details would make objects, not numbers, of their values. */
const key = fc.string().filter((name) => !name.endsWith('_tokens_details'));

function parsed(json: string | undefined): unknown {
  return json === undefined ? undefined : (JSON.parse(json) as unknown);
}

describe('usageDetails', () => {
  it.each<[string, unknown, unknown]>([
    ['counts', { input: 10, output: 0 }, { input: 10, output: 0 }],
    ['fractions', { input: 1.5, output: 0.2 }, { input: 2, output: 0 }],
    ['texts', { input: '10', output: '2.6' }, { input: 10, output: 3 }],
    ['gaps', { input: 1, output: null, total: undefined }, { input: 1 }],
    [
      'camel case',
      { promptTokens: 1, completionTokens: 2 },
      { promptTokens: 1, completionTokens: 2 },
    ],
    [
      'an answer of chat completions',
      {
        prompt_tokens: 19,
        completion_tokens: 10,
        total_tokens: 29,
        prompt_tokens_details: { cached_tokens: 3, audio_tokens: null },
        completion_tokens_details: null,
      },
      {
        prompt_tokens: 19,
        completion_tokens: 10,
        total_tokens: 29,
        prompt_tokens_details: { cached_tokens: 3 },
      },
    ],
    [
      'an answer of the responses API',
      {
        input_tokens: 36,
        input_tokens_details: { cached_tokens: 0 },
        output_tokens: 87,
        output_tokens_details: { reasoning_tokens: 0.4 },
        total_tokens: 123,
      },
      {
        input_tokens: 36,
        input_tokens_details: { cached_tokens: 0 },
        output_tokens: 87,
        output_tokens_details: { reasoning_tokens: 0 },
        total_tokens: 123,
      },
    ],
  ])('sends %s', (_, value, expected) => {
    const { json, refused } = usageDetails(value);
    expect(parsed(json)).toEqual(expected);
    expect(refused).toEqual([]);
  });

  it.each([undefined, null, {}, { input: null }])(
    'sends nothing of %o',
    (value) => {
      expect(usageDetails(value)).toEqual({ json: undefined, refused: [] });
    },
  );

  it('refuses what is no count, and sends the rest', () => {
    const { json, refused } = usageDetails({
      output: -1,
      nan: Number.NaN,
      many: Number.POSITIVE_INFINITY,
      unsafe: 2 ** 60,
      text: 'many',
      blank: ' ',
      flag: true,
      big: 1n,
      call: () => 1,
      object: { a: 1 },
      list: [1],
      prompt_tokens_details: { cached_tokens: -2, deep: { a: 1 } },
      input: 10,
    });
    expect(parsed(json)).toEqual({ input: 10 });
    expect(refused).toEqual([
      'usageDetails.output: -1 is not a count',
      'usageDetails.nan: NaN is not a count',
      'usageDetails.many: Infinity is not a count',
      'usageDetails.unsafe: 1152921504606847000 is not a count',
      'usageDetails.text: "many" is not a count',
      'usageDetails.blank: " " is not a count',
      'usageDetails.flag: true is not a count',
      'usageDetails.big: 1n is not a count',
      'usageDetails.call: a function is not a count',
      'usageDetails.object: an object is not a count',
      'usageDetails.list: an array is not a count',
      'usageDetails.prompt_tokens_details.cached_tokens: -2 is not a count',
      'usageDetails.prompt_tokens_details.deep: an object is not a count',
    ]);
  });

  it.each([
    [5, 'usageDetails: 5 is not an object of numbers'],
    ['{"input":1}', String.raw`usageDetails: "{\"input\":1}" is not an`],
    [[1, 2], 'usageDetails: an array is not an object of numbers'],
  ])('refuses %o', (value, message) => {
    const { json, refused } = usageDetails(value);
    expect(json).toBeUndefined();
    expect(refused).toEqual([expect.stringContaining(message)]);
  });

  it('refuses what throws, and sends the rest', () => {
    const throwing = {
      get output(): number {
        throw new Error('no');
      },
      input: 1,
    };
    expect(parsed(usageDetails(throwing).json)).toEqual({ input: 1 });
    expect(usageDetails(throwing).refused).toEqual([
      'usageDetails.output: Symbol(threw an error) is not a count',
    ]);
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    expect(usageDetails(proxy).refused).toEqual([
      'usageDetails: an object is not an object of numbers',
    ]);
  });

  it('keeps a key named __proto__ as data', () => {
    const value: unknown = JSON.parse('{"__proto__":1,"input":2}');
    expect(usageDetails(value).json).toBe('{"__proto__":1,"input":2}');
  });

  it('never throws, and sends counts only', () => {
    const anything = fc.anything({
      withBigInt: true,
      withDate: true,
      withMap: true,
      withNullPrototype: true,
      withSparseArray: true,
      withTypedArray: true,
    });
    fc.assert(
      fc.property(fc.oneof(anything, fc.dictionary(key, anything)), (value) => {
        const { json } = usageDetails(value);
        if (json === undefined) return;
        for (const count of Object.values(JSON.parse(json) as object)) {
          expect(Number.isSafeInteger(count) && count >= 0).toBe(true);
        }
      }),
    );
  });
});

describe('costDetails', () => {
  it('sends numbers and texts of numbers', () => {
    expect(
      costDetails({
        input: 0.5,
        output: '0.25',
        total: null,
        off: -1,
        tiny: 1e-9,
      }),
    ).toEqual({
      json: '{"input":0.5,"output":0.25,"off":-1,"tiny":1e-9}',
      refused: [],
    });
  });

  it('refuses what is no number, and sends the rest', () => {
    expect(
      costDetails({
        input: 'free',
        output: Number.NaN,
        empty: '',
        prompt_tokens_details: { a: 1 },
        total: 1,
      }),
    ).toEqual({
      json: '{"total":1}',
      refused: [
        'costDetails.input: "free" is not a number',
        'costDetails.output: NaN is not a number',
        'costDetails.empty: "" is not a number',
        'costDetails.prompt_tokens_details: an object is not a number',
      ],
    });
  });

  it('sends nothing of nothing', () => {
    expect(costDetails(undefined)).toEqual({ json: undefined, refused: [] });
    expect(costDetails({})).toEqual({ json: undefined, refused: [] });
  });
});
