// Shortens strings to a number of bytes, with a mark that says so.

// Below this a full mark would leave nothing of the text.
const MIN_BYTES_FOR_FULL_MARK = 64;

const MAX_PIECE = 8_192;

/** Bytes of `…`, the shortest mark. */
export const ELLIPSIS_BYTES = 3;

/** The beginning of a string that is too long to be kept whole. */
export class CutText {
  /**
   * @param head - What is kept of the string.
   * @param length - UTF-16 units of the whole string.
   */
  constructor(
    readonly head: string,
    readonly length: number,
  ) {}
}

/** How many bytes a string takes on the wire. */
export type SizeOf = (text: string) => number;

/** As a text of its own. A lone surrogate becomes U+FFFD. */
export function utf8Size(text: string): number {
  return Buffer.byteLength(text);
}

/** Inside JSON, without the quotes. */
export function jsonSize(text: string): number {
  return Buffer.byteLength(JSON.stringify(text)) - 2;
}

/**
 * As much of the text as `maxBytes` holds, cut between code points, followed by
 * `… [Truncated: 1048531 of 104857600 characters]`, or by `…` alone where there
 * is no room. Characters are UTF-16 units, as in `String.length`: counting
 * the bytes of 100 MB would hold the event loop for 10 to 40 ms.
 *
 * @param maxBytes - At least {@link ELLIPSIS_BYTES}.
 */
export function shorten(
  { head, length }: CutText,
  maxBytes: number,
  sizeOf: SizeOf,
): string {
  if (maxBytes < MIN_BYTES_FOR_FULL_MARK) {
    const room = maxBytes - ELLIPSIS_BYTES;
    return `${head.slice(0, prefixLength(head, room, sizeOf))}…`;
  }
  const room = maxBytes - Buffer.byteLength(cutMark(length, length));
  const kept = prefixLength(head, room, sizeOf);
  return head.slice(0, kept) + cutMark(kept, length);
}

function cutMark(kept: number, length: number): string {
  return `… [Truncated: ${kept} of ${length} characters]`;
}

// Measures pieces instead of looping over characters: ten times as fast.
function prefixLength(text: string, maxBytes: number, sizeOf: SizeOf): number {
  let kept = 0;
  let left = maxBytes;
  let step = Math.min(maxBytes, MAX_PIECE);
  while (step > 0 && kept < text.length) {
    const piece = text.slice(kept, kept + step);
    const size = sizeOf(piece);
    if (size <= left) {
      kept += piece.length;
      left -= size;
    } else {
      step >>= 1;
    }
  }
  return splitsPair(text, kept) ? kept - 1 : kept;
}

function splitsPair(text: string, index: number): boolean {
  return index > 0 && text.codePointAt(index - 1)! > 0xffff;
}
