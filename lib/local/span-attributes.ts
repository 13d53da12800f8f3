/**
 * From OTLP attribute lists to plain values, as the Langfuse worker does it,
 * and the few ways in which it then looks attributes up.
 */
import type { OtlpAnyValue, OtlpKeyValue } from './otlp-messages.js';

/** What the worker makes of an attribute's value. */
export type AttributeValue =
  string | number | boolean | null | readonly AttributeValue[];

/** Attributes by key; of a key that comes twice the last one counts. */
export type Attributes = ReadonlyMap<string, AttributeValue>;

/**
 * Plain values of an attribute list. An attribute without a value is left out:
 * a request that holds one never comes this far.
 */
export function toAttributes(
  list: readonly OtlpKeyValue[] | undefined,
): Attributes {
  const attributes = new Map<string, AttributeValue>();
  for (const { key = '', value } of list ?? []) {
    if (value !== undefined) {
      attributes.set(key, plainValue(value));
    }
  }
  return attributes;
}

/**
 * The key of the first attribute that has no value at all. OTLP allows it, the
 * server answers 200, and its worker then throws on it.
 */
export function keyWithoutValue(
  list: readonly OtlpKeyValue[] | undefined,
): string | undefined {
  const entry = list?.find(({ value }) => value === undefined);
  return entry && (entry.key ?? '');
}

/** The first value that is not null, in order of the keys. */
export function firstPresent(
  attributes: Attributes,
  ...keys: string[]
): AttributeValue {
  for (const key of keys) {
    const value = attributes.get(key);
    if (value !== undefined && value !== null) {
      return value;
    }
  }
  return null;
}

/** The first value that is neither null, '', 0 nor false. */
export function firstTruthy(
  attributes: Attributes,
  ...keys: string[]
): AttributeValue {
  for (const key of keys) {
    const value = attributes.get(key);
    if (value) {
      return value;
    }
  }
  return null;
}

/** Strings verbatim, anything else as JSON, null as null. */
export function asText(value: AttributeValue): string | null {
  return value === null || typeof value === 'string'
    ? value
    : JSON.stringify(value);
}

/** True for `true` and for `"true"`. */
export function asFlag(value: AttributeValue): boolean {
  return value === true || value === 'true';
}

/**
 * Empty lists, maps, bytes and values that say nothing become the JSON of
 * their own wrapper: so the server stores them.
 */
function plainValue(value: OtlpAnyValue): AttributeValue {
  if (value.stringValue !== undefined) {
    return value.stringValue;
  }
  if (value.doubleValue !== undefined) {
    // Between its web and worker processes the server keeps requests as JSON,
    // which has no NaN and no infinity.
    return Number.isFinite(value.doubleValue) ? value.doubleValue : null;
  }
  if (value.boolValue !== undefined) {
    return value.boolValue;
  }
  if (value.arrayValue?.values !== undefined) {
    return value.arrayValue.values.map(plainValue);
  }
  if (value.intValue !== undefined) {
    return Number(value.intValue);
  }
  return JSON.stringify(value);
}
