/**
 * From OTLP attribute lists to plain values, as the Langfuse worker does it,
 * and the few ways in which it then looks attributes up.
 */
import { listOf, member } from './json.js';

/** What the worker makes of an attribute's value. */
export type AttributeValue =
  string | number | boolean | null | readonly AttributeValue[];

/** Attributes by key; of a key that comes twice the last one counts. */
export type Attributes = ReadonlyMap<string, AttributeValue>;

/**
 * Plain values of an attribute list, whatever JSON stands in its place.
 *
 * @param onPoison - Told about each attribute on which the worker throws. Such
 * an attribute is left out.
 */
export function toAttributes(
  list: unknown,
  onPoison: (reason: string) => void,
): Attributes {
  const attributes = new Map<string, AttributeValue>();
  for (const entry of listOf(list)) {
    const key = keyText(member(entry, 'key'));
    const sent = member(entry, 'value') ?? undefined;
    const value = plainValue(sent);
    if (value !== undefined) {
      attributes.set(key, value);
    } else if (sent === undefined) {
      onPoison(`attribute "${key}" has no value`);
    } else {
      onPoison(
        `attribute "${key}" has an arrayValue that is no list of values`,
      );
    }
  }
  return attributes;
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

/** The value of the first key that was sent, whatever that value is. */
export function firstSent(
  attributes: Attributes,
  keys: readonly string[],
): AttributeValue {
  const key = keys.find((candidate) => attributes.has(candidate));
  return key === undefined ? null : (attributes.get(key) ?? null);
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

function keyText(key: unknown): string {
  return typeof key === 'string' ? key : String(JSON.stringify(key));
}

/**
 * Undefined for what the worker throws on. Maps, bytes, what protobuf makes of
 * an empty list, and values that say nothing become the JSON of their own
 * wrapper: so the server stores them.
 */
function plainValue(value: unknown): AttributeValue | undefined {
  if (value === undefined || value === null) {
    return undefined;
  }
  for (const kind of ['stringValue', 'doubleValue', 'boolValue']) {
    const scalar = member(value, kind);
    if (scalar !== undefined) {
      return plainScalar(scalar);
    }
  }
  const values = member(member(value, 'arrayValue'), 'values');
  return values === undefined
    ? (plainInteger(member(value, 'intValue')) ?? JSON.stringify(value))
    : plainList(values);
}

function plainScalar(scalar: unknown): AttributeValue {
  switch (typeof scalar) {
    case 'string':
    case 'boolean':
      return scalar;
    case 'number':
      // Between its web and worker processes the server keeps requests as
      // JSON, which has no NaN and no infinity.
      return Number.isFinite(scalar) ? scalar : null;
    default:
      return scalar === null ? null : JSON.stringify(scalar);
  }
}

function plainList(values: unknown): readonly AttributeValue[] | undefined {
  if (!Array.isArray(values)) {
    return undefined;
  }
  const list: AttributeValue[] = [];
  for (const value of values) {
    const plain = plainValue(value);
    if (plain === undefined) {
      return undefined;
    }
    list.push(plain);
  }
  return list;
}

/** A number, a decimal string or the halves of a 64-bit integer. */
function plainInteger(value: unknown): number | undefined {
  const high = member(value, 'high');
  const low = member(value, 'low');
  const number =
    typeof high === 'number' && typeof low === 'number'
      ? high * 2 ** 32 + (low >>> 0)
      : typeof value === 'string' && /^-?\d+$/.test(value)
        ? Number(value)
        : value;
  return typeof number === 'number' && Number.isFinite(number)
    ? number
    : undefined;
}
