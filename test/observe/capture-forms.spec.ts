import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { Capture } from '../../lib/observe/capture/index.js';

const newCapture = () => new Capture({ maxValueBytes: 1024 * 1024 });
const captured = (value: unknown) => newCapture().text(value);
const parsed = (value: unknown): unknown => JSON.parse(captured(value)!);

describe('other forms', () => {
  it.each<[string, unknown, unknown]>([
    [
      'Map with string keys',
      new Map([
        ['a', 1n],
        ['__proto__', 2n],
      ]),
      JSON.parse('{"a":"1n","__proto__":"2n"}'),
    ],
    [
      'Map with other keys',
      new Map<unknown, unknown>([
        ['a', 1],
        [{ k: 1 }, [2]],
      ]),
      [
        ['a', 1],
        [{ k: 1 }, [2]],
      ],
    ],
    ['empty Map', new Map(), {}],
    [
      'Map that holds toJSON',
      new Map([['toJSON', () => 'x']]),
      { toJSON: '[Function anonymous]' },
    ],
    ['Set', new Set(['a', { b: new Set([1]) }]), ['a', { b: [1] }]],
    ['RegExp', /a"b/gi, '/a"b/gi'],
    ['URL', new URL('http://host/path?q=1'), 'http://host/path?q=1'],
    ['boxed string', Object('text'), 'text'],
    ['boxed number', Object(5), 5],
    ['boxed boolean', Object(false), false],
    [
      'Buffer',
      Buffer.from('hello'),
      { type: 'Buffer', bytes: 5, base64: 'aGVsbG8=' },
    ],
    [
      'typed array',
      new Uint16Array([1, 2]).subarray(1),
      { type: 'Uint16Array', bytes: 2, base64: 'AgA=' },
    ],
    [
      'ArrayBuffer',
      new Uint8Array([255]).buffer,
      { type: 'ArrayBuffer', bytes: 1, base64: '/w==' },
    ],
    [
      'SharedArrayBuffer',
      new SharedArrayBuffer(1),
      { type: 'SharedArrayBuffer', bytes: 1, base64: 'AA==' },
    ],
    [
      'DataView',
      new DataView(new ArrayBuffer(3), 1),
      { type: 'DataView', bytes: 2, base64: 'AAA=' },
    ],
    ['Date in a Set', new Set([new Date(0)]), ['1970-01-01T00:00:00.000Z']],
    [
      'class instance beside a mark',
      [1n, new Invoice()],
      ['1n', { id: 7, lines: [] }],
    ],
    ['toJSON that returns itself', [1n, new Itself()], ['1n', { a: 1 }]],
    [
      'toJSON that returns a Map',
      { toJSON: () => new Map([['a', 1]]) },
      { a: 1 },
    ],
    [
      'toJSON that is no function',
      { toJSON: 5, big: 1n },
      { toJSON: 5, big: '1n' },
    ],
    ['Headers', { h: new Headers() }, { h: '[Headers]' }],
  ])('%s', (_name, value, expected) => {
    expect(parsed(value)).toEqual(expected);
  });

  it('shows at most 768 bytes of a Buffer', () => {
    const bytes = Buffer.alloc(100_000, 'ab');
    const capture = newCapture();
    expect(JSON.parse(capture.text({ bytes })!)).toEqual({
      bytes: {
        type: 'Buffer',
        bytes: 100_000,
        base64: bytes.subarray(0, 768).toString('base64'),
      },
    });
    expect(capture.marks).toBe(1);
  });

  it('shows errors with cause, errors and own fields', () => {
    const cause = Object.assign(new TypeError('inner'), { code: 'E1' });
    const error = Object.assign(
      new AggregateError([new Error('one'), 'two'], 'outer', { cause }),
      { status: 500, message: 'changed' },
    );
    expect(parsed({ error })).toEqual({
      error: {
        name: 'AggregateError',
        message: 'changed',
        stack: error.stack,
        cause: {
          name: 'TypeError',
          message: 'inner',
          stack: cause.stack,
          code: 'E1',
        },
        errors: [
          { name: 'Error', message: 'one', stack: expect.any(String) },
          'two',
        ],
        status: 500,
      },
    });
  });

  it('shows errors of another realm, without a stack, half broken', () => {
    expect(parsed(runInNewContext('new RangeError("far")'))).toMatchObject({
      name: 'RangeError',
      message: 'far',
    });
    const error = new DOMException('gone', 'AbortError');
    expect(parsed(error)).toMatchObject({
      name: 'AbortError',
      message: 'gone',
    });
    const broken = new Error('fine');
    Object.defineProperty(broken, 'stack', { get: () => fail('no stack') });
    expect(parsed(broken)).toEqual({
      name: 'Error',
      message: 'fine',
      stack: '[Threw: no stack]',
    });
  });

  it('shows errors that inherit in the old style', () => {
    const error = Object.create(Error.prototype, {
      message: { value: 'old' },
    }) as Error;
    expect(parsed({ error })).toEqual({
      error: { name: 'Error', message: 'old' },
    });
  });

  it('marks what toJSON returns, also where it is hidden', () => {
    const hidden = Object.defineProperty({ a: 1 }, 'toJSON', {
      value: () => ({ ratio: Infinity }),
    });
    expect(captured(hidden)).toBe('{"ratio":"Infinity"}');
  });

  it('prefers toJSON of an error, which may hide something', () => {
    const error = Object.assign(new Error('x'), {
      secret: 1,
      toJSON: () => ({ message: 'short' }),
    });
    expect(parsed(error)).toEqual({ message: 'short' });
  });
});

class Invoice {
  id = 7;
  lines = [];
  total() {
    return 0;
  }
}

class Itself {
  a = 1;
  toJSON() {
    return this;
  }
}

function fail(message: string): never {
  throw new Error(message);
}
