import type { Attributes } from '@opentelemetry/api';
import type { WireAttributes, WireAttributeValue } from '../wire/index.js';
import { threwMark } from './capture/index.js';

/** Of a list so many entries are taken. */
const MAX_ENTRIES = 10_000;

/**
 * What OpenTelemetry lets be an attribute's value, as the wire takes it: a
 * primitive, or a list of primitives of one type. Null and undefined entries of
 * a list are left out; anything else is undefined. Lists are copied, since
 * their owner goes on using them, up to the 10,000th entry.
 */
export function toWireValue(value: unknown): WireAttributeValue | undefined {
  if (isPrimitive(value)) return value;
  try {
    return Array.isArray(value) ? toWireList(value) : undefined;
  } catch {
    // A Proxy, or a getter in the place of an entry.
    return undefined;
  }
}

function toWireList(list: readonly unknown[]): WireAttributeValue | undefined {
  const entries: unknown[] = [];
  const length = Math.min(list.length, MAX_ENTRIES);
  for (let index = 0; index < length; index++) {
    const entry = list[index];
    if (entry === null || entry === undefined) continue;
    if (!isPrimitive(entry) || typeof entry !== typeof (entries[0] ?? entry)) {
      return undefined;
    }
    entries.push(entry);
  }
  return entries as unknown as WireAttributeValue;
}

/** All that can be read; where a getter throws, a text that says so. */
export function* attributeEntries(given: unknown): Iterable<[string, unknown]> {
  if (typeof given !== 'object' || given === null) return;
  for (const key of keysOf(given)) yield [key, readOrMark(given, key)];
}

/**
 * The first `limit` valid attributes, shortened by `fit`, and how many there
 * were beyond.
 */
export function toWireAttributes(
  given: Attributes | undefined,
  limit: number,
  fit: (value: WireAttributeValue) => WireAttributeValue,
): { attributes: WireAttributes; dropped: number } {
  const attributes = new Map<string, WireAttributeValue>();
  let dropped = 0;
  for (const [key, value] of attributeEntries(given)) {
    const wireValue = toWireValue(value);
    if (key === '' || wireValue === undefined) continue;
    if (attributes.size < limit) attributes.set(key, fit(wireValue));
    else dropped += 1;
  }
  return { attributes, dropped };
}

/** None of a Proxy that does not tell. */
function keysOf(given: object): readonly string[] {
  try {
    return Object.keys(given);
  } catch {
    return [];
  }
}

function readOrMark(given: object, key: string): unknown {
  try {
    return (given as Readonly<Record<string, unknown>>)[key];
  } catch (error) {
    return threwMark(error);
  }
}

function isPrimitive(value: unknown): value is string | number | boolean {
  return (
    typeof value === 'string' ||
    typeof value === 'number' ||
    typeof value === 'boolean'
  );
}
