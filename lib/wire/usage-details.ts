/**
 * Usage and cost in the format that the server stores. It silently drops
 * counts that are no non-negative integers, and stores costs that are strings
 * as 0; here such values are put right, or refused by name.
 */
import { describeValue } from './describe-value.js';

/** Kinds of one object that are looked at: nobody has as many. */
const MAX_ENTRIES = 1_000;

/** What can be sent of usage or cost, and what cannot. */
export interface CheckedDetails {
  /** JSON text of an object; undefined when nothing is left of it. */
  readonly json: string | undefined;
  /** One for each refused value: `usageDetails.output: -1 is not a count`. */
  readonly refused: readonly string[];
}

/** What an entry must be. */
interface Rule {
  /** What to send of a number; undefined when it is refused. */
  readonly accept: (value: number) => number | undefined;
  /** What a refused value is not. */
  readonly noun: string;
  /** The keys of entries that are objects with entries of their own. */
  readonly nestedKeys?: RegExp;
}

const COST: Rule = {
  accept: (value) => (Number.isFinite(value) ? value : undefined),
  noun: 'a number',
};

const COUNT: Rule = {
  accept: (value) => {
    const count = Math.round(value);
    return value >= 0 && Number.isSafeInteger(count) ? count : undefined;
  },
  noun: 'a count',
};

const USAGE: Rule = { ...COUNT, nestedKeys: /_tokens_details$/ };

/**
 * Counts by kind, such as `{ input: 10, output: 5 }`, or the `usage` object of
 * an OpenAI answer with its `…_tokens_details`, which the server understands.
 * Fractions are rounded, numeric strings are converted, and null entries, of
 * which OpenAI's answers hold some, are left out.
 *
 * @see https://langfuse.com/docs/observability/features/token-and-cost-tracking
 */
export function usageDetails(value: unknown): CheckedDetails {
  return checkDetails('usageDetails', value, USAGE);
}

/**
 * US dollars by kind, such as `{ input: 0.01, output: 0.02 }`. Numeric strings
 * are converted, null entries are left out.
 *
 * @see https://langfuse.com/docs/observability/features/token-and-cost-tracking
 */
export function costDetails(value: unknown): CheckedDetails {
  return checkDetails('costDetails', value, COST);
}

function checkDetails(
  name: string,
  value: unknown,
  rule: Rule,
): CheckedDetails {
  const refused: string[] = [];
  const isGiven = value !== undefined && value !== null;
  return {
    json: isGiven ? objectJson(name, value, rule, refused) : undefined,
    refused,
  };
}

/** JSON text of what is accepted of an object; undefined if nothing is. */
function objectJson(
  path: string,
  value: unknown,
  rule: Rule,
  refused: string[],
): string | undefined {
  const keys = readKeys(value);
  if (keys === undefined) {
    refused.push(
      `${path}: ${describeValue(value)} is not an object of numbers`,
    );
    return undefined;
  }
  let members = '';
  for (const key of keys) {
    const entry = readEntry(value as object, key);
    const json = entryJson(path, key, entry, rule, refused);
    if (json === undefined) continue;
    members += `${members && ','}${JSON.stringify(key)}:${json}`;
  }
  return members === '' ? undefined : `{${members}}`;
}

function entryJson(
  path: string,
  key: string,
  entry: unknown,
  rule: Rule,
  refused: string[],
): string | undefined {
  if (entry === undefined || entry === null) return undefined;
  if (typeof entry === 'object' && rule.nestedKeys?.test(key)) {
    return objectJson(`${path}.${key}`, entry, COUNT, refused);
  }
  const accepted = rule.accept(toNumber(entry));
  if (accepted === undefined) {
    refused.push(`${path}.${key}: ${describeValue(entry)} is not ${rule.noun}`);
    return undefined;
  }
  return String(accepted);
}

/** NaN for what is neither a number nor the text of one. */
function toNumber(value: unknown): number {
  if (typeof value === 'number') return value;
  // Number('') would be 0.
  return typeof value === 'string' && value.trim() !== ''
    ? Number(value)
    : Number.NaN;
}

/**
 * Own keys of an object that is no list; undefined for anything else, and for a
 * Proxy that lets nobody look.
 */
function readKeys(value: unknown): readonly string[] | undefined {
  try {
    if (typeof value !== 'object' || value === null) return undefined;
    if (Array.isArray(value)) return undefined;
    const keys = Object.keys(value);
    return keys.length > MAX_ENTRIES ? keys.slice(0, MAX_ENTRIES) : keys;
  } catch {
    return undefined;
  }
}

/** The value, or a symbol, which no rule accepts, when its getter throws. */
function readEntry(object: object, key: string): unknown {
  try {
    return Reflect.get(object, key);
  } catch {
    return Symbol('threw an error');
  }
}
