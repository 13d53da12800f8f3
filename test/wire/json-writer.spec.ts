import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { JsonBytes, JsonWriter } from '../../lib/wire/index.js';

/** Any UTF-16, halves of surrogate pairs among it. */
const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'grapheme' }),
  fc
    .array(fc.integer({ min: 0, max: 0xffff }))
    .map((units) => String.fromCharCode(...units)),
);

function written(write: (json: JsonWriter) => void): string {
  const json = new JsonWriter();
  const start = json.position;
  write(json);
  return json.take(start).toString();
}

describe('JsonWriter', () => {
  it('quotes any text as JSON.stringify does', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const json = written((writer) => writer.text(text));
        expect(json).toBe(JSON.stringify(text));
      }),
    );
  });

  it.each([
    ['every escape', '\u0000\u001f\b\t\n\f\r"\\\u007f\u2028'],
    ['U+FFFD itself', 'a\ufffdb'],
    ['a lone surrogate', `a\ud800b`],
    ['many escapes, longer than its memory', '\u0001'.repeat(100_000)],
    ['surrogate pairs over the end of a piece', `x${'😀'.repeat(20_000)}`],
    ['three bytes each', '漢'.repeat(50_000)],
    ['an odd half at the end of a piece', `${'a'.repeat(16_384)}\udc00`],
  ])('quotes %s', (_, text) => {
    const json = written((writer) => writer.text(text));
    expect(json === JSON.stringify(text)).toBe(true);
  });

  it('writes a key alike whether it knows it or not', () => {
    fc.assert(
      fc.property(anyText, (key) => {
        const once = written((writer) => writer.key(key));
        const again = written((writer) => writer.key(key));
        expect(once).toBe(`${JSON.stringify(key)}:`);
        expect(again).toBe(once);
      }),
    );
  });

  it('gives each what it has written, one within the other', () => {
    const json = new JsonWriter();
    const outer = json.position;
    json.word('1');
    const inner = json.position;
    json.text('inner');
    expect(json.take(inner).toString()).toBe('"inner"');
    json.word('2');
    const failed = json.position;
    json.text('failed');
    json.rewind(failed);
    json.word('3');
    expect(json.take(outer).toString()).toBe('123');
    expect(json.position).toBe(outer);
  });

  it('leaves what was taken as it is', () => {
    const json = new JsonWriter();
    const texts = Array.from({ length: 300 }, (_, i) => `${i}`.repeat(i));
    const taken = texts.map((text) => {
      const start = json.position;
      json.text(text);
      return json.take(start);
    });
    expect(taken.map(String)).toEqual(texts.map((text) => `"${text}"`));
    const [last] = taken.slice(-1);
    const copy = Buffer.alloc(last!.length + 3);
    last!.copyTo(copy, 3);
    expect(copy.toString('utf8', 3)).toBe(`${last}`);
  });
});

describe('JsonBytes', () => {
  it('knows its own, and asks no Proxy', () => {
    const trap = () => {
      throw new Error('asked');
    };
    const hostile = new Proxy(
      {},
      { get: trap, has: trap, getPrototypeOf: trap },
    );
    expect(JsonBytes.is(new JsonBytes(Buffer.from('[]'), 0, 2))).toBe(true);
    for (const other of [hostile, {}, null, undefined, '[]', 1]) {
      expect(JsonBytes.is(other)).toBe(false);
    }
  });
});
