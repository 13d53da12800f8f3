/** What is in a spool folder, seen from outside: nothing is changed by looking. */
import { join } from 'node:path';
import type { LaneName } from '../queue/index.js';
import { decodeRanges } from './ack-file.js';
import { lookAtLease, type Ownership } from './lease.js';
import { adoptedIn } from './own-folder.js';
import type { ProcessTable } from './process-table.js';
import { readSegment } from './read-segment.js';
import { decodeHeader, MAX_HEADER_BYTES } from './segment-header.js';
import {
  ackName,
  parseQuarantined,
  parseSegmentFile,
  type SegmentFile,
} from './segment-name.js';
import type { SpoolFileSystem } from './spool-file-system.js';
import { FORMAT_FOLDER, QUARANTINE_FOLDER } from './spool-parts.js';

/** Files of one kind, together. */
export interface InventoryCount {
  readonly files: number;
  readonly records: number;
  readonly bytes: number;
}

/** The records in the folder of one process, and those that it has adopted. */
export interface ProcessInventory {
  /** The folder's name. */
  readonly name: string;
  /** `unknown`: only its lease can tell, which has to be watched for a while. */
  readonly owner: Ownership['kind'];
  /** Records that are not settled. */
  readonly lanes: { readonly [name in LaneName]: InventoryCount };
  /** When the oldest segment was begun; undefined when there is none. */
  readonly oldest: number | undefined;
}

/** All records with one destination. */
export interface DestinationInventory {
  readonly folder: string;
  /** As the records say; undefined when none does. */
  readonly destination: string | undefined;
  readonly processes: readonly ProcessInventory[];
  readonly quarantine: {
    readonly damaged: InventoryCount;
    readonly rejected: InventoryCount;
  };
}

/** What is looked at, and with what. */
export interface InventoryAccess {
  readonly fs: SpoolFileSystem;
  readonly processes: ProcessTable;
}

/** A segment as it lies there. */
interface FoundSegment {
  readonly lane: LaneName;
  readonly records: number;
  readonly bytes: number;
  readonly createdAt: number | undefined;
  readonly destination: string | undefined;
}

/** @throws an error of the file system. */
export function takeInventory(
  access: InventoryAccess,
  dir: string,
): DestinationInventory[] {
  const { fs } = access;
  const format = join(dir, FORMAT_FOLDER);
  return fs
    .list(format)
    .map((name) => join(format, name))
    .filter((folder) => fs.stat(folder)?.kind === 'folder')
    .map((folder) => destinationIn(access, folder));
}

function destinationIn(
  access: InventoryAccess,
  folder: string,
): DestinationInventory {
  const { fs } = access;
  const names = fs
    .list(folder)
    .filter((name) => name !== QUARANTINE_FOLDER)
    .filter((name) => fs.stat(join(folder, name))?.kind === 'folder');
  const found = names.map((name) => {
    const path = join(folder, name);
    const segments = segmentsIn(fs, path);
    const owner = lookAtLease(fs, access.processes, path).kind;
    return { segments, process: processOf(name, owner, segments) };
  });
  const segments = found.flatMap((one) => one.segments);
  const quarantine = join(folder, QUARANTINE_FOLDER);
  return {
    folder,
    destination: segments.find(({ destination }) => destination)?.destination,
    processes: found.map(({ process }) => process),
    quarantine: {
      damaged: quarantined(fs, quarantine, 'damaged'),
      rejected: quarantined(fs, quarantine, 'rejected'),
    },
  };
}

function processOf(
  name: string,
  owner: Ownership['kind'],
  segments: readonly FoundSegment[],
): ProcessInventory {
  const begun = segments.flatMap(({ createdAt }) => createdAt ?? []);
  return {
    name,
    owner,
    lanes: {
      spans: count(segments.filter(({ lane }) => lane === 'spans')),
      scores: count(segments.filter(({ lane }) => lane === 'scores')),
    },
    oldest: begun.length > 0 ? Math.min(...begun) : undefined,
  };
}

function segmentsIn(fs: SpoolFileSystem, folder: string): FoundSegment[] {
  const adopted = adoptedIn(folder);
  const here = fs.list(folder).flatMap((file) => {
    const is = parseSegmentFile(file);
    return is && is.kind !== 'ack' ? segmentAt(fs, folder, file, is) : [];
  });
  const nested = fs
    .list(adopted)
    .filter((name) => fs.stat(join(adopted, name))?.kind === 'folder')
    .flatMap((name) => segmentsIn(fs, join(adopted, name)));
  return [...here, ...nested];
}

/** None when its owner has removed it meanwhile, or when it is none of ours. */
function segmentAt(
  fs: SpoolFileSystem,
  folder: string,
  file: string,
  is: SegmentFile,
): FoundSegment[] {
  try {
    const path = join(folder, file);
    const header = decodeHeader(fs.read(path, MAX_HEADER_BYTES));
    if (header.kind === 'newer') return [];
    const said = header.kind === 'intact' ? header.header : undefined;
    const all =
      is.kind === 'sealed'
        ? is.count
        : readSegment(fs.read(path), is.name).frames.length;
    const records = Math.max(0, all - countSettled(fs, folder, is));
    const bytes = fs.stat(path)?.size ?? 0;
    const { lane } = is.name;
    const { createdAt, destination } = said ?? {};
    return [{ lane, records, bytes, createdAt, destination }];
  } catch {
    return [];
  }
}

function countSettled(
  fs: SpoolFileSystem,
  folder: string,
  { name }: SegmentFile,
): number {
  const path = join(folder, ackName(name));
  if (fs.stat(path) === undefined) return 0;
  const ranges = decodeRanges(Buffer.from(name.marker, 'hex'), fs.read(path));
  return ranges.reduce((sum, { first, last }) => sum + last - first + 1, 0);
}

function quarantined(
  fs: SpoolFileSystem,
  folder: string,
  why: 'damaged' | 'rejected',
): InventoryCount {
  return count(
    fs.list(folder).flatMap((file) => {
      const is = parseQuarantined(file);
      if (is?.why !== why) return [];
      const bytes = fs.stat(join(folder, file))?.size ?? 0;
      return [{ records: is.count, bytes }];
    }),
  );
}

function count(
  found: readonly Pick<FoundSegment, 'records' | 'bytes'>[],
): InventoryCount {
  let records = 0;
  let bytes = 0;
  for (const one of found) {
    records += one.records;
    bytes += one.bytes;
  }
  return { files: found.length, records, bytes };
}
