import { describe, expect, it } from 'vitest';
import { resolveOptions } from '../../lib/options/index.js';
import type { OptionName, Tracing } from '../../lib/options/index.js';
import { linesOf, untyped } from './refusal.js';

type Rules = Record<
  Exclude<
    OptionName,
    | 'publicKey'
    | 'secretKey'
    | 'enabled'
    | 'credentials'
    | 'shouldExportSpan'
    | 'mask'
    | 'requestAttributes'
    | 'ignoreRoutes'
    | 'baggageHosts'
    | 'trustIncomingBaggage'
    | 'registerGlobally'
    | 'metrics'
    | 'debug'
    | 'verifyOnBoot'
    | `spool${string}`
  >,
  { readonly accepts: readonly unknown[]; readonly refuses: readonly unknown[] }
>;

const TIMER = { accepts: [1, 2_147_483_647], refuses: [0, 0.5, 2_147_483_648] };
const SECONDS = {
  accepts: [1e-6, 0.5, 60, 2_147_483],
  refuses: [0, -1, 2_147_484],
};
const BYTES = {
  accepts: [1024, 3_000_000],
  refuses: [0, 1023, 2000.5, Number.MAX_VALUE],
};

const RULES: Rules = {
  baseUrl: {
    accepts: ['https://langfuse.example', 'http://[::1]:3000/a/b'],
    refuses: [
      '',
      'langfuse.example',
      'localhost:3000',
      'ftp://langfuse.example',
      'https://',
      'https://user@langfuse.example',
      'https://langfuse.example/?a=1',
      'https://langfuse.example/#a',
      new URL('https://langfuse.example'),
    ],
  },
  environment: {
    accepts: ['production', 'pr-12_b', 'my-langfuse', 'x'.repeat(40)],
    refuses: ['', 'Prod', 'a b', 'a.b', 'langfuse-eval', 'x'.repeat(41), 'a\n'],
  },
  release: { accepts: ['1.0.0', 'main @ 4ac'], refuses: ['', ' '] },
  sampleRate: { accepts: [0, 1e-9, 0.5, 1], refuses: [-0.1, 1.01, '', '0.5'] },
  flushAt: { accepts: [1, 100_000], refuses: [0, -1, 1.5, 100_001] },
  flushInterval: SECONDS,
  timeout: SECONDS,
  maxBatchBytes: BYTES,
  maxQueueSize: { accepts: [1, 1e9], refuses: [0, 0.5] },
  maxQueueBytes: BYTES,
  maxOpenObservations: { accepts: [1, 1e9], refuses: [0, 0.5] },
  maxOpenBytes: BYTES,
  maxOpenAgeMs: TIMER,
  maxConcurrency: { accepts: [1, 1000], refuses: [0, 1.5, 1001] },
  flushTimeoutMs: TIMER,
  shutdownTimeoutMs: TIMER,
  maxValueBytes: BYTES,
  exportMode: {
    accepts: ['batched', 'immediate'],
    refuses: ['batch', '', true, null],
  },
  overflow: {
    accepts: ['drop-oldest', 'drop-newest'],
    refuses: ['block', '', false, null],
  },
  compression: { accepts: ['gzip', 'none'], refuses: ['', 'GZIP', 'br'] },
  spanProcessor: {
    accepts: [{ forceFlush: async () => {}, shutdown: async () => {} }],
    refuses: [{}, 'processor', null, { forceFlush: async () => {} }],
  },
  additionalHeaders: {
    accepts: [{}, { 'X-Team': 'search', 'cf-access': 'é\t~' }, { a: '' }],
    refuses: [
      { 'x y': 'a' },
      { '': 'a' },
      { 'x:': 'a' },
      { a: 'line\nbreak' },
      { a: '雪' },
      { a: 1 },
      { a: undefined },
      { a: ['b'] },
      { a: '1', A: '2' },
      new Headers({ a: 'b' }),
      new Map([['a', 'b']]),
      ...[
        'Authorization',
        'content-type',
        'Content-Encoding',
        'content-length',
        'Transfer-Encoding',
        'host',
      ].map((name) => ({ [name]: 'a' })),
    ],
  },
};

