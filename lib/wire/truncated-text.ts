/**
 * Cuts texts, as bytes, to one length that all longer ones share. A text that
 * is cut ends in a visible mark, and has exactly the length that it is cut to:
 * so the size of a record follows from the lengths of its texts, before one of
 * them is cut.
 */

/**
 * The last position in a text, at or before `at`, that splits nothing.
 *
 * @param at Less than the length of the text.
 */
export type Boundary = (text: Uint8Array, at: number) => number;

/** The mark but its two numbers, in bytes of UTF-8. */
const BARE_MARK_BYTES = Buffer.byteLength(mark(0, 0, 0)) - 2;

/**
 * Length of a text after {@link truncate}, in bytes. It falls with the cut
 * length, until nothing but the mark is left; a text that is no longer than
 * its mark would only grow and stays whole.
 */
export function truncatedBytes(textBytes: number, cutBytes: number): number {
  return Math.min(textBytes, Math.max(cutBytes, markBytes(0, textBytes)));
}

/**
 * The text itself, or its beginning and `… [Truncated: 1234 of 987654 bytes]`.
 * Where a boundary leaves less than there is room for, spaces after the `…`
 * fill it.
 */
export function truncate(
  text: Uint8Array,
  cutBytes: number,
  boundary: Boundary,
): Uint8Array {
  const bytes = truncatedBytes(text.length, cutBytes);
  if (bytes === text.length) return text;
  let room = bytes - markBytes(0, text.length);
  while (room + markBytes(room, text.length) > bytes) room--;
  const kept = boundary(text, room);
  const padding = bytes - kept - markBytes(kept, text.length);
  return Buffer.concat([
    text.subarray(0, kept),
    Buffer.from(mark(kept, text.length, padding)),
  ]);
}

/**
 * The largest cut length with which a record is no longer than `maxBytes`;
 * undefined when even the marks alone are too long.
 *
 * @param bytesAt Length of the record with its texts cut to a length; grows
 * with it, up to `uncutBytes`.
 * @param uncutBytes Length of the record as it is, more than `maxBytes`.
 */
export function findCutBytes(
  bytesAt: (cutBytes: number) => number,
  uncutBytes: number,
  maxBytes: number,
): number | undefined {
  if (!(bytesAt(0) <= maxBytes)) return undefined;
  let fits = 0;
  let tooLong = uncutBytes;
  while (tooLong - fits > 1) {
    const middle = fits + Math.floor((tooLong - fits) / 2);
    if (bytesAt(middle) <= maxBytes) fits = middle;
    else tooLong = middle;
  }
  return fits;
}

/** Between two characters of UTF-8. */
export function utf8Boundary(text: Uint8Array, at: number): number {
  let boundary = at;
  // The bytes of a character but its first are 10xxxxxx.
  while (boundary > 0 && (text[boundary]! & 0xc0) === 0x80) boundary--;
  return boundary;
}

function markBytes(kept: number, textBytes: number): number {
  return BARE_MARK_BYTES + decimalDigits(kept) + decimalDigits(textBytes);
}

function mark(kept: number, textBytes: number, padding: number): string {
  return `…${' '.repeat(padding)} [Truncated: ${kept} of ${textBytes} bytes]`;
}

function decimalDigits(value: number): number {
  let digits = 1;
  for (let rest = value; rest >= 10; rest /= 10) digits++;
  return digits;
}
