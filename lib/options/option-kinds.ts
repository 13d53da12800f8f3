/** The kinds of options that the table is built from. */
import { describeType, describeValue } from './describe-value.js';
import { accept, refuse } from './option-row.js';
import type { OptionRow, PlatformVariables } from './option-row.js';

/** The longest delay that a Node.js timer keeps; a longer one fires at once. */
export const LONGEST_TIMER_MS = 2_147_483_647;

const DECIMAL = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)$/;

const FLAG_TEXTS: ReadonlyMap<string, boolean> = new Map([
  ...['true', '1', 'yes', 'on'].map((word) => [word, true] as const),
  ...['false', '0', 'no', 'off'].map((word) => [word, false] as const),
]);

/** A text without a default. */
export function text(row: {
  readonly env: readonly string[];
  readonly platform?: PlatformVariables;
  readonly pattern: RegExp;
  readonly expects: string;
  readonly example: string;
  /** How messages name a bad value. By content unless told otherwise. */
  readonly describe?: (value: unknown) => string;
}): OptionRow<string, undefined> {
  const { pattern, expects, example, describe = describeValue } = row;
  return {
    env: row.env,
    platform: row.platform,
    default: undefined,
    example,
    expects,
    parse: (given) => given,
    check: (value) =>
      typeof value === 'string' && pattern.test(value)
        ? accept(value)
        : refuse(`${describe(value)} is not ${expects}`),
  };
}

/** A whole number. */
export function integer(row: {
  readonly env?: readonly string[];
  readonly default: number;
  readonly min: number;
  readonly max?: number;
  readonly unit?: OptionRow<number>['unit'];
}): OptionRow<number, number> {
  const { env = [], min, max = Number.MAX_SAFE_INTEGER, unit } = row;
  const expects =
    row.max === undefined
      ? `an integer of at least ${min}`
      : `an integer from ${min} to ${max}`;
  return {
    env,
    default: row.default,
    example: row.default,
    unit,
    expects,
    parse: parseNumber,
    check: (value) =>
      Number.isInteger(value) && inRange(value, min, max)
        ? accept(value)
        : refuse(`${describeValue(value)} is not ${expects}`),
  };
}

/** A whole number without a default. */
export function optionalInteger(row: {
  readonly env: readonly string[];
  readonly example: number;
  readonly min: number;
  readonly max: number;
  readonly unit: OptionRow<number>['unit'];
}): OptionRow<number, undefined> {
  const { example, ...rest } = row;
  return { ...integer({ ...rest, default: example }), default: undefined };
}

/** A time in seconds above 0 that a timer can keep; fractions are allowed. */
export function seconds(row: {
  readonly env: readonly string[];
  readonly default: number;
}): OptionRow<number, number> {
  const max = Math.floor(LONGEST_TIMER_MS / 1000);
  const expects = `a number of seconds above 0, at most ${max}`;
  return {
    ...row,
    example: row.default,
    unit: 'seconds',
    expects,
    parse: parseNumber,
    check: (value) =>
      inRange(value, Number.MIN_VALUE, max)
        ? accept(value)
        : refuse(`${describeValue(value)} is not ${expects}`),
  };
}

/** A share from 0 to 1. */
export function ratio(row: {
  readonly env: readonly string[];
  readonly default: number;
}): OptionRow<number, number> {
  const expects = 'a number from 0 to 1';
  return {
    ...row,
    example: row.default,
    expects,
    parse: parseNumber,
    check: (value) =>
      inRange(value, 0, 1)
        ? accept(value)
        : refuse(`${describeValue(value)} is not ${expects}`),
  };
}

/** True or false; in variables also 1/0, yes/no and on/off, in any case. */
export function flag(row: {
  readonly env: readonly string[];
  readonly default: boolean;
}): OptionRow<boolean, boolean> {
  const expects = 'true or false';
  return {
    ...row,
    example: row.default,
    expects,
    parse: (given) => FLAG_TEXTS.get(given.toLowerCase()) ?? given,
    check: (value) =>
      typeof value === 'boolean'
        ? accept(value)
        : refuse(`${describeValue(value)} is not ${expects}`),
  };
}

/** One of a few words; the first one is the default. */
export function oneOf<const T extends string>(
  words: readonly [T, ...T[]],
  env: readonly string[] = [],
): OptionRow<T, T> {
  const expects = words.map((word) => `"${word}"`).join(' or ');
  return {
    env,
    default: words[0],
    example: words[0],
    expects,
    parse: (given) => given,
    check: (value) => {
      const word = words.find((candidate) => candidate === value);
      return word === undefined
        ? refuse(`${describeValue(value)} is not ${expects}`)
        : accept(word);
    },
  };
}

/** One of a few words, without a default; messages name the first one. */
export function optionalOneOf<const T extends string>(
  words: readonly [T, ...T[]],
  env: readonly string[],
): OptionRow<T, undefined> {
  return { ...oneOf(words, env), default: undefined };
}

/** A function of the application; it has no variable. */
export function callback<F extends (...args: never[]) => unknown>(row: {
  readonly expects: string;
  readonly example: F;
  /** How to write one, for messages. */
  readonly fix: string;
}): OptionRow<F, undefined> {
  const { expects, example, fix } = row;
  return {
    env: [],
    default: undefined,
    example,
    expects,
    parse: (given) => given,
    check: (value) =>
      isFunction<F>(value)
        ? accept(value)
        : refuse(`${describeType(value)} is not ${expects}`, fix),
  };
}

/** What it takes and returns shows only when it is called. */
function isFunction<F>(value: unknown): value is F {
  return typeof value === 'function';
}

function parseNumber(given: string): number | string {
  return DECIMAL.test(given) ? Number(given) : given;
}

function inRange(value: unknown, min: number, max: number): value is number {
  return typeof value === 'number' && value >= min && value <= max;
}