const keysOf = () => ({ publicKey: 'pk-lf-1', secretKey: 'sk-lf-1' });

const WRONG_TYPES = [null, Number.NaN, Infinity, 5n, Symbol('a'), [], () => 5];

describe.each(Object.entries(RULES))('%s', (name, { accepts, refuses }) => {
  it.each(accepts.map((value) => [value]))('accepts %j', (value) => {
    const resolved = resolveOptions(untyped({ [name]: value }), {});
    expect(resolved).toHaveProperty(name, value);
  });

  it.each(
    [...refuses, ...WRONG_TYPES, true].map((value) => [String(value), value]),
  )('refuses %s', (_, value) => {
    const lines = linesOf({ [name]: value });
    expect(lines).toEqual([
      expect.stringMatching(new RegExp(`^${name}: .+; .+\\.$`)),
    ]);
  });
});

describe.each(['shouldExportSpan', 'mask', 'requestAttributes'])(
  '%s',
  (name) => {
    it('accepts a function', () => {
      const value = () => true;
      const resolved = resolveOptions(untyped({ [name]: value }), {});
      expect(resolved).toHaveProperty(name, value);
    });

    it.each(
      ['data', {}, true, 1, null, ['a']].map((value) => [String(value), value]),
    )('refuses %s', (_, value) => {
      expect(linesOf({ [name]: value })).toEqual([
        expect.stringMatching(
          new RegExp(
            `^${name}: .+ is not a function that .+; pass e\\.g\\. .+ => `,
          ),
        ),
      ]);
    });
  },
);

describe('keys', () => {
  it.each([
    ['publicKey', 'sk-lf-1'],
    ['publicKey', 'pk:lf'],
    ['publicKey', 'pk-lf-1\n'],
    ['secretKey', 'pk-lf-1'],
    ['secretKey', 'sk lf'],
    ['secretKey', 'sk-lf-é'],
  ])('refuse what cannot be one: %s %j', (name, value) => {
    expect(linesOf({ [name]: value })).toEqual([
      expect.stringMatching(new RegExp(`^${name}: a string is not a .* key`)),
    ]);
  });

  it.each(WRONG_TYPES.map((value) => [String(value), value]))(
    'refuse %s',
    (_, value) => {
      expect(linesOf({ publicKey: value, secretKey: value })).toHaveLength(2);
    },
  );

  it('may have a form of the operator’s own', () => {
    const keys = { publicKey: 'local', secretKey: 'a:b/c=' };
    expect(resolveOptions(keys, {}).tracing).toEqual({
      on: true,
      credentials: keys,
    });
  });
});

describe('credentials', () => {
  it('are a function that takes the place of the keys', () => {
    const env = { LANGFUSE_PUBLIC_KEY: 'pk-lf-2', LANGFUSE_SECRET_KEY: 'sk-2' };
    const on = { on: true, credentials: keysOf };
    expect(resolveOptions({ credentials: keysOf }, {}).tracing).toEqual(on);
    expect(resolveOptions({ credentials: keysOf }, env).tracing).toEqual(on);
  });

  it.each([null, 'sk-lf-hunter', keysOf(), []])('refuse %j', (value) => {
    expect(linesOf({ credentials: value })).toEqual([
      expect.stringMatching(
        /^credentials: (null|an? \w+) is not a function that returns publicKey and secretKey; pass e\.g\. /,
      ),
    ]);
  });

  it('refuse keys besides them', () => {
    const given = { credentials: keysOf, publicKey: 'pk-lf-1' };
    expect(linesOf(given)).toEqual([
      'publicKey: it is given besides credentials; leave out one of them.',
    ]);
  });
});

function tracingFor(text: string): Tracing {
  return resolveOptions({}, { LANGFUSE_TRACING_ENABLED: text }).tracing;
}

