import { createHash, randomBytes } from 'node:crypto';
import { basename, join } from 'node:path';
import type { LaneName, SpoolEvent } from '../queue/index.js';
import { Adoption } from './adoption.js';
import { Breaker } from './breaker.js';
import { DiskBudget } from './disk-budget.js';
import { LaneLog } from './lane-log.js';
import { nodeFileSystem } from './node-file-system.js';
import { adoptedIn, OwnFolder } from './own-folder.js';
import { systemProcesses } from './process-table.js';
import { Quarantine } from './quarantine.js';
import { Replay } from './replay.js';
import { type FolderAccess, makeSafeFolders } from './safe-folder.js';
import type { WaitingTally } from './segment.js';
import type { SegmentHeader } from './segment-header.js';
import { MARKER_BYTES, type SegmentName } from './segment-name.js';
import { SegmentStore } from './segment-store.js';
import { SegmentWriter } from './segment-writer.js';
import type {
  SegmentSpoolDependencies,
  SegmentSpoolSettings,
} from './spool-settings.js';

/** Later versions that store something else use another folder. */
export const FORMAT_FOLDER = 'v1';

export const QUARANTINE_FOLDER = 'quarantine';

const DEFAULT_SEGMENT_BYTES = 1024 * 1024;

/** A spool that is full gives up a segment at a time: it needs some of them. */
const MIN_SEGMENTS = 16;

const MAX_QUARANTINE_BYTES = 16 * 1024 * 1024;

/** Of a spool's bytes, what the quarantine may have on top. */
const QUARANTINE_SHARE = 0.25;

/** The parts of one lane. */
export interface LaneParts {
  readonly writer: SegmentWriter;
  readonly log: LaneLog;
  readonly tally: WaitingTally;
}

/** The parts of a spool, wired together. */
export interface SpoolParts {
  readonly access: FolderAccess;
  /** The folder that holds those of all processes with this destination. */
  readonly base: string;
  /** Makes it. @throws UnsafeFolderError or an error of the file system. */
  readonly makeBase: () => string;
  readonly folder: OwnFolder;
  readonly store: SegmentStore;
  readonly breaker: Breaker;
  readonly adoption: Adoption;
  readonly lanes: { readonly [name in LaneName]: LaneParts };
  /** Milliseconds since 1970. */
  readonly wallNow: () => number;
}

/** Makes the parts. Nothing is read or written by that. */
export function createSpoolParts(
  settings: SegmentSpoolSettings,
  dependencies: SegmentSpoolDependencies,
  emit: (event: SpoolEvent) => void,
): SpoolParts {
  const {
    clock,
    fs = nodeFileSystem,
    processes = systemProcesses(),
    randomHex = (bytes: number) => randomBytes(bytes).toString('hex'),
  } = dependencies;
  const { dir, destination, origin, restore, maxBytes } = settings;
  const isDurable = settings.fsync === 'always';
  const userId =
    'userId' in dependencies ? dependencies.userId : process.geteuid?.();
  const access: FolderAccess = { fs, userId, isDurable };
  const names = [FORMAT_FOLDER, digestOf(destination)];
  const base = join(dir, ...names);
  const makeBase = () => makeSafeFolders(access, dir, ...names);
  const wallNow = steadyWallClock(dependencies);
  const header = (): SegmentHeader => ({
    createdAt: wallNow(),
    destination,
    origin,
  });
  let segments = 0;
  const nextName = (lane: LaneName): SegmentName => {
    segments += 1;
    return { lane, index: segments, marker: randomHex(MARKER_BYTES) };
  };
  const quarantine = new Quarantine({
    ...access,
    folder: join(base, QUARANTINE_FOLDER),
    maxBytes: Math.min(MAX_QUARANTINE_BYTES, maxBytes * QUARANTINE_SHARE),
    nextName,
    header,
  });
  const store = new SegmentStore({ fs, quarantine, emit });
  const breaker = new Breaker(clock, {
    // What the system says of a write does not name the file.
    failing: (said) => {
      const cause = said.includes(dir) ? said : `${dir}: ${said}`;
      emit({ type: 'failing', cause });
    },
    working: () => emit({ type: 'working' }),
  });
  const folder = new OwnFolder({
    ...access,
    makeBase,
    clock,
    processes,
    randomId: () => randomHex(MARKER_BYTES),
    onLost: (path) => loseFolder(parts, path, emit),
  });
  const budget = new DiskBudget(settings, store, fs);
  const { segmentBytes = DEFAULT_SEGMENT_BYTES } = settings;

  const lane = (name: LaneName): LaneParts => {
    const tally = { waiting: 0 };
    const shared = { fs, clock, store };
    const writer = new SegmentWriter({
      ...shared,
      folder,
      budget,
      breaker,
      tally,
      segmentBytes: Math.min(segmentBytes, maxBytes / MIN_SEGMENTS),
      isDurable,
      nextName: () => nextName(name),
      header,
    });
    const replay = new Replay(name, {
      ...shared,
      writer,
      emit,
      origin,
      restore,
    });
    const log = new LaneLog(name, { store, writer, replay, quarantine, tally });
    return { writer, log, tally };
  };
  const lanes = { spans: lane('spans'), scores: lane('scores') };
  const adoption = new Adoption({
    ...access,
    base,
    maxBytes,
    folder,
    store,
    clock,
    processes,
    emit,
    tallies: { spans: lanes.spans.tally, scores: lanes.scores.tally },
  });
  const parts: SpoolParts = {
    access,
    base,
    makeBase,
    folder,
    store,
    breaker,
    adoption,
    lanes,
    wallNow,
  };
  return parts;
}

/** The name of the folder of all processes with one destination. */
function digestOf(destination: string): string {
  return createHash('sha256').update(destination).digest('hex').slice(0, 16);
}

/** A wall clock that is set while we run must not make records old. */
function steadyWallClock({
  clock,
  wallNow = Date.now,
}: SegmentSpoolDependencies): () => number {
  const offset = wallNow() - clock.now();
  return () => clock.now() + offset;
}

/**
 * The folder of this process is gone. If another process has taken it over,
 * that one delivers what is in it; if somebody removed it, nobody does.
 */
function loseFolder(
  { access, base, store, lanes }: SpoolParts,
  path: string,
  emit: (event: SpoolEvent) => void,
): void {
  const { fs } = access;
  for (const { writer } of Object.values(lanes)) writer.forget();
  const name = basename(path);
  const isElsewhere = fs
    .list(base)
    .some((other) => fs.stat(join(adoptedIn(join(base, other)), name)));
  for (const segment of store) {
    if (!segment.path.startsWith(path)) continue;
    const isThere = isElsewhere || fs.stat(segment.path) !== undefined;
    const count = store.forget(segment);
    const { lane } = segment;
    if (isThere && count > 0) emit({ type: 'taken-over', lane, count });
    if (isThere) continue;
    store.report(segment, count, 'spool_corrupt', `${path} was removed`);
  }
}
