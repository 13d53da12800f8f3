import type { Clock, LaneName, SpoolEvent } from '../queue/index.js';
import type { FoundSegment } from './read-segment.js';
import { readSegment } from './read-segment.js';
import { Place, type Segment } from './segment.js';
import type { SegmentStore } from './segment-store.js';
import type { SegmentWriter } from './segment-writer.js';
import { codeOf, type SpoolFileSystem } from './spool-file-system.js';
import { causeOf } from './breaker.js';
import { SpooledRecord } from './spooled-record.js';

/** Bytes of segments in memory at once; a larger one is alone. */
const MAX_LOADED_BYTES = 8 * 1024 * 1024;

/** From when on a file is tried again that could not be read. */
const RETRY_MS = 30_000;

/**
 * Gives the bytes that a record has here, when the process that wrote it had
 * another `origin`. Must not throw.
 */
export type RestoreRecord = (
  lane: LaneName,
  bytes: Uint8Array,
  origin: Uint8Array,
) => Uint8Array;

/** What replay works with. */
export interface ReplayDependencies {
  readonly fs: SpoolFileSystem;
  readonly clock: Clock;
  readonly store: SegmentStore;
  readonly writer: SegmentWriter;
  readonly emit: (event: SpoolEvent) => void;
  readonly origin: Uint8Array;
  readonly restore: RestoreRecord;
}

/** The records of a segment that were read and not yet handed out. */
interface Reading {
  readonly segment: Segment;
  readonly records: readonly SpooledRecord[];
  next: number;
}

/** Reads the records of one lane that are on the disk alone, oldest first. */
export class Replay {
  private reading: Reading | undefined;
  /** Segments of which records may be in memory. */
  private loaded: Segment[] = [];

  constructor(
    private readonly lane: LaneName,
    private readonly dependencies: ReplayDependencies,
  ) {}

  /** See `SpoolLog.take()`. */
  take(count: number, bytes: number, maxBytes = Infinity): SpooledRecord[] {
    const taken: SpooledRecord[] = [];
    let total = 0;
    while (taken.length < count) {
      const next = this.peek();
      if (next === undefined) break;
      total += next.bytes.byteLength;
      if (total > (taken.length > 0 ? bytes : maxBytes)) break;
      next.segment.move(next.index, Place.taken);
      taken.push(next);
    }
    return taken;
  }

  /**
   * Looks again at a segment that was adopted: its owner, taken for dead, may
   * have written more to it.
   */
  lookForMore(segment: Segment): void {
    if (segment.isOwn) return;
    const before = segment.readBytes;
    const { size = 0 } = this.dependencies.fs.stat(segment.path) ?? {};
    if (size <= before) return;
    const found = this.read(segment);
    if (found) this.compare(segment, found);
    this.dependencies.store.grow(segment, segment.readBytes - before);
  }

  /** The record that is next, which stays where it is. */
  private peek(): SpooledRecord | undefined {
    for (;;) {
      const { reading } = this;
      const record = reading?.records[reading.next];
      if (record === undefined) {
        this.reading = undefined;
        if (!this.load()) return undefined;
      } else if (isOnDiskAlone(record)) {
        return record;
      } else {
        reading!.next += 1;
      }
    }
  }

  /** Reads the oldest segment that has something to read. False for none. */
  private load(): boolean {
    const { clock, store, writer, origin, restore } = this.dependencies;
    for (const segment of this.candidates()) {
      if (segment.readableAt > clock.now()) continue;
      if (!this.hasRoomFor(segment)) return false;
      if (segment === writer.current) writer.seal();
      const found = this.read(segment);
      if (found === undefined) continue;
      this.compare(segment, found);
      const foreign =
        segment.origin && !isSame(segment.origin, origin)
          ? segment.origin
          : undefined;
      const { lane } = this;
      const records = found.frames
        .filter(({ index }) => segment.placeOf(index) === Place.disk)
        .map(({ index, id, bytes }) => {
          const own = foreign ? restore(lane, bytes, foreign) : bytes;
          return new SpooledRecord({ lane, id, bytes: own }, segment, index);
        });
      this.reading = { segment, records, next: 0 };
      this.loaded.push(segment);
      if (segment.isSettled) store.retire(segment);
      return true;
    }
    return false;
  }

  private candidates(): Segment[] {
    return [...this.dependencies.store]
      .filter(({ lane }) => lane === this.lane)
      .filter((segment) => segment.countOf(Place.disk) > 0)
      .toSorted((a, b) => a.createdAt - b.createdAt);
  }

  private hasRoomFor(segment: Segment): boolean {
    this.loaded = this.loaded.filter(
      (one) => !one.isGone && one.countOf(Place.taken) > 0,
    );
    let bytes = segment.bytes;
    for (const one of this.loaded) bytes += one.bytes;
    return this.loaded.length === 0 || bytes <= MAX_LOADED_BYTES;
  }

  /** Undefined when it cannot be read now, or not any more. */
  private read(segment: Segment): FoundSegment | undefined {
    const { fs, clock, store } = this.dependencies;
    try {
      const file = fs.read(segment.path);
      segment.readBytes = file.length;
      return readSegment(file, segment.name);
    } catch (error) {
      if (codeOf(error) === 'ENOENT') {
        const count = store.forget(segment);
        store.report(segment, count, 'spool_corrupt', causeOf(error));
      } else {
        segment.readableAt = clock.now() + RETRY_MS;
      }
      return undefined;
    }
  }

  /** Brings the books in line with what was found. */
  private compare(segment: Segment, found: FoundSegment): void {
    const { store, emit } = this.dependencies;
    const { lane } = segment;
    const more = (found.frames.at(-1)?.index ?? -1) + 1 - segment.count;
    if (more > 0 && !segment.isOwn) {
      segment.add(more, Place.disk);
      emit({ type: 'adopted', lane, count: more });
    }
    const intact = new Set(found.frames.map(({ index }) => index));
    let lost = 0;
    for (let index = 0; index < segment.count; index++) {
      if (segment.placeOf(index) !== Place.disk || intact.has(index)) continue;
      segment.move(index, Place.settled);
      lost += 1;
    }
    if (!found.isIntact || lost > 0) segment.isDamaged = true;
    const cause = `${segment.path} is damaged`;
    store.report(segment, lost, 'spool_corrupt', cause);
  }
}

function isOnDiskAlone({ segment, index }: SpooledRecord): boolean {
  return !segment.isGone && segment.placeOf(index) === Place.disk;
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}