describe('enabled', () => {
  it.each(['true', 'TRUE', '1', 'yes', 'Yes', 'on', ' On '])(
    'is true for the variable %j',
    (text) =>
      expect(tracingFor(text)).toMatchObject({ reason: 'missing-keys' }),
  );

  it.each(['false', 'False', '0', 'no', 'NO', 'off'])(
    'is false for the variable %j',
    (text) => expect(tracingFor(text)).toMatchObject({ reason: 'disabled' }),
  );

  it.each(
    [...WRONG_TYPES, 'true', 1, 0].map((value) => [String(value), value]),
  )('refuses %s', (_, value) =>
    expect(linesOf({ enabled: value })).toHaveLength(1),
  );

  it('refuses another text in the variable', () => {
    expect(linesOf({}, { LANGFUSE_TRACING_ENABLED: 'enable' })).toEqual([
      'enabled (LANGFUSE_TRACING_ENABLED): "enable" is not true or false; e.g. true.',
    ]);
  });
});

describe('numbers in variables', () => {
  it.each([
    ['10', 10],
    ['+10', 10],
    ['010', 10],
    [' 10 ', 10],
  ])('read %j', (text, value) => {
    const resolved = resolveOptions({}, { LANGFUSE_FLUSH_AT: text });
    expect(resolved.flushAt).toBe(value);
  });

  it.each(['.5', '0.5', '+0.50'])('read the fraction %j', (text) => {
    const resolved = resolveOptions({}, { LANGFUSE_TIMEOUT: text });
    expect(resolved.timeout).toBe(0.5);
  });

  it.each([
    '5s',
    '1_000',
    '1,5',
    '0x10',
    '1e3',
    'Infinity',
    'NaN',
    'null',
    '-',
  ])('refuse %j', (text) => {
    const env = { LANGFUSE_FLUSH_AT: text, LANGFUSE_TIMEOUT: text };
    expect(linesOf({}, env)).toHaveLength(2);
  });
});

describe('baseUrl', () => {
  it.each([
    ['https://langfuse.example/', 'https://langfuse.example'],
    ['https://langfuse.example:443', 'https://langfuse.example'],
    ['HTTP://Langfuse.Example:3000/a//', 'http://langfuse.example:3000/a'],
    ['https://langfuse.example/a/b/', 'https://langfuse.example/a/b'],
  ])('%s becomes %s', (given, resolved) => {
    expect(resolveOptions({ baseUrl: given }, {}).baseUrl).toBe(resolved);
  });
});

describe('additionalHeaders', () => {
  it('has a line for each bad header and names it', () => {
    const additionalHeaders = { Host: 'a', 'x y': 'b', fine: 'c', n: 1 };
    expect(linesOf({ additionalHeaders })).toEqual([
      'additionalHeaders: Host is set for each request by this package; remove it.',
      'additionalHeaders: "x y" is not a header name; use letters, digits and hyphens.',
      'additionalHeaders: the value of n is a number; pass a string.',
    ]);
  });

  it('keeps a header with the name of a property of all objects', () => {
    const headers: unknown = JSON.parse('{"__proto__":"a","constructor":"b"}');
    const given = untyped({ additionalHeaders: headers });
    const resolved = resolveOptions(given, {}).additionalHeaders;
    expect(Object.entries(resolved)).toEqual([
      ['__proto__', 'a'],
      ['constructor', 'b'],
    ]);
  });
});

describe.each([
  {
    name: 'ignoreRoutes',
    accepts: [[], ['/health', /^\/internal/], () => true],
    refuses: ['/health', /a/, [1], ['/health', undefined], {}, null, true],
  },
  {
    name: 'baggageHosts',
    accepts: [[], ['billing', 'localhost:3001', '*.example.com', '[::1]:80']],
    refuses: ['billing', ['http://billing'], ['a/b'], ['*'], [1], [undefined]],
  },
  ...[
    'trustIncomingBaggage',
    'registerGlobally',
    'metrics',
    'debug',
    'verifyOnBoot',
  ].map((name) => ({
    name,
    accepts: [true, false],
    refuses: ['true', 1, null],
  })),
])('$name', ({ name, accepts, refuses }) => {
  it.each(accepts.map((value) => [value]))('accepts %j', (value) => {
    const resolved = resolveOptions(untyped({ [name]: value }), {});
    expect(resolved).toHaveProperty(name, value);
  });

  it.each(refuses.map((value) => [value]))('refuses %j', (value) => {
    expect(linesOf({ [name]: value })).toEqual([
      expect.stringMatching(new RegExp(`^${name}: .+; .+\\.$`)),
    ]);
  });
});
