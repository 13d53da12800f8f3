/** What a process has left in its folder, read when another one takes it over. */
import { join } from 'node:path';
import type { LaneName } from '../queue/index.js';
import { decodeRanges } from './ack-file.js';
import { readSegment } from './read-segment.js';
import { Place, Segment, type WaitingTally } from './segment.js';
import {
  decodeHeader,
  type FoundHeader,
  MAX_HEADER_BYTES,
  PRELUDE_BYTES,
} from './segment-header.js';
import {
  ackName,
  parseSegmentFile,
  type SegmentFile,
  type SegmentName,
  sealedName,
} from './segment-name.js';
import type { FileFacts } from './spool-file-system.js';
import type { FolderAccess } from './safe-folder.js';

const USUAL_HEADER_BYTES = 2048;

/** Segments that are taken over at a time: a few milliseconds. */
const SLICE_SEGMENTS = 32;

/** What folders are read with. */
export interface AdoptionAccess extends FolderAccess {
  readonly tallies: { readonly [name in LaneName]: WaitingTally };
}

/** A segment file of ours. */
interface Found {
  readonly folder: string;
  readonly file: string;
  readonly is: SegmentFile;
  readonly facts: FileFacts;
}

/** What {@link adoptFolder} has found. */
export interface AdoptedFolder {
  readonly segments: readonly Segment[];
  /** False when something could not be read that may be readable later. */
  readonly isComplete: boolean;
  /** Whether there is more of it that was not looked at. */
  readonly hasMore: boolean;
}

/**
 * The segments in a folder, with what is settled of them. Files that are not
 * ours, or of a later version, are left alone. A segment that was being written
 * to is sealed with what it holds. Of many, it takes some: to be called again.
 *
 * @param known Markers of segments that were adopted before.
 */
export function adoptFolder(
  access: AdoptionAccess,
  folder: string,
  known: ReadonlySet<string>,
): AdoptedFolder {
  const segments: Segment[] = [];
  let isComplete = true;
  const files = access.fs.list(folder);
  for (const file of files) {
    try {
      const marker = parseSegmentFile(file)?.name.marker;
      if (marker === undefined || known.has(marker)) continue;
      const found = lookAt(access, folder, file);
      if (!found) continue;
      if (segments.length === SLICE_SEGMENTS) {
        return { segments, isComplete: false, hasMore: true };
      }
      const segment = adoptSegment(access, found);
      if (segment) segments.push(segment);
    } catch {
      isComplete = false;
    }
  }
  removeStrayAcks(access, folder, files);
  return { segments, isComplete, hasMore: false };
}

/** Whether a folder holds anything that {@link adoptFolder} would take. */
export function hasSegments(access: FolderAccess, folder: string): boolean {
  return access.fs
    .list(folder)
    .some(
      (file) =>
        parseSegmentFile(file)?.kind === 'ack' ||
        lookAt(access, folder, file) !== undefined,
    );
}

/** A process may have ended between removing a segment and its acks. */
function removeStrayAcks(
  { fs }: FolderAccess,
  folder: string,
  files: readonly string[],
): void {
  const all = files.map((file) => ({ file, is: parseSegmentFile(file) }));
  const segments = new Set<string>();
  for (const { is } of all) {
    if (is && is.kind !== 'ack') segments.add(is.name.marker);
  }
  for (const { file, is } of all) {
    if (is?.kind !== 'ack' || segments.has(is.name.marker)) continue;
    const path = join(folder, file);
    if (fs.stat(path)?.kind === 'file') fs.remove(path);
  }
}

function lookAt(
  { fs, userId }: FolderAccess,
  folder: string,
  file: string,
): Found | undefined {
  const is = parseSegmentFile(file);
  if (is === undefined || is.kind === 'ack') return undefined;
  const path = join(folder, file);
  const facts = fs.stat(path);
  if (facts?.kind !== 'file') return undefined;
  if (userId !== undefined && facts.userId !== userId) return undefined;
  const { kind } = decodeHeader(fs.read(path, PRELUDE_BYTES));
  return kind === 'newer' ? undefined : { folder, file, is, facts };
}

function adoptSegment(
  access: AdoptionAccess,
  { folder, file, is, facts }: Found,
): Segment | undefined {
  const { fs } = access;
  const path = join(folder, file);
  const header = readHeader(access, path);
  const count =
    is.kind === 'sealed' ? is.count : countRecords(fs.read(path), is.name);
  const ackPath = join(folder, ackName(is.name));
  if (count === 0) {
    fs.remove(path);
    fs.remove(ackPath);
    return undefined;
  }
  const sealed = sealedName(is.name, count);
  if (sealed !== file) fs.move(path, join(folder, sealed));
  const acks = fs.stat(ackPath)?.kind === 'file' ? fs.read(ackPath) : undefined;
  const known = header.kind === 'intact' ? header.header : undefined;
  const segment = new Segment(
    {
      name: is.name,
      folder,
      file: sealed,
      createdAt: known?.createdAt ?? facts.modifiedAt,
      origin: known?.origin,
      bytes: facts.size + (acks?.length ?? 0),
    },
    access.tallies[is.name.lane],
  );
  segment.isSealed = true;
  segment.readBytes = facts.size;
  segment.add(count, Place.disk);
  if (acks) settle(segment, acks);
  return segment;
}

/** Reads no more than most headers have, unless this one has more. */
function readHeader({ fs }: FolderAccess, path: string): FoundHeader {
  const header = decodeHeader(fs.read(path, USUAL_HEADER_BYTES));
  return header.kind === 'unfinished'
    ? decodeHeader(fs.read(path, MAX_HEADER_BYTES))
    : header;
}

/**
 * The records of a segment whose owner did not come to sealing it. What is torn
 * at its end counts as one that is lost.
 */
function countRecords(file: Buffer, name: SegmentName): number {
  const found = readSegment(file, name);
  const last = found.frames.at(-1);
  if (last === undefined && found.header.kind === 'unfinished') return 0;
  return (last?.index ?? -1) + 1 + (found.hasTornTail ? 1 : 0);
}

function settle(segment: Segment, acks: Buffer): void {
  for (const { first, last } of decodeRanges(segment.marker, acks)) {
    const end = Math.min(last, segment.count - 1);
    for (let index = first; index <= end; index++) {
      segment.move(index, Place.settled);
    }
  }
}
