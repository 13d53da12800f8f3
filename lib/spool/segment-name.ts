/**
 * The names of segment files. A name says what a reader has to know before it
 * trusts a single byte of the content:
 *
 * - `spans-00000017-0f1e2d3c4b5a6978.open`: records are being appended.
 * - `spans-00000017-0f1e2d3c4b5a6978-512.seg`: complete, with 512 records.
 * - `spans-00000017-0f1e2d3c4b5a6978.ack`: which of them are settled.
 */
import type { LaneName } from '../queue/index.js';

// A count that no segment can have would make a reader reserve its memory.
const PATTERN =
  /^(spans|scores)-(\d{8,12})-([0-9a-f]{16})(?:\.(open|ack)|-(\d{1,7})\.seg)$/;

const QUARANTINED =
  /^(?:spans|scores)-\d{8,12}-[0-9a-f]{16}-(\d{1,7})\.(damaged|rejected)$/;

/** What stays the same when a segment is sealed. */
export interface SegmentName {
  readonly lane: LaneName;
  /** Counts the segments of one process. */
  readonly index: number;
  /** 16 hexadecimal digits that begin each record of this segment. */
  readonly marker: string;
}

/** What a file in a spool is by its name. */
export type SegmentFile =
  | { readonly kind: 'open' | 'ack'; readonly name: SegmentName }
  | {
      readonly kind: 'sealed';
      readonly name: SegmentName;
      readonly count: number;
    };

/** Bytes of a marker. */
export const MARKER_BYTES = 8;

export function openName(name: SegmentName): string {
  return `${stem(name)}.open`;
}

export function sealedName(name: SegmentName, count: number): string {
  return `${stem(name)}-${count}.seg`;
}

export function ackName(name: SegmentName): string {
  return `${stem(name)}.ack`;
}

/** A segment that is put aside for people to look at. */
export function quarantinedName(
  name: SegmentName,
  count: number,
  why: 'damaged' | 'rejected',
): string {
  return `${stem(name)}-${count}.${why}`;
}

/** Undefined for a file that is none of ours. */
export function parseSegmentFile(file: string): SegmentFile | undefined {
  const match = PATTERN.exec(file);
  if (!match) return undefined;
  const [, lane, index, marker = '', kind, count] = match;
  const name: SegmentName = {
    lane: lane === 'spans' ? 'spans' : 'scores',
    index: Number(index),
    marker,
  };
  if (count !== undefined)
    return { kind: 'sealed', name, count: Number(count) };
  return { kind: kind === 'ack' ? 'ack' : 'open', name };
}

/** Undefined for a file that is none of ours. */
export function parseQuarantined(
  file: string,
): { readonly count: number; readonly why: string } | undefined {
  const match = QUARANTINED.exec(file);
  if (!match) return undefined;
  const [, count, why = ''] = match;
  return { count: Number(count), why };
}

function stem({ lane, index, marker }: SegmentName): string {
  return `${lane}-${String(index).padStart(8, '0')}-${marker}`;
}
