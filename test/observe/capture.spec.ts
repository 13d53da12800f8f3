import { createSocket } from 'node:dgram';
import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { Readable } from 'node:stream';
import { runInNewContext } from 'node:vm';
import { BehaviorSubject, of } from 'rxjs';
import { describe, expect, it, vi } from 'vitest';
import { Capture } from '../../lib/observe/capture/index.js';

const newCapture = () => new Capture({ maxValueBytes: 1024 * 1024 });
const captured = (value: unknown) => newCapture().text(value);
const parsed = (value: unknown): unknown => JSON.parse(captured(value)!);

describe('plain data', () => {
  it.each([
    ['null', null],
    ['a number', 5],
    ['minus zero', -0],
    ['false', false],
    ['an empty object', {}],
    ['an empty list', []],
    ['undefined in objects and lists', { a: undefined, b: [undefined] }],
    ['holes', [1, , 3]], // oxlint-disable-line no-sparse-arrays
    ['lone surrogates', { text: 'a\ud800b', '\udc00': 1 }],
    ['control characters', ['\u0000\u001f\u2028"\\/']],
    ['keys in V8 order', { b: 1, 2: 2, a: 3, 1: 4 }],
    ['no prototype', Object.assign(Object.create(null), { a: 1 })],
    ['references that are shared', sharedReferences()],
    ['dates', { at: new Date(0), list: [new Date(1e12)] }],
    ['a class instance', new Invoice()],
    ['a class instance with toJSON', { price: new Money(5) }],
    ['an object with toJSON', { toJSON: () => ({ shown: true }) }],
    ['toJSON that returns undefined', [{ a: new Nothing() }, new Nothing()]],
    ['objects of another realm', runInNewContext('({ a: [{ b: 1 }] })')],
    ['toJSON that gets its key', { a: { toJSON: (key: string) => key } }],
  ])('is the text of JSON.stringify: %s', (_name, value: unknown) => {
    const capture = newCapture();
    expect(capture.text(value)).toBe(JSON.stringify(value));
    expect(capture.marks).toBe(0);
  });

  it('keeps a string without quotes', () => {
    expect(captured('a "quoted" text\n')).toBe('a "quoted" text\n');
    expect(captured('')).toBe('');
  });

  it('has no text for undefined', () => {
    expect(captured(undefined)).toBeUndefined();
    expect(captured(new Nothing())).toBeUndefined();
  });

  it('copies __proto__ and constructor as data', () => {
    const json =
      '{"big":"1n","__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}';
    const value = JSON.parse(json) as Record<string, unknown>;
    value.big = 1n;
    expect(captured(value)).toBe(json);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });

  it('ignores symbol keys', () => {
    expect(captured({ [Symbol('hidden')]: 1, big: 1n })).toBe('{"big":"1n"}');
  });
});

