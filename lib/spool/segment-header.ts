/**
 * What a segment begins with. All numbers are little-endian.
 *
 * | bytes | what                                          |
 * | ----- | --------------------------------------------- |
 * | 7     | `LFSPOOL`                                     |
 * | 1     | version of the format                         |
 * | 4     | CRC-32 of these 8 bytes                       |
 * | 4     | length of what follows the next field         |
 * | 4     | CRC-32 of that                                |
 * | 4     | length of the JSON text                       |
 * |       | JSON: `createdAt`, `destination`              |
 * |       | origin, to the end                            |
 */
import { crc32 } from 'node:zlib';

const MAGIC = Buffer.from('LFSPOOL', 'latin1');
const VERSION = 1;

/** What tells the version; the same in all versions. */
export const PRELUDE_BYTES = 12;

const FIXED_BYTES = 24;

/** Longer headers are not ours. */
export const MAX_HEADER_BYTES = 64 * 1024;

/** What all records of a segment have in common. */
export interface SegmentHeader {
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  /** Whose records these are, for people. */
  readonly destination: string;
  /** What the records need besides their own bytes; opaque to the spool. */
  readonly origin: Uint8Array;
}

/** A header as it was found. */
export type FoundHeader =
  | {
      readonly kind: 'intact';
      readonly header: SegmentHeader;
      /** Where the first record begins. */
      readonly end: number;
    }
  /** Written by a later version of this library, which knows what it is. */
  | { readonly kind: 'newer' }
  /** The file ends before its header does: no record was written yet. */
  | { readonly kind: 'unfinished' }
  | { readonly kind: 'damaged' };

/** @throws RangeError when it is longer than {@link MAX_HEADER_BYTES}. */
export function encodeHeader({
  createdAt,
  destination,
  origin,
}: SegmentHeader): Buffer {
  const json = Buffer.from(JSON.stringify({ createdAt, destination }));
  const bytes = Buffer.alloc(FIXED_BYTES + json.length + origin.length);
  if (bytes.length > MAX_HEADER_BYTES) {
    throw new RangeError(
      `SegmentHeader: ${bytes.length} bytes, at most ${MAX_HEADER_BYTES} fit`,
    );
  }
  MAGIC.copy(bytes);
  bytes[MAGIC.length] = VERSION;
  bytes.writeUInt32LE(crc32(bytes.subarray(0, 8)), 8);
  bytes.writeUInt32LE(bytes.length - 20, 12);
  bytes.writeUInt32LE(json.length, 20);
  json.copy(bytes, FIXED_BYTES);
  bytes.set(origin, FIXED_BYTES + json.length);
  bytes.writeUInt32LE(crc32(bytes.subarray(20)), 16);
  return bytes;
}

/** @param file The beginning of a file, or all of it. */
export function decodeHeader(file: Buffer): FoundHeader {
  if (file.length < PRELUDE_BYTES) return { kind: 'unfinished' };
  const isOurs =
    file.subarray(0, MAGIC.length).equals(MAGIC) &&
    file.readUInt32LE(8) === crc32(file.subarray(0, 8));
  if (!isOurs) return { kind: 'damaged' };
  if (file[MAGIC.length] !== VERSION) return { kind: 'newer' };
  if (file.length < FIXED_BYTES) return { kind: 'unfinished' };
  const end = 20 + file.readUInt32LE(12);
  const jsonEnd = FIXED_BYTES + file.readUInt32LE(20);
  if (end > MAX_HEADER_BYTES || jsonEnd > end) return { kind: 'damaged' };
  if (end > file.length) return { kind: 'unfinished' };
  if (file.readUInt32LE(16) !== crc32(file.subarray(20, end))) {
    return { kind: 'damaged' };
  }
  const said = readJson(file.toString('utf8', FIXED_BYTES, jsonEnd));
  if (said === undefined) return { kind: 'damaged' };
  // A copy: the file's memory is not to live as long as the segment does.
  const origin = Uint8Array.from(file.subarray(jsonEnd, end));
  return { kind: 'intact', header: { ...said, origin }, end };
}

function readJson(text: string): Omit<SegmentHeader, 'origin'> | undefined {
  try {
    const { createdAt, destination } = JSON.parse(text) as {
      readonly [key in keyof SegmentHeader]?: unknown;
    };
    return typeof createdAt === 'number' && typeof destination === 'string'
      ? { createdAt, destination }
      : undefined;
  } catch {
    return undefined;
  }
}
