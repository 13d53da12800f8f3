import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { JsonEncoder, JsonParts, TEXT_FOLLOWS } from '../../lib/wire/index.js';

/** Any UTF-16, halves of surrogate pairs among it. */
const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'grapheme' }),
  fc
    .array(fc.integer({ min: 0, max: 0xffff }))
    .map((units) => String.fromCharCode(...units)),
);

const encoder = new JsonEncoder();

function encoded(json: JsonParts): string {
  const bytes = encoder.encode(json);
  expect(bytes).toBeLessThanOrEqual(json.maxBytes);
  return encoder.memory.toString('utf8', 0, bytes);
}

function quoted(text: string): string {
  return encoded(new JsonParts([TEXT_FOLLOWS, text]));
}

describe('JsonEncoder', () => {
  it('quotes any text as JSON.stringify does', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(quoted(text)).toBe(JSON.stringify(text));
      }),
    );
  });

  it.each([
    ['every escape', '\u0000\u001f\b\t\n\f\r"\\\u007f\u2028'],
    ['nothing but a quote', '"'],
    ['U+FFFD itself', 'a\ufffdb'],
    ['a lone surrogate', `a\ud800b`],
    ['many escapes, longer than its memory', '\u0001'.repeat(100_000)],
    ['surrogate pairs over the end of a piece', `x${'😀'.repeat(20_000)}`],
    ['three bytes each', '漢'.repeat(50_000)],
    ['an odd half at the end of a piece', `${'a'.repeat(16_384)}\udc00`],
  ])('quotes %s', (_, text) => {
    expect(quoted(text) === JSON.stringify(text)).toBe(true);
  });

  it('puts together what is JSON and what becomes it', () => {
    fc.assert(
      fc.property(fc.array(anyText), (texts) => {
        const parts = texts.flatMap((text, index) => [
          index === 0 ? '[' : ',',
          TEXT_FOLLOWS,
          text,
        ]);
        const json = new JsonParts(texts.length ? [...parts, ']'] : ['[]']);
        expect(encoded(json)).toBe(JSON.stringify(texts));
        expect(`${json}`).toBe(JSON.stringify(texts));
        expect(json.length).toBeLessThanOrEqual(JSON.stringify(texts).length);
      }),
    );
  });
});

describe('JsonParts', () => {
  it('knows its own, and asks no Proxy', () => {
    const trap = () => {
      throw new Error('asked');
    };
    const hostile = new Proxy(
      {},
      { get: trap, has: trap, getPrototypeOf: trap },
    );
    expect(JsonParts.is(new JsonParts(['[]']))).toBe(true);
    for (const other of [hostile, {}, null, undefined, '[]', 1]) {
      expect(JsonParts.is(other)).toBe(false);
    }
  });
});
