import { describe, expect, it } from 'vitest';
import { Capture } from '../../lib/observe/capture/index.js';
import { JsonParts } from '../../lib/wire/index.js';

const MiB = 1024 * 1024;
const bytesOf = (text: string) => Buffer.byteLength(text);

function capturedIn(maxValueBytes: number, value: unknown) {
  const capture = new Capture({ maxValueBytes });
  const text = capture.text(value)!;
  expect(bytesOf(text)).toBeLessThanOrEqual(maxValueBytes);
  return { text, marks: capture.marks };
}

function parsedIn<T>(maxValueBytes: number, value: T): T {
  return JSON.parse(capturedIn(maxValueBytes, value).text) as T;
}

describe('long strings', () => {
  it('keeps what just fits', () => {
    expect(capturedIn(100, 'x'.repeat(100))).toEqual({
      text: 'x'.repeat(100),
      marks: 0,
    });
    expect(capturedIn(100, '€'.repeat(33)).text).toBe('€'.repeat(33));
    const value = { a: 'x'.repeat(92) };
    expect(capturedIn(100, value).text).toBe(JSON.stringify(value));
  });

  it('needs no copy of plain data that just fits', () => {
    const value = { a: '€"'.repeat(18) };
    const bytes = Buffer.byteLength(JSON.stringify(value));
    const capturedWith = (maxValueBytes: number) =>
      new Capture({ maxValueBytes }).value(value);
    expect(JsonParts.is(capturedWith(bytes))).toBe(true);
    expect(JsonParts.is(capturedWith(bytes - 1))).toBe(false);
  });

  it('says what it cut', () => {
    const mark = '… [Truncated: 54 of 101 characters]';
    expect(capturedIn(92, 'x'.repeat(101))).toEqual({
      text: 'x'.repeat(54) + mark,
      marks: 1,
    });
    expect(capturedIn(100, { a: 'x'.repeat(101) })).toEqual({
      text: JSON.stringify({ a: 'x'.repeat(54) + mark }),
      marks: 1,
    });
  });

  it.each([64, 65, 66, 67, 100, 101, 102, 103])(
    'cuts between code points in %i bytes',
    (limit) => {
      const { text } = capturedIn(limit, '😀'.repeat(100));
      expect(text).toMatch(/^(😀)+… \[Truncated: \d+ of 200 characters\]$/u);
      expect(text).not.toMatch(/\p{Cs}/u);
      const inside = parsedIn(limit, ['😀'.repeat(100)])[0]!;
      expect(inside).toMatch(
        /^(😀)+…( \[Truncated: \d+ of 200 characters\])?$/u,
      );
    },
  );

  it('counts what JSON makes of a character', () => {
    for (const character of ['"', '\u0001', '\ud800', 'é', '\\', '\n']) {
      const { text } = capturedIn(200, { a: character.repeat(150), b: 1 });
      expect(JSON.parse(text)).toMatchObject({ b: 1 });
      expect(bytesOf(text)).toBeGreaterThan(190);
    }
  });

  it('cuts the longest strings first, siblings survive', () => {
    const value = {
      system: 'You are helpful.',
      messages: [
        { role: 'user', content: 'u'.repeat(3_000) },
        { role: 'assistant', content: 'a'.repeat(9_000) },
      ],
      context: 'c'.repeat(500),
      temperature: 0.5,
      model: 'm',
    };
    const parsed = parsedIn(8_000, value);
    expect(parsed).toEqual({
      ...value,
      messages: [
        value.messages[0],
        {
          role: 'assistant',
          content: expect.stringMatching(
            /^a{4000,}… \[Truncated: \d+ of 9000 characters\]$/,
          ) as string,
        },
      ],
    });
    expect(capturedIn(2_000, value).marks).toBe(2);
  });

  it('survives with marks in limits that are far too small', () => {
    const value = { a: 'x'.repeat(1_000), b: 1, c: ['€'.repeat(500)] };
    expect(parsedIn(200, value)).toMatchObject({ b: 1 });
    expect(parsedIn(31, value)).toEqual({ a: 'x…', b: 1, c: ['…'] });
    for (let limit = 5; limit < 120; limit++) {
      expect(() => parsedIn(limit, value)).not.toThrow();
      expect(capturedIn(limit, value.a).text.endsWith('x')).toBe(false);
    }
  });

  it('takes the first part of 100 MB, alone and in an object', () => {
    const huge = Buffer.alloc(100_000_000, 'x').toString('latin1');
    const mark = /^x{1048000,}… \[Truncated: \d+ of 100000000 characters\]$/;
    expect(capturedIn(MiB, huge).text).toMatch(mark);
    const { first, ...rest } = parsedIn(MiB, { first: 1, huge, last: [2] });
    expect(first).toBe(1);
    expect(rest.last).toEqual([2]);
    expect(rest.huge).toMatch(mark);
  });

  it('stops early when one long string is there a thousand times', () => {
    const long = 'x'.repeat(2 * MiB);
    const parsed = parsedIn(MiB, { list: Array(5_000).fill(long), last: 1 });
    expect(parsed.last).toBe(1);
    expect(parsed.list).toHaveLength(5_000);
    expect(new Set(parsed.list).size).toBe(1);
  });
});

