/**
 * Which records of a segment are settled: entries of twelve bytes, each the
 * first index, the last index and their CRC-32, little-endian.
 *
 * An entry that is missing, torn or damaged costs a second delivery, never a
 * record: the CRC starts from the segment's marker, so that no other bytes pass
 * for an entry.
 */
import { crc32 } from 'node:zlib';

const ENTRY_BYTES = 12;

/** Consecutive records of a segment, by their indices. */
export interface IndexRange {
  readonly first: number;
  readonly last: number;
}

export function encodeRanges(
  marker: Buffer,
  ranges: readonly IndexRange[],
): Buffer {
  const bytes = Buffer.allocUnsafe(ranges.length * ENTRY_BYTES);
  let at = 0;
  for (const { first, last } of ranges) {
    bytes.writeUInt32LE(first, at);
    bytes.writeUInt32LE(last, at + 4);
    bytes.writeUInt32LE(check(marker, bytes, at), at + 8);
    at += ENTRY_BYTES;
  }
  return bytes;
}

export function decodeRanges(marker: Buffer, bytes: Buffer): IndexRange[] {
  const ranges: IndexRange[] = [];
  for (let at = 0; at + ENTRY_BYTES <= bytes.length; at += ENTRY_BYTES) {
    if (bytes.readUInt32LE(at + 8) !== check(marker, bytes, at)) continue;
    const first = bytes.readUInt32LE(at);
    const last = bytes.readUInt32LE(at + 4);
    ranges.push({ first, last });
  }
  return ranges;
}

/** Ascending indices as ranges. */
export function toRanges(indices: readonly number[]): IndexRange[] {
  const ranges: { first: number; last: number }[] = [];
  for (const index of indices) {
    const current = ranges.at(-1);
    if (current?.last === index - 1) current.last = index;
    else ranges.push({ first: index, last: index });
  }
  return ranges;
}

function check(marker: Buffer, bytes: Buffer, at: number): number {
  return crc32(bytes.subarray(at, at + 8), crc32(marker));
}
