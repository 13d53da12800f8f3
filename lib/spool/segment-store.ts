import { join } from 'node:path';
import type { SpoolEvent, SpoolLossReason } from '../queue/index.js';
import { encodeRanges, type IndexRange } from './ack-file.js';
import type { Quarantine } from './quarantine.js';
import { Place, type Segment } from './segment.js';
import { sealedName } from './segment-name.js';
import { type SpoolFileSystem, writeOnce } from './spool-file-system.js';

/** What a store works with. */
export interface SegmentStoreDependencies {
  readonly fs: SpoolFileSystem;
  readonly quarantine: Quarantine;
  readonly emit: (event: SpoolEvent) => void;
}

/**
 * All segments in this process's care, its own and adopted ones, in both lanes:
 * how many bytes they have, and when their files go.
 */
export class SegmentStore {
  private readonly segments = new Set<Segment>();
  private byteLength = 0;

  constructor(private readonly dependencies: SegmentStoreDependencies) {}

  /** Bytes of their files. */
  get bytes(): number {
    return this.byteLength;
  }

  [Symbol.iterator](): Iterator<Segment> {
    return this.segments.values();
  }

  add(segment: Segment): void {
    this.segments.add(segment);
    this.byteLength += segment.bytes;
  }

  /** So many bytes were written to its files. */
  grow(segment: Segment, bytes: number): void {
    segment.bytes += bytes;
    this.byteLength += bytes;
  }

  /** Nothing is appended any more. The name of its file tells how much it has. */
  seal(segment: Segment): void {
    segment.isSealed = true;
    if (segment.isSettled) return this.retire(segment);
    const file = sealedName(segment.name, segment.count);
    try {
      this.dependencies.fs.move(segment.path, join(segment.folder, file));
      segment.file = file;
    } catch {
      // Its former name serves as well: a reader counts what is in it.
    }
  }

  /** Notes what is settled, so that nobody delivers it again after a crash. */
  settled(segment: Segment, ranges: readonly IndexRange[]): void {
    if (segment.isGone) return;
    if (segment.isSealed && segment.isSettled) return this.retire(segment);
    const entries = encodeRanges(segment.marker, ranges);
    try {
      writeOnce(this.dependencies.fs, segment.ackPath, 'append', entries);
      this.grow(segment, entries.length);
    } catch {
      // A crash would deliver them twice. No reason to stop writing records.
    }
  }

  /** Removes a segment of which nothing is needed any more. */
  retire(segment: Segment): void {
    const { quarantine } = this.dependencies;
    if (segment.isDamaged) quarantine.take(segment);
    this.discard(segment);
  }

  /** Gives records up that are on the disk alone. */
  lose(segment: Segment, reason: SpoolLossReason, cause: string): void {
    const count = this.discard(segment);
    this.report(segment, count, reason, cause);
  }

  /** Its files are not there any more, or somebody else's. */
  forget(segment: Segment): number {
    if (this.segments.delete(segment)) this.byteLength -= segment.bytes;
    return segment.leave();
  }

  /** Tells of records that were on the disk alone, and are lost. */
  report(
    { lane }: Segment,
    count: number,
    reason: SpoolLossReason,
    cause: string,
  ): void {
    if (count === 0) return;
    this.dependencies.emit({ type: 'lost', lane, count, reason, cause });
  }

  private discard(segment: Segment): number {
    const { fs } = this.dependencies;
    const alone = segment.countOf(Place.disk);
    try {
      // In this order: without its acks a segment is delivered once more.
      fs.remove(segment.path);
      fs.remove(segment.ackPath);
      // Fails, as it should, while there is something in it.
      if (!segment.isOwn) fs.removeFolder(segment.folder);
    } catch {
      // A file that stays is delivered once more by a later process.
    }
    this.forget(segment);
    return alone;
  }
}
