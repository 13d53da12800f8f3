import * as fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { JsonEncoder, JsonParts, TEXT_FOLLOWS } from '../../lib/wire/index.js';
import {
  plainQuoter,
  webAssemblyQuoter,
} from '../../lib/wire/quoting/json-quoter.js';

/** Any UTF-16, halves of surrogate pairs among it. */
const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'grapheme' }),
  fc
    .array(fc.integer({ min: 0, max: 0xffff }))
    .map((units) => String.fromCharCode(...units)),
);

const quoters = [
  { name: 'in WebAssembly', quoter: webAssemblyQuoter() },
  { name: 'where there is no WebAssembly', quoter: plainQuoter() },
];

describe.each(quoters)('JsonEncoder, $name', ({ quoter }) => {
  const encoder = new JsonEncoder(quoter);

  function encoded(json: JsonParts): string {
    const received: Buffer[] = [];
    encoder.encode(json, {
      append: (memory, bytes) =>
        received.push(Buffer.from(memory.subarray(0, bytes))),
    });
    const bytes = Buffer.concat(received);
    expect(bytes.length).toBeLessThanOrEqual(json.maxBytes);
    expect(encoder.measure(json)).toBe(bytes.length);
    return bytes.toString();
  }

  function quoted(text: string): string {
    return encoded(new JsonParts([TEXT_FOLLOWS, text]));
  }

  it('is there', () => {
    expect(quoter).toBeDefined();
  });

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
    ['a text as long as a piece', 'a'.repeat(16_384)],
    ['escapes as long as a piece', '\u0001'.repeat(16_384)],
    ['surrogate pairs over the end of a piece', `x${'😀'.repeat(20_000)}`],
    ['three bytes each', '漢'.repeat(50_000)],
    [
      'a pair and an odd half at the end of a piece',
      `${'a'.repeat(16_382)}😀\udc00`,
    ],
    ['an odd half at the end of a piece', `${'a'.repeat(16_384)}\udc00`],
  ])('quotes %s', (_, text) => {
    expect(quoted(text) === JSON.stringify(text)).toBe(true);
  });

  it.each(['"', '\n', '\u0000', '\u007f', 'é', '漢', '😀', '\ud800', '\udc00'])(
    'finds %j at every place of a text of every length',
    (odd) => {
      for (let length = 0; length < 50; length++) {
        for (let place = 0; place <= length; place++) {
          const before = 'a'.repeat(place);
          const text = before + odd + 'b'.repeat(length - place);
          expect(quoted(text)).toBe(JSON.stringify(text));
        }
      }
    },
  );

  it('tells every unit from every other', () => {
    for (let unit = 0; unit <= 0xffff; unit += 64) {
      const units = Array.from({ length: 64 }, (_, index) => unit + index);
      const text = String.fromCharCode(...units);
      expect(quoted(text)).toBe(JSON.stringify(text));
      const apart = units.map((one) => String.fromCharCode(one)).join('-');
      expect(quoted(apart)).toBe(JSON.stringify(apart));
    }
  });

  it('reads nothing of the text before', () => {
    quoted('"'.repeat(100));
    for (let length = 0; length < 50; length++) {
      const text = 'a'.repeat(length);
      expect(quoted(text)).toBe(JSON.stringify(text));
    }
  });

  it('takes more parts than its memory holds', () => {
    const texts = Array.from({ length: 5_000 }, (_, i) =>
      '漢\u0001'.repeat(i % 60),
    );
    const parts = texts.flatMap((text, i) => [
      i ? ',' : '[',
      TEXT_FOLLOWS,
      text,
    ]);
    const json = new JsonParts([...parts, ']']);
    expect(encoded(json) === JSON.stringify(texts)).toBe(true);
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

describe('the quoter of a process', () => {
  afterEach(() => {
    vi.unstubAllGlobals();
    vi.resetModules();
  });

  it.each([
    ['no WebAssembly', undefined],
    ['nothing that it may run', { Memory: WebAssembly.Memory }],
  ])('works where there is %s', async (_, webAssembly) => {
    vi.stubGlobal('WebAssembly', webAssembly);
    vi.resetModules();
    const wire = await import('../../lib/wire/index.js');
    const text = '"漢\u0001😀\ud800';
    const received: string[] = [];
    new wire.JsonEncoder().encode(
      new wire.JsonParts([wire.TEXT_FOLLOWS, text]),
      {
        append: (memory, bytes) =>
          received.push(memory.toString('utf8', 0, bytes)),
      },
    );
    expect(received.join('')).toBe(JSON.stringify(text));
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
