import type { Attributes } from '@opentelemetry/api';
import type { WireAttributes, WireAttributeValue } from '../wire/index.js';

/**
 * What OpenTelemetry lets be an attribute's value, as the wire takes it: a
 * primitive, or a list of primitives of one type. Null and undefined entries of
 * a list are left out; anything else is undefined. Lists are copied, since
 * their owner goes on using them.
 */
export function toWireValue(value: unknown): WireAttributeValue | undefined {
  if (isPrimitive(value)) return value;
  if (!Array.isArray(value)) return undefined;
  const entries = value.filter(
    (entry) => entry !== null && entry !== undefined,
  );
  const type = typeof entries[0];
  return entries.every((entry) => isPrimitive(entry) && typeof entry === type)
    ? entries
    : undefined;
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
  const entries = typeof given === 'object' ? Object.entries(given ?? {}) : [];
  for (const [key, value] of entries) {
    const wireValue = toWireValue(value);
    if (key === '' || wireValue === undefined) continue;
    if (attributes.size < limit) attributes.set(key, fit(wireValue));
    else dropped += 1;
  }
  return { attributes, dropped };
}

function isPrimitive(value: unknown): value is string | number | boolean {
  return (
    typeof value === 'string' ||
    typeof value === 'number' ||
    typeof value === 'boolean'
  );
}
