import { join } from 'node:path';
import type { Clock, QueueRecord } from '../queue/index.js';
import type { Breaker } from './breaker.js';
import type { DiskBudget } from './disk-budget.js';
import { frameBytes, writeFrame } from './frame.js';
import type { OwnFolder } from './own-folder.js';
import { type Place, Segment, type WaitingTally } from './segment.js';
import { encodeHeader, type SegmentHeader } from './segment-header.js';
import { openName, type SegmentName } from './segment-name.js';
import type { SegmentStore } from './segment-store.js';
import { codeOf, type SpoolFileSystem } from './spool-file-system.js';

/** Longest time that one segment is written to, in milliseconds. */
const SEGMENT_AGE_MS = 60_000;

/** What a writer works with. */
export interface SegmentWriterDependencies {
  readonly fs: SpoolFileSystem;
  readonly clock: Clock;
  readonly folder: OwnFolder;
  readonly store: SegmentStore;
  readonly budget: DiskBudget;
  readonly breaker: Breaker;
  readonly tally: WaitingTally;
  /** Bytes of a segment at which the next one is begun. */
  readonly segmentBytes: number;
  /** Whether each write has to survive a loss of power. */
  readonly isDurable: boolean;
  readonly nextName: () => SegmentName;
  readonly header: () => SegmentHeader;
}

/** The segment that is written to. */
interface Active {
  readonly segment: Segment;
  readonly file: number;
  readonly openedAt: number;
  /** Bytes of the file that are header and whole records. */
  size: number;
}

/**
 * Appends the records of one lane to a segment, and begins the next one when it
 * is large or old enough. What the disk does not take leaves no trace.
 */
export class SegmentWriter {
  private active: Active | undefined;
  private written = 0;
  private isClosed = false;
  /** Records are put together here, for one system call. */
  private scratch = Buffer.alloc(0);

  constructor(private readonly dependencies: SegmentWriterDependencies) {}

  /** The segment that the last record was appended to, while it is open. */
  get current(): Segment | undefined {
    return this.active?.segment;
  }

  /** Records that were written so far. */
  get lastNumber(): number {
    return this.written;
  }

  /**
   * Appends records. Returns how many, from the first one, are safe: in the hands
   * of the operating system, or of the disk when writes are durable.
   */
  append(records: readonly QueueRecord[], place: Place): number {
    const { breaker } = this.dependencies;
    if (this.isClosed || !breaker.mayTry()) return 0;
    let safe = 0;
    try {
      while (safe < records.length) {
        const count = this.appendSome(records, safe, place);
        if (count === 0) return safe;
        safe += count;
        breaker.succeeded();
      }
    } catch (error) {
      this.abandon();
      breaker.failed(error);
    }
    return safe;
  }

  /** Nothing is appended to the current segment any more. */
  seal(): void {
    const { active } = this;
    this.active = undefined;
    if (active === undefined) return;
    this.closeFile(active.file);
    this.dependencies.store.seal(active.segment);
  }

  /** Nothing is written any more. */
  close(): void {
    this.isClosed = true;
    this.seal();
  }

  /** Appends as many as one write takes. @throws as the file system does. */
  private appendSome(
    records: readonly QueueRecord[],
    from: number,
    place: Place,
  ): number {
    const active = this.makeReady(records[from]!);
    if (active === undefined) return 0;
    const { fs, store, budget, segmentBytes, isDurable } = this.dependencies;
    const { segment, file } = active;
    const room = segmentBytes - active.size;
    let bytes = 0;
    let to = from;
    for (; to < records.length; to++) {
      const more = frameBytes(records[to]!);
      if (more === undefined) break;
      if (to > from && bytes + more > room) break;
      if (!budget.makeRoom(bytes + more)) break;
      bytes += more;
    }
    if (to === from) return 0;
    fs.write(file, this.encode(segment, records, from, to, bytes));
    if (isDurable) fs.sync(file);
    active.size += bytes;
    store.grow(segment, bytes);
    segment.add(to - from, place);
    this.written += to - from;
    return to - from;
  }

  private encode(
    { marker, count }: Segment,
    records: readonly QueueRecord[],
    from: number,
    to: number,
    bytes: number,
  ): Uint8Array {
    const target = this.memory(bytes);
    let at = 0;
    for (let i = from; i < to; i++) {
      at = writeFrame(target, at, marker, count + i - from, records[i]!);
    }
    return target.subarray(0, bytes);
  }

  private memory(bytes: number): Buffer {
    if (bytes <= this.scratch.length) return this.scratch;
    const memory = Buffer.allocUnsafeSlow(bytes);
    // That of a giant is not worth holding on to.
    if (bytes <= this.dependencies.segmentBytes) this.scratch = memory;
    return memory;
  }

  /** A segment for this record; undefined when there is no room for it. */
  private makeReady(record: QueueRecord): Active | undefined {
    const { folder, clock, segmentBytes } = this.dependencies;
    const bytes = frameBytes(record);
    if (bytes === undefined) return undefined;
    // It notices when somebody else has taken the folder; see `forget()`.
    folder.ensure();
    const { active } = this;
    if (active) {
      const isFull = active.size + bytes > segmentBytes;
      const isOld = clock.now() - active.openedAt > SEGMENT_AGE_MS;
      if (active.segment.count === 0 || !(isFull || isOld)) return active;
      this.seal();
    }
    return this.begin(bytes);
  }

  private begin(recordBytes: number): Active | undefined {
    const { budget, folder, segmentBytes } = this.dependencies;
    const header = encodeHeader(this.dependencies.header());
    const bytes = header.length + recordBytes;
    budget.keepFree(folder.ensure(), Math.max(segmentBytes, bytes));
    if (!budget.makeRoom(bytes)) return undefined;
    const active = this.open(header.length);
    this.dependencies.fs.write(active.file, header);
    active.size = header.length;
    return active;
  }

  private open(headerBytes: number): Active {
    const { fs, clock, store, tally, nextName, isDurable } = this.dependencies;
    const name = nextName();
    const { folder, file } = this.create(openName(name));
    const segment = new Segment(
      {
        ...this.dependencies.header(),
        name,
        folder,
        file: openName(name),
        bytes: headerBytes,
        firstNumber: this.written + 1,
      },
      tally,
    );
    const openedAt = clock.now();
    this.active = { segment, file, openedAt, size: 0 };
    store.add(segment);
    if (isDurable) fs.syncFolder(folder);
    return this.active;
  }

  private create(name: string): { folder: string; file: number } {
    const { fs, folder } = this.dependencies;
    const create = () => {
      const path = folder.ensure();
      return { folder: path, file: fs.open(join(path, name), 'new') };
    };
    try {
      return create();
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') throw error;
      // Somebody removed the folder; there will be another one.
      folder.forget();
      return create();
    }
  }

  /** The file may hold a part of a record: whoever reads it must not see that. */
  private abandon(): void {
    const { active } = this;
    if (active === undefined) return;
    try {
      this.dependencies.fs.truncate(active.file, active.size);
    } catch {
      // Readers pass over what has no valid CRC.
    }
    this.seal();
  }

  private closeFile(file: number): void {
    try {
      this.dependencies.fs.close(file);
    } catch {
      // Linux has closed it all the same.
    }
  }

  /** The segment's folder is somebody else's now, or nobody's. */
  forget(): void {
    const { active } = this;
    this.active = undefined;
    if (active) this.closeFile(active.file);
  }
}