describe('many bytes that are no strings', () => {
  it('leaves out the last entries of each list and object', () => {
    const value = {
      numbers: Array.from({ length: 5_000 }, (_, index) => index),
      object: Object.fromEntries(
        Array.from({ length: 500 }, (_, index) => [`key ${index}`, index]),
      ),
      last: 'x',
    };
    const parsed = parsedIn(400, value);
    expect(parsed.last).toBe('x');
    expect(parsed.numbers.slice(0, 3)).toEqual([0, 1, 2]);
    expect(parsed.numbers.at(-1)).toBe('[Truncated: 400 bytes]');
    expect(parsed.object).toMatchObject({
      'key 0': 0,
      '…': '[Truncated: 400 bytes]',
    });
  });

  it('cuts long keys and keeps them apart', () => {
    const key = 'k'.repeat(5_000);
    const value = { [`${key}1`]: 1, [`${key}2`]: 2, short: 3 };
    expect(Object.entries(parsedIn(1_000, value))).toEqual([
      [expect.stringMatching(/^k{256}… \[Truncated: key 1\]$/), 1],
      [expect.stringMatching(/^k{256}… \[Truncated: key 2\]$/), 2],
      ['short', 3],
    ]);
    expect(capturedIn(1_000, value).marks).toBe(2);
  });

  it('gives a mark when not even one entry fits', () => {
    const value = { ['k'.repeat(500)]: [1, 2, 3] };
    expect(capturedIn(30, value).text).toBe('"[Truncated: 30 bytes]"');
    expect(capturedIn(5, value).text).toBe('"…"');
  });
});

describe('depth', () => {
  const nested = (levels: number, inner: unknown = 'core') => {
    let value = inner;
    for (let level = 0; level < levels; level++) value = { next: value };
    return value;
  };

  it('keeps 64 levels and marks the next', () => {
    const capture = new Capture({ maxValueBytes: MiB });
    expect(capture.text(nested(64))).toBe(JSON.stringify(nested(64)));
    expect(capture.marks).toBe(0);
    expect(capture.text(nested(65))).toBe(
      JSON.stringify(nested(64, '[Truncated: depth 64]')),
    );
    expect(capture.marks).toBe(1);
  });

  it('survives 20,000 levels, of objects, lists and toJSON', () => {
    const cut = nested(64, '[Truncated: depth 64]');
    expect(capturedIn(MiB, nested(20_000)).text).toBe(JSON.stringify(cut));
    let list: unknown = [];
    let model: unknown = 1;
    for (let level = 0; level < 20_000; level++) {
      const inner = model;
      list = [list];
      model = { toJSON: () => ({ next: inner }) };
    }
    expect(capturedIn(MiB, list).text).toContain('[Truncated: depth 64]');
    expect(capturedIn(MiB, model).text).toBe(JSON.stringify(cut));
  });

  it('is a limit of the caller, too', () => {
    const capture = new Capture({ maxValueBytes: MiB, maxDepth: 1 });
    expect(capture.text({ a: 1, b: [], c: new Date(0) })).toBe(
      '{"a":1,"b":"[Truncated: depth 1]","c":"1970-01-01T00:00:00.000Z"}',
    );
  });
});

describe('nodes', () => {
  const mark = '[Truncated: 10000 nodes]';

  it('keeps 10,000, the outermost included', () => {
    const value = Array.from({ length: 9_999 }, (_, index) => index);
    expect(capturedIn(MiB, value)).toEqual({
      text: JSON.stringify(value),
      marks: 0,
    });
    const more = parsedIn<unknown[]>(MiB, [...value, 1]);
    expect(more.slice(0, 9_000)).toEqual(value.slice(0, 9_000));
    expect(more.at(-1)).toBe(mark);
    expect(more).toHaveLength(9_001);
  });

  it('bounds 200,000 keys and keeps their neighbours', () => {
    const wide: Record<string, number> = {};
    for (let index = 0; index < 200_000; index++) wide[`key${index}`] = index;
    const parsed = parsedIn(MiB, { wide, answer: 'text' });
    expect(parsed.answer).toBe('text');
    expect(parsed.wide).toMatchObject({ key0: 0, key8999: 8_999, '…': mark });
    expect(Object.keys(parsed.wide)).toHaveLength(9_001);
  });

  it('cuts each of several large parts, small neighbours survive', () => {
    const documents = Array.from({ length: 10 }, (_, index) => ({
      embedding: Array(1_536).fill(0.5) as unknown[],
      text: `document ${index}`,
    }));
    const parsed = parsedIn(MiB, { documents, question: 'why' });
    expect(parsed.question).toBe('why');
    expect(parsed.documents.map(({ text }) => text)).toEqual(
      documents.map(({ text }) => text),
    );
    for (const { embedding } of parsed.documents) {
      expect(embedding.length).toBeGreaterThan(250);
      expect(embedding.at(-1)).toBe(mark);
    }
  });

  it('does not walk four billion holes', () => {
    const sparse: number[] = [];
    sparse.length = 4_000_000_000;
    sparse[2] = 5;
    const parsed = parsedIn(MiB, { sparse, last: 1 });
    expect(parsed.last).toBe(1);
    expect(parsed.sparse.slice(0, 4)).toEqual([null, null, 5, null]);
    expect(parsed.sparse.at(-1)).toBe(mark);
  });

  it('bounds large Maps and Sets', () => {
    const numbers = Array.from({ length: 50_000 }, (_, index) => index);
    const value = {
      set: new Set(numbers),
      map: new Map(numbers.map((index) => [`k${index}`, index])),
      last: 1,
    };
    const parsed = JSON.parse(capturedIn(MiB, value).text) as {
      set: unknown[];
      map: Record<string, unknown>;
      last: number;
    };
    expect(parsed.last).toBe(1);
    expect(parsed.set.at(-1)).toBe(mark);
    expect(parsed.map).toMatchObject({ k0: 0, '…': mark });
  });

  it('bounds a small graph with 2 ** 60 paths', () => {
    let value: unknown = {};
    for (let level = 0; level < 60; level++) value = { a: value, b: value };
    const { text } = capturedIn(MiB, value);
    expect(text).toContain('[Truncated: depth ');
  });
});
