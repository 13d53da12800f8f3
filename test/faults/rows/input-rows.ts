/** Values that an application may pass, each beside a sound one. */
import type { Row } from '../row.js';
import type { Stage } from '../stage.js';

function circular(): object {
  const value: Record<string, unknown> = {};
  value['self'] = value;
  return value;
}

function deep(levels: number): unknown {
  let value: unknown = 'bottom';
  for (let i = 0; i < levels; i++) value = { value };
  return value;
}

function revoked(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

const trap = (): never => {
  throw new Error('trapped');
};

/** Each is made when it is needed, since some are large. */
const HOSTILE: Readonly<Record<string, () => unknown>> = {
  circular,
  bigint: () => 10n,
  'throwing getter': () =>
    Object.defineProperty({}, 'x', { enumerable: true, get: trap }),
  'throwing toJSON': () => ({ toJSON: trap }),
  'undefined toJSON': () => ({ toJSON: () => undefined }),
  'revoked proxy': revoked,
  'trapping proxy': () =>
    new Proxy({}, { get: trap, ownKeys: trap, getPrototypeOf: trap }),
  numbers: () => [NaN, Infinity, -Infinity, -0],
  symbols: () => ({ [Symbol('key')]: Symbol('value'), value: Symbol('value') }),
  functions: () => [trap, Map, () => 1],
  bytes: () => [Buffer.alloc(10_000), new Float64Array(3), new ArrayBuffer(8)],
  dates: () => [new Date(0), new Date(NaN)],
  collections: () => [new Map([[{}, 1]]), new Set([1]), new WeakMap()],
  errors: () => new AggregateError([new Error('a', { cause: circular() })]),
  promise: () => Promise.resolve(1),
  sparse: () => Object.assign([], { length: 4_000_000_000 }),
  'null prototype': () =>
    Object.assign(Object.create(null) as object, { a: 1 }),
  prototypes: () =>
    JSON.parse('{"__proto__":{"polluted":1},"constructor":1}') as unknown,
  'lone surrogates': () => ['\ud800', '\udfff\ud800', { '\udc00': 1 }],
  control: () => '\u0000\u0001\u2028',
  deep: () => deep(20_000),
  'many keys': () =>
    Object.fromEntries(
      Array.from({ length: 200_000 }, (_, i) => [`key ${i}`, i]),
    ),
  'long string': () => 'x'.repeat(100_000_000),
  'many attributes': () =>
    Array.from({ length: 10_000 }, (_, i) => ({ [`${i}`]: i })),
};

function checkSiblings(s: Stage): void {
  const received = s.server.exports.flatMap(({ records }) => records);
  for (const name of Object.keys(HOSTILE)) {
    const text = received.find((record) => record.name === name)?.text ?? '';
    let sibling: unknown;
    try {
      ({ sibling } = JSON.parse(text) as { sibling: unknown });
    } catch {
      s.check(false, `${name}: no JSON arrived: ${text.slice(0, 100)}`);
    }
    s.check(sibling === 'intact', `${name}: its sibling is lost`);
  }
}

export const inputRows: readonly Row[] = [
  {
    id: '46',
    alone: true,
    fault: `hostile values: ${Object.keys(HOSTILE).length} kinds, each among sound ones`,
    run: async (s) => {
      for (const [name, make] of Object.entries(HOSTILE)) {
        s.spans(1, { name, input: { hostile: make(), sibling: 'intact' } });
        s.spans(1);
      }
      await s.flushAll();
      checkSiblings(s);
      s.check(!('polluted' in {}), 'Object.prototype was touched');
    },
    expected: {},
  },
];
