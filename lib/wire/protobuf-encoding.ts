/**
 * The primitives of protobuf's encoding. Each `put…` writes a number at a
 * position of a buffer that has room for it, and returns the position after it.
 *
 * @see https://protobuf.dev/programming-guides/encoding/
 */

const TWO_POW_16 = 0x1_0000;
const TWO_POW_32 = 0x1_0000_0000;
const NANOS_PER_SECOND = 1_000_000_000;

/** The longest varint of 32 bits. */
export const MAX_VARINT_BYTES = 5;

/** The longest varint of 64 bits. */
export const MAX_VARINT64_BYTES = 10;

/** Up to this length a loop in JavaScript beats the call into C++. */
const SHORT_TEXT = 24;

/** How the value of a field is laid out. */
export const WireType = {
  varint: 0,
  fixed64: 1,
  lengthDelimited: 2,
  fixed32: 5,
} as const;
export type WireType = (typeof WireType)[keyof typeof WireType];

/** What precedes the value of a field; itself a varint. */
export function fieldTag(fieldNumber: number, wireType: WireType): number {
  return (fieldNumber << 3) | wireType;
}

/** Bytes that the shortest varint takes, for values from 0 to 2^32 - 1. */
export function varintBytes(value: number): number {
  if (value < 0x80) return 1;
  if (value < 0x4000) return 2;
  if (value < 0x20_0000) return 3;
  if (value < 0x1000_0000) return 4;
  return 5;
}

/** Bytes of tag, length and body, for a field number up to 15. */
export function lengthDelimitedBytes(bodyBytes: number): number {
  return 1 + varintBytes(bodyBytes) + bodyBytes;
}

/**
 * The shortest varint.
 *
 * @param value 0 to 2^32 - 1.
 */
export function putVarint(
  buffer: Uint8Array,
  position: number,
  value: number,
): number {
  let rest = value;
  let at = position;
  while (rest > 0x7f) {
    buffer[at++] = (rest & 0x7f) | 0x80;
    rest >>>= 7;
  }
  buffer[at++] = rest;
  return at;
}

/**
 * The shortest varint of 64 bits.
 *
 * @param value A safe integer; a negative one is written as its two's complement.
 */
export function putVarint64(
  buffer: Uint8Array,
  position: number,
  value: number,
): number {
  let low = value >>> 0;
  let high = Math.floor(value / TWO_POW_32) >>> 0;
  let at = position;
  while (high > 0 || low > 0x7f) {
    buffer[at++] = (low & 0x7f) | 0x80;
    low = ((low >>> 7) | (high << 25)) >>> 0;
    high >>>= 7;
  }
  buffer[at++] = low;
  return at;
}

/**
 * 32 bits, lowest byte first.
 *
 * @param value 0 to 2^32 - 1; of a larger one the lower 32 bits.
 */
export function putFixed32(
  buffer: Uint8Array,
  position: number,
  value: number,
): number {
  const bits = value >>> 0;
  buffer[position] = bits;
  buffer[position + 1] = bits >>> 8;
  buffer[position + 2] = bits >>> 16;
  buffer[position + 3] = bits >>> 24;
  return position + 4;
}

/**
 * Seconds and nanoseconds as 64 bits of nanoseconds, exact up to the year 2554.
 * What is before the epoch or not a number becomes the epoch.
 */
export function putTime(
  buffer: Uint8Array,
  position: number,
  time: readonly [number, number],
): number {
  const seconds = time[0];
  const nanoseconds = time[1];
  if (!(seconds >= 0 && nanoseconds >= 0)) {
    return putFixed32(buffer, putFixed32(buffer, position, 0), 0);
  }
  // The product is no safe integer, but both terms of upper × 2^16 + lower are.
  const upper = Math.floor(seconds / TWO_POW_16) * NANOS_PER_SECOND;
  const lower = (seconds % TWO_POW_16) * NANOS_PER_SECOND + nanoseconds;
  const low = (upper % TWO_POW_16) * TWO_POW_16 + (lower % TWO_POW_32);
  const high =
    Math.floor(upper / TWO_POW_16) +
    Math.floor(lower / TWO_POW_32) +
    Math.floor(low / TWO_POW_32);
  return putFixed32(buffer, putFixed32(buffer, position, low), high);
}

/**
 * Writes as many whole characters of a text as there is room for, as UTF-8, and
 * returns the bytes that they take. Lone surrogates become U+FFFD.
 *
 * @param position With room for as many bytes as the text has UTF-16 units.
 */
export function putText(
  buffer: Buffer,
  position: number,
  text: string,
): number {
  if (text.length > SHORT_TEXT) return buffer.write(text, position);
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit > 0x7f) return buffer.write(text, position);
    buffer[position + i] = unit;
  }
  return text.length;
}

/**
 * Bytes out of hex digits. Digits that are missing count as 0.
 *
 * @param bytes How many; two digits each.
 */
export function putHex(
  buffer: Uint8Array,
  position: number,
  digits: string,
  bytes: number,
): number {
  for (let i = 0; i < bytes; i++) {
    buffer[position + i] =
      (hexDigit(digits, 2 * i) << 4) | hexDigit(digits, 2 * i + 1);
  }
  return position + bytes;
}

function hexDigit(digits: string, index: number): number {
  const unit = digits.charCodeAt(index);
  // '0' is 0x30, 'A' is 0x41, 'a' is 0x61; NaN past the end counts as 0.
  return (unit & 0xf) + (unit >= 0x41 ? 9 : 0);
}