describe('marks', () => {
  it.each<[string, unknown, string]>([
    ['bigint', 10n, '10n'],
    ['NaN', NaN, 'NaN'],
    ['Infinity', Infinity, 'Infinity'],
    ['-Infinity', -Infinity, '-Infinity'],
    ['symbol', Symbol('x'), 'Symbol(x)'],
    ['function', function pay() {}, '[Function pay]'],
    [
      'function without a name',
      (
        () => () =>
          1
      )(),
      '[Function anonymous]',
    ],
    ['async method', { async run() {} }.run, '[Function run]'],
    ['method called class', { class() {} }.class, '[Function class]'],
    ['class', Invoice, '[Class Invoice]'],
    [
      'class without a name',
      (() =>
        class {
          id = 1;
        })(),
      '[Class anonymous]',
    ],
    ['invalid date', new Date(NaN), 'Invalid Date'],
    ['boxed NaN', Object(NaN), 'NaN'],
    ['boxed bigint', Object(3n), '3n'],
    ['boxed symbol', Object(Symbol('y')), 'Symbol(y)'],
    ['promise', Promise.resolve(1), '[Promise]'],
    ['WeakMap', new WeakMap(), '[WeakMap]'],
    ['WeakSet', new WeakSet(), '[WeakSet]'],
    ['WeakRef', new WeakRef({}), '[WeakRef]'],
    ['generator', numbers(), '[Generator]'],
    ['async generator', (async function* () {})(), '[AsyncGenerator]'],
    ['list iterator', [1].values(), '[Array Iterator]'],
    ['map iterator', new Map().keys(), '[Map Iterator]'],
    ['iterator of a class', new Countdown(), '[Countdown]'],
    ['Observable', of(1), '[Observable]'],
    ['Subject', new BehaviorSubject(1), '[BehaviorSubject]'],
    ['stream', Readable.from([1]), '[Readable]'],
    ['web stream', new ReadableStream(), '[ReadableStream]'],
    ['request', new IncomingMessage(new Socket()), '[IncomingMessage]'],
    ['response', newResponse(), '[ServerResponse]'],
    ['socket', new Socket(), '[Socket]'],
    ['fetch response', new Response('x'), '[Response]'],
    [
      'function that is a revoked Proxy',
      revoked(() => 1),
      '[Function anonymous]',
    ],
    [
      'revoked Proxy',
      revoked({}),
      "[Threw: Cannot perform 'IsArray' on a proxy that has been revoked]",
    ],
    ['throwing toJSON', { toJSON: () => fail('no') }, '[Threw: no]'],
    ['thrown string', { toJSON: () => raise('text') }, '[Threw: text]'],
    ['thrown null', { toJSON: () => raise(null) }, '[Threw: null]'],
    [
      'thrown symbol',
      { toJSON: () => raise(Symbol('s')) },
      '[Threw: Symbol(s)]',
    ],
    ['thrown object', { toJSON: () => raise({ code: 5 }) }, '[Threw: Object]'],
    [
      'thrown Proxy',
      { toJSON: () => raise(revoked({})) },
      '[Threw: an unreadable error]',
    ],
  ])('%s', (_name, value, mark) => {
    const capture = newCapture();
    expect(capture.text({ before: 1, value, list: [value], after: 2 })).toBe(
      JSON.stringify({ before: 1, value: mark, list: [mark], after: 2 }),
    );
    expect(capture.marks).toBe(2);
    expect(captured(value)).toBe(JSON.stringify(mark));
  });

  it('names a datagram socket', () => {
    const socket = createSocket('udp4');
    expect(captured(socket)).toBe('"[Socket]"');
    socket.close();
  });

  it('shows the path of a circular reference', () => {
    const root: Record<string, unknown> = { name: 'root' };
    const child = { root, list: [{ root }] };
    Object.assign(child, { self: child });
    root.a = { child };
    expect(parsed(root)).toEqual({
      name: 'root',
      a: {
        child: {
          root: '[Circular ~]',
          list: [{ root: '[Circular ~]' }],
          self: '[Circular ~.a.child]',
        },
      },
    });
    const list: unknown[] = [[]];
    (list[0] as unknown[]).push(list[0]);
    expect(captured(list)).toBe('[["[Circular ~.0]"]]');
  });

  it('finds a circle that goes through toJSON, a Map and an error', () => {
    const model = { toJSON: () => ({ inner: model }) };
    expect(parsed(model)).toEqual({ inner: '[Circular ~]' });
    const map = new Map<string, unknown>();
    map.set(
      'error',
      Object.assign(new Error('x', { cause: map }), { stack: '' }),
    );
    expect(parsed({ map })).toMatchObject({
      map: { error: { cause: '[Circular ~.map]' } },
    });
  });

  it('shortens endless paths and messages', () => {
    const inner: Record<string, unknown> = {};
    inner.self = inner;
    const text = captured({
      ['k'.repeat(5_000)]: inner,
      bad: { toJSON: () => fail('m'.repeat(5_000)) },
    })!;
    expect(text.length).toBeLessThan(5_600);
    expect(text).toMatch(/\[Circular ~\.k+…\]/);
    expect(text).toMatch(/\[Threw: m+…\]/);
  });

  it('costs the one key whose getter throws', () => {
    const value = {
      before: { deep: [1] },
      get broken() {
        return fail('boom');
      },
      after: 'x',
    };
    expect(parsed(value)).toEqual({
      before: { deep: [1] },
      broken: '[Threw: boom]',
      after: 'x',
    });
  });

  it('costs the one key for which a Proxy trap throws', () => {
    const data = { a: 1, b: 2, c: 3 };
    const throwing = (key: PropertyKey) => key === 'b' && fail('trap');
    const get = new Proxy(data, {
      get: (target, key) => throwing(key) || Reflect.get(target, key),
    });
    const describeTrap = new Proxy(data, {
      getOwnPropertyDescriptor: (target, key) =>
        throwing(key) || Reflect.getOwnPropertyDescriptor(target, key),
    });
    expect(parsed([get, describeTrap])).toEqual([
      { a: 1, b: '[Threw: trap]', c: 3 },
      { a: 1, b: 2, c: 3 },
    ]);
    const all = new Proxy(new Invoice(), { get: () => fail('all') });
    expect(parsed({ all, next: 1 })).toEqual({
      all: { id: '[Threw: all]', lines: '[Threw: all]' },
      next: 1,
    });
    const keys = new Proxy(data, { ownKeys: () => fail('keys') });
    expect(parsed({ keys, next: 1 })).toEqual({
      keys: '[Threw: keys]',
      next: 1,
    });
  });

  it('survives a value that changes while it is read', () => {
    let reads = 0;
    const getter = {
      get late() {
        return reads++ === 0 ? 'fine' : 5n;
      },
      next: 1,
    };
    expect(parsed(getter)).toEqual({ late: 'fine', next: 1 });
    expect(reads).toBe(1);
    // What is not plain further on has it all read again.
    reads = 0;
    expect(parsed({ getter, last: 5n })).toEqual({
      getter: { late: '5n', next: 1 },
      last: '5n',
    });
    let calls = 0;
    const proxy = new Proxy([1, 2], {
      get: (target, key) =>
        key === 'length' && calls++ > 0 ? 'text' : Reflect.get(target, key),
    });
    expect(() => parsed({ proxy })).not.toThrow();
  });
});

