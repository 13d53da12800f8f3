/**
 * About how many bytes a span holds of what it has recorded. A character counts
 * as one: to tell which take more would be a pass over each text.
 */
import {
  JsonParts,
  type WireAttributes,
  type WireAttributeValue,
  type WireEvent,
  type WireLink,
} from '../wire/index.js';

const NUMBER_BYTES = 8;

/** Of an event or a link: what is as long in all of them. */
const ENTRY_BYTES = 32;

export function attributeBytes(key: string, value: WireAttributeValue): number {
  return key.length + valueBytes(value);
}

export function eventBytes({ name, attributes }: WireEvent): number {
  return ENTRY_BYTES + name.length + attributesBytes(attributes);
}

export function linkBytes({
  traceId,
  spanId,
  traceState = '',
  attributes,
}: WireLink): number {
  const context = traceId.length + spanId.length + traceState.length;
  return ENTRY_BYTES + context + attributesBytes(attributes);
}

function attributesBytes(attributes: WireAttributes): number {
  let bytes = 0;
  for (const [key, value] of attributes) bytes += attributeBytes(key, value);
  return bytes;
}

function valueBytes(value: WireAttributeValue): number {
  if (typeof value === 'string' || JsonParts.is(value)) return value.length;
  if (!Array.isArray(value)) return NUMBER_BYTES;
  let bytes = 0;
  for (const entry of value as readonly unknown[]) {
    bytes += typeof entry === 'string' ? entry.length : NUMBER_BYTES;
  }
  return bytes;
}
