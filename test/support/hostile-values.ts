/**
 * Values that break what handles them carelessly. fast-check looks into the
 * values it makes, which hostile ones do not allow: it makes functions that
 * make them.
 */
import fc from 'fast-check';
import { claimingLength, HOSTILE_KINDS } from './hostile-objects.js';

export type Make = () => unknown;

/** What ends a string early, has no UTF-8, or is written longer in JSON. */
const BAD_CHARACTERS = [
  '\ud800',
  '\udfff',
  '\udbff\udbff',
  '😀',
  'é',
  '\u2028',
  '\0',
  '\b',
  '\u007f',
  '"',
  '\\',
  '\ufeff',
  '\ufffd',
  ' ',
  '.',
];

/** Lone surrogates, control characters, quotes, and any code point. */
export const hostileText = fc.oneof(
  fc.string({ unit: fc.constantFrom(...BAD_CHARACTERS), maxLength: 12 }),
  fc.string({ unit: 'binary', maxLength: 12 }),
);

/** Keys; not `toJSON`, by which an object says itself what is shown of it. */
export const hostileKey = fc
  .oneof(
    { weight: 3, arbitrary: hostileText },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        '__proto__',
        'constructor',
        'prototype',
        'hasOwnProperty',
        'length',
        'then',
        'toString',
        'valueOf',
        '0',
        '-1',
        '…',
      ),
    },
  )
  .filter((key) => key !== 'toJSON');

/** Data of all kinds of the language, nested. */
export const weird = fc.anything({
  withBigInt: true,
  withBoxedValues: true,
  withDate: true,
  withMap: true,
  withNullPrototype: true,
  withObjectString: true,
  withSet: true,
  withSparseArray: true,
  withTypedArray: true,
  key: hostileKey,
  values: [
    fc.boolean(),
    fc.integer(),
    fc.double(),
    fc.bigInt(),
    hostileText,
    fc.constantFrom(null, undefined, Number.NaN, -0, -Infinity),
  ],
  maxDepth: 3,
  maxKeys: 4,
});

const ordinary = weird.map(
  (value): Make =>
    () =>
      value,
);

/** Objects around data that throw, lie or refer to themselves. */
const hostile = fc
  .tuple(
    fc.constantFrom(...Object.keys(HOSTILE_KINDS)),
    fc.dictionary(hostileKey, weird, { maxKeys: 3 }),
  )
  .map(
    ([kind, data]): Make =>
      () =>
        HOSTILE_KINDS[kind]!({ ...data }),
  );

// An array that claims 2 ** 40 entries uses up every bound that there is, which
// takes a thousand times as long as any other value.
const endlessList = fc.constant((): unknown => claimingLength(2 ** 40));

/** One value, harmless or not. */
export const part = fc.oneof(
  { weight: 400, arbitrary: ordinary },
  { weight: 600, arbitrary: hostile },
  { weight: 1, arbitrary: endlessList },
);

/** One value, or several in an object or a list. */
export const anyValue = fc.oneof(
  { weight: 4, arbitrary: part },
  {
    weight: 1,
    arbitrary: fc.array(part, { maxLength: 5 }).map(
      (makes): Make =>
        () =>
          makes.map((make) => make()),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.array(fc.tuple(hostileKey, part), { maxLength: 5 }).map(
      (entries): Make =>
        () =>
          Object.fromEntries(entries.map(([key, make]) => [key, make()])),
    ),
  },
);
