/**
 * Finds the fields of an encoded protobuf message. It trusts nothing: bytes
 * that are no message give no field.
 *
 * @see https://protobuf.dev/programming-guides/encoding/
 */
import {
  MAX_VARINT_BYTES,
  MAX_VARINT64_BYTES,
  WireType,
} from './protobuf-encoding.js';

/** Where a field lies in a buffer. */
export interface ProtobufField {
  /** Field number and wire type, as `fieldTag()` makes it. */
  readonly tag: number;
  /** First byte of the tag. */
  readonly start: number;
  /** First byte of the value, after the length if it has one. */
  readonly bodyStart: number;
  /** The byte after the value. */
  readonly end: number;
}

const MAX_TAG = 0xffff_ffff;
const WIRE_TYPES = 8;

/**
 * The field that begins at a position.
 *
 * @param limit End of the message, at most the buffer's.
 * @returns Undefined when there is no whole field.
 */
export function readField(
  buffer: Uint8Array,
  start: number,
  limit: number,
): ProtobufField | undefined {
  const valueStart = varintEnd(buffer, start, limit, MAX_VARINT_BYTES);
  if (valueStart === undefined) return undefined;
  const tag = varintValue(buffer, start, valueStart);
  // No field has the number 0.
  if (tag < WIRE_TYPES || tag > MAX_TAG) return undefined;
  const wireType = tag % WIRE_TYPES;
  const bodyStart =
    wireType === WireType.lengthDelimited
      ? varintEnd(buffer, valueStart, limit, MAX_VARINT_BYTES)
      : valueStart;
  if (bodyStart === undefined) return undefined;
  const end = valueEnd(buffer, wireType, valueStart, bodyStart, limit);
  return end === undefined || end > limit
    ? undefined
    : { tag, start, bodyStart, end };
}

/** May lie behind the limit. Groups, which only proto2 has, give undefined. */
function valueEnd(
  buffer: Uint8Array,
  wireType: number,
  valueStart: number,
  bodyStart: number,
  limit: number,
): number | undefined {
  switch (wireType) {
    case WireType.varint:
      return varintEnd(buffer, valueStart, limit, MAX_VARINT64_BYTES);
    case WireType.fixed64:
      return bodyStart + 8;
    case WireType.lengthDelimited:
      return bodyStart + varintValue(buffer, valueStart, bodyStart);
    case WireType.fixed32:
      return bodyStart + 4;
    default:
      return undefined;
  }
}

/** The position after a varint; undefined when it does not end in time. */
function varintEnd(
  buffer: Uint8Array,
  start: number,
  limit: number,
  maxBytes: number,
): number | undefined {
  const last = Math.min(limit, start + maxBytes);
  for (let at = start; at < last; at++) {
    if (buffer[at]! < 0x80) return at + 1;
  }
  return undefined;
}

/** Of a varint of up to five bytes, whose value may have more than 32 bits. */
function varintValue(buffer: Uint8Array, start: number, end: number): number {
  let value = 0;
  for (let at = end - 1; at >= start; at--) {
    value = value * 0x80 + (buffer[at]! & 0x7f);
  }
  return value;
}
