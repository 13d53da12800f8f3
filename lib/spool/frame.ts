/**
 * A record in a segment. All numbers are little-endian.
 *
 * | bytes | what                                          |
 * | ----- | --------------------------------------------- |
 * | 8     | the segment's marker                          |
 * | 4     | CRC-32 of all that follows                    |
 * | 4     | length of id and record together              |
 * | 4     | index of the record in its segment            |
 * | 1     | lane: 1 spans, 2 scores                       |
 * | 1     | 0                                             |
 * | 2     | length of the id                              |
 * |       | id (UTF-8), record                            |
 *
 * The marker lets a reader find the next record behind a damaged one. It is
 * random for each segment: what a user wrote into a prompt must not pass for a
 * record, nor what an older file has left on the disk.
 */
import { crc32 } from 'node:zlib';
import type { LaneName, QueueRecord } from '../queue/index.js';
import { MARKER_BYTES } from './segment-name.js';

const CRC_AT = MARKER_BYTES;
const CHECKED_FROM = CRC_AT + 4;
const LENGTH_AT = CHECKED_FROM;
const INDEX_AT = LENGTH_AT + 4;
const LANE_AT = INDEX_AT + 4;
const ID_LENGTH_AT = LANE_AT + 2;
const HEAD_BYTES = ID_LENGTH_AT + 2;

const MAX_ID_BYTES = 0xffff;

/** Far more than any request may hold; a reader has to load it whole. */
const MAX_RECORD_BYTES = 64 * 1024 * 1024;

const LANE_CODES: { readonly [name in LaneName]: number } = {
  spans: 1,
  scores: 2,
};

/** A record that was found intact. */
export interface Frame {
  readonly index: number;
  readonly id: string;
  /** Part of the memory that was read. */
  readonly bytes: Uint8Array;
}

/** What was found in a segment behind its header. */
export interface FoundFrames {
  /** In the order of their indices. */
  readonly frames: readonly Frame[];
  /** False when there are bytes that belong to none of them. */
  readonly isIntact: boolean;
  /** Whether such bytes come after the last one. */
  readonly hasTornTail: boolean;
}

/** Bytes of a record as a frame; undefined when it does not fit into one. */
export function frameBytes({ id, bytes }: QueueRecord): number | undefined {
  const idBytes = Buffer.byteLength(id);
  return idBytes > MAX_ID_BYTES || bytes.byteLength > MAX_RECORD_BYTES
    ? undefined
    : HEAD_BYTES + idBytes + bytes.byteLength;
}

/** Writes a record that {@link frameBytes} fits. Returns where it ends. */
export function writeFrame(
  target: Buffer,
  at: number,
  marker: Buffer,
  index: number,
  { lane, id, bytes }: QueueRecord,
): number {
  const idBytes = target.write(id, at + HEAD_BYTES);
  const end = at + HEAD_BYTES + idBytes + bytes.byteLength;
  marker.copy(target, at);
  target.writeUInt32LE(idBytes + bytes.byteLength, at + LENGTH_AT);
  target.writeUInt32LE(index, at + INDEX_AT);
  target[at + LANE_AT] = LANE_CODES[lane];
  target[at + LANE_AT + 1] = 0;
  target.writeUInt16LE(idBytes, at + ID_LENGTH_AT);
  target.set(bytes, at + HEAD_BYTES + idBytes);
  const crc = crc32(target.subarray(at + CHECKED_FROM, end));
  target.writeUInt32LE(crc, at + CRC_AT);
  return end;
}

/** Finds the intact records of a lane in `file`, whatever else it holds. */
export function findFrames(
  file: Buffer,
  from: number,
  marker: Buffer,
  lane: LaneName,
): FoundFrames {
  const frames: Frame[] = [];
  let lastIndex = -1;
  let intactUpTo = from;
  let isIntact = true;
  for (let at = from; ;) {
    const start = file.indexOf(marker, at);
    if (start < 0) break;
    const frame = readFrame(file, start, lane);
    // The same bytes may have been written twice by a disk that repairs itself.
    if (frame === undefined || frame.index <= lastIndex) {
      at = start + 1;
      continue;
    }
    if (start > intactUpTo) isIntact = false;
    frames.push(frame);
    lastIndex = frame.index;
    at = intactUpTo = endOf(file, start);
  }
  const hasTornTail = intactUpTo < file.length;
  return { frames, isIntact: isIntact && !hasTornTail, hasTornTail };
}

/** Undefined when this is no intact record of the lane. */
function readFrame(
  file: Buffer,
  start: number,
  lane: LaneName,
): Frame | undefined {
  if (start + HEAD_BYTES > file.length) return undefined;
  const end = endOf(file, start);
  const idEnd = start + HEAD_BYTES + file.readUInt16LE(start + ID_LENGTH_AT);
  if (end > file.length || idEnd > end) return undefined;
  const crc = crc32(file.subarray(start + CHECKED_FROM, end));
  if (crc !== file.readUInt32LE(start + CRC_AT)) return undefined;
  if (file[start + LANE_AT] !== LANE_CODES[lane]) return undefined;
  return {
    index: file.readUInt32LE(start + INDEX_AT),
    id: file.toString('utf8', start + HEAD_BYTES, idEnd),
    bytes: file.subarray(idEnd, end),
  };
}

function endOf(file: Buffer, start: number): number {
  return start + HEAD_BYTES + file.readUInt32LE(start + LENGTH_AT);
}