describe('a getter that captures another value', () => {
  const inner = { text: 'inner', list: [1, 2] };
  const outer = (capture: Capture, read: () => unknown) => ({
    before: 'outer',
    get inner() {
      return capture.text(read());
    },
    after: [3],
  });

  it('disturbs neither', () => {
    const capture = new Capture({ maxValueBytes: 1_000 });
    const text = capture.text(outer(capture, () => inner));
    expect(JSON.parse(text!)).toEqual({
      before: 'outer',
      inner: JSON.stringify(inner),
      after: [3],
    });
  });

  it('disturbs neither when that one is not plain, or throws half-way', () => {
    const capture = new Capture({ maxValueBytes: 1_000 });
    const hostile = {
      ...inner,
      get broken() {
        throw new Error('no');
      },
    };
    const text = capture.text(outer(capture, () => hostile));
    expect(JSON.parse(text!)).toMatchObject({ before: 'outer', after: [3] });
    expect(capture.text(inner)).toBe(JSON.stringify(inner));
  });
});

describe('code of the application', () => {
  it('is not run beyond getters, traps and toJSON', () => {
    const spy = vi.fn(() => 'called');
    class Wild extends Map<string, number> {
      override entries = spy as never;
      override forEach = spy as never;
      override get size(): number {
        return spy() as never;
      }
      override [Symbol.iterator] = spy as never;
      override toString = spy;
      override valueOf = spy as never;
      [Symbol.toPrimitive] = spy;
    }
    const date = Object.assign(new Date(0), {
      toISOString: spy,
      toJSON: spy,
      getTime: spy,
    });
    const thrown = Object.assign(() => 1, { toString: spy });
    const value = {
      wild: new Wild([['a', 1]]),
      date,
      bad: { toJSON: () => raise(thrown) },
      list: { [Symbol.iterator]: spy },
      set: Object.assign(new Set([1]), { values: spy, [Symbol.iterator]: spy }),
      pattern: Object.assign(/x/, { toString: spy }),
      box: Object.assign(Object('text') as object, {
        valueOf: spy,
        toString: spy,
      }),
    };
    expect(parsed(value)).toEqual({
      wild: { a: 1 },
      date: '1970-01-01T00:00:00.000Z',
      bad: '[Threw: Function]',
      list: {},
      set: [1],
      pattern: '/x/',
      box: 'text',
    });
    expect(spy).not.toHaveBeenCalled();
  });

  it.each(['toJSON', 'toISOString'])('is not run by a date: %s', (name) => {
    const spy = vi.fn(() => 'called');
    const date = Object.assign(new Date(0), { [name]: spy });
    expect(captured([date])).toBe('["1970-01-01T00:00:00.000Z"]');
    expect(spy).not.toHaveBeenCalled();
  });

  it('is not run by the length of a Proxy', () => {
    const valueOf = vi.fn(() => 1);
    const proxy = new Proxy([1], {
      get: (target, key) =>
        key === 'length' ? { valueOf } : Reflect.get(target, key),
    });
    expect(captured({ proxy, big: 1n })).toBe('{"proxy":[],"big":"1n"}');
    expect(valueOf).not.toHaveBeenCalled();
  });

  it('still owns its generators and streams', async () => {
    const generator = numbers();
    const stream = Readable.from(['a', 'b']);
    captured({ generator, stream, nested: new Set([generator]) });
    expect([...generator]).toEqual([1, 2]);
    expect(await stream.toArray()).toEqual(['a', 'b']);
  });

  it('may trace itself from a getter', () => {
    const capture = newCapture();
    const value = {
      get inner() {
        return capture.text({ deep: [1n] });
      },
      last: 2n,
    };
    expect(capture.text(value)).toBe(
      '{"inner":"{\\"deep\\":[\\"1n\\"]}","last":"2n"}',
    );
  });
});

class Invoice {
  id = 7;
  lines = [];
  total() {
    return 0;
  }
}

class Money {
  constructor(private readonly cents: number) {}
  toJSON() {
    return { amount: this.cents / 100 };
  }
}

class Nothing {
  toJSON() {
    return undefined;
  }
}

class Countdown {
  next() {
    return fail('consumed');
  }
  [Symbol.iterator]() {
    return fail('consumed');
  }
}

function* numbers() {
  yield 1;
  yield 2;
}

function sharedReferences() {
  const shared = { a: [1] };
  return { one: shared, two: shared, list: [shared, shared.a, shared.a] };
}

function newResponse() {
  return new ServerResponse(new IncomingMessage(new Socket()));
}

function revoked<T extends object>(target: T): T {
  const { proxy, revoke } = Proxy.revocable(target, {});
  revoke();
  return proxy;
}

function fail(message: string): never {
  throw new Error(message);
}

function raise(thrown: unknown): never {
  throw thrown;
}
