/** Values that are far larger than anybody should record. */

const DEPTH = 20_000;
const KEYS = 200_000;

/** Each giant by its name. Strings are made once: they cannot be changed. */
export const giants: Readonly<Record<string, () => unknown>> = {
  'objects nested 20,000 deep': () => nested((inner) => ({ inner })),
  'lists nested 20,000 deep': () => nested((inner) => [inner]),
  'Maps nested 20,000 deep': () => nested((inner) => new Map([['x', inner]])),
  'toJSON nested 20,000 deep': () => nested((x) => ({ toJSON: () => ({ x }) })),
  'causes of an Error, 20,000 deep': () =>
    nested((cause) => new Error('failed', { cause })),
  '200,000 keys': () => Object.fromEntries(entries()),
  'a Map of 200,000': () => new Map(entries()),
  'a Set of 200,000': () => new Set(entries().map(([key]) => key)),
  'a list of 200,000': () => entries(),
  'a sparse list of 2^32 - 1': () => {
    const sparse: unknown[] = [1];
    sparse.length = 2 ** 32 - 1;
    return sparse;
  },
  '100 MB of text': () => hugeText,
  '100 MB of text in an object': () => ({ text: hugeText }),
  '100 MB of text as error message': () => new Error(hugeText),
  'a key of 1 MB': () => ({ [longKey]: 1, short: 2 }),
  '10,000 keys of 1 KB': () =>
    Object.fromEntries(
      Array.from({ length: 10_000 }, (_, n) => [`${n}`.padEnd(1_000), n]),
    ),
  '50 MB of bytes': () => bytes,
  '50 MB of numbers': () => new Float64Array(bytes.buffer, 0, 6_250_000),
  'an integer of 1,000,000 bits': () => 1n << 1_000_000n,
  'an object reached by 2^40 paths': () => {
    let value: unknown = {};
    for (let level = 0; level < 40; level++) value = [value, value];
    return value;
  },
};

const longKey = 'k'.repeat(1_000_000);
const hugeText = Buffer.alloc(100_000_000, 'x').toString('latin1');
const bytes = new Uint8Array(50_000_000);

function nested(around: (inner: unknown) => unknown): unknown {
  let value: unknown = 'core';
  for (let level = 0; level < DEPTH; level++) value = around(value);
  return value;
}

function entries(): [string, number][] {
  return Array.from({ length: KEYS }, (_, index) => [`key ${index}`, index]);
}

/**
 * The value as it is seen through Proxies that report each of its members that
 * is read; what is inside is seen through one, too.
 */
export function watched(value: unknown, onRead: () => void): unknown {
  if (typeof value !== 'object' || value === null) return value;
  return new Proxy(value, {
    get(target, key) {
      const member: unknown = Reflect.get(target, key);
      // What is asked of each object, and is none of its data.
      if (!Object.hasOwn(target, key) || key === 'length') return member;
      onRead();
      return watched(member, onRead);
    },
  });
}
