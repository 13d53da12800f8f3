import type { Segment } from './segment.js';
import type { SegmentStore } from './segment-store.js';
import type { SpoolFileSystem } from './spool-file-system.js';

/** The bounds of what a process has on the disk. */
export interface DiskLimits {
  /** Bytes of all its segments, at most. */
  readonly maxBytes: number;
  /** Bytes that stay free on the disk, to the length of a segment. */
  readonly minFreeBytes: number;
}

/** The disk has less left than what is to stay free. */
export class DiskFullError extends Error {
  override readonly name = 'DiskFullError';

  constructor(folder: string, free: number, minFreeBytes: number) {
    super(
      `The disk of the spool folder ${folder} has ${free} bytes left, and ` +
        `${minFreeBytes} are to stay free: make room, or lower minFreeBytes`,
    );
  }
}

/** Makes room on the disk, if need be by giving up the oldest records. */
export class DiskBudget {
  /** What there may be while the disk is too full to have more on it. */
  private ceiling = Infinity;

  constructor(
    private readonly limits: DiskLimits,
    private readonly store: SegmentStore,
    private readonly fs: SpoolFileSystem,
  ) {}

  /** Whether `bytes` more may be written, be it that the oldest segments go. */
  makeRoom(bytes: number): boolean {
    const { store, ceiling } = this;
    const { maxBytes } = this.limits;
    const limit = Math.min(maxBytes, ceiling);
    while (store.bytes + bytes > limit) {
      const oldest = bytes > limit ? undefined : this.oldest();
      if (oldest === undefined) return false;
      const cause =
        limit === maxBytes
          ? `the spool has reached its ${maxBytes} bytes`
          : 'the disk is full';
      store.lose(oldest, 'spool_quota', cause);
    }
    return true;
  }

  /**
   * To be called before a segment of `bytes` is begun. Once too little of the
   * disk is free, all segments together may not become larger. They need not
   * become smaller: what fills the disk may be somebody else's.
   *
   * @throws DiskFullError when there is no segment that could make room.
   */
  keepFree(folder: string, bytes: number): void {
    const { minFreeBytes } = this.limits;
    const free = this.freeBytes(folder);
    this.ceiling =
      free >= minFreeBytes
        ? Infinity
        : Math.min(this.ceiling, this.store.bytes);
    if (this.ceiling < bytes) {
      throw new DiskFullError(folder, free, minFreeBytes);
    }
  }

  /** The oldest segment that nobody writes to. */
  private oldest(): Segment | undefined {
    let oldest: Segment | undefined;
    for (const segment of this.store) {
      if (!segment.isSealed) continue;
      if (!oldest || segment.createdAt < oldest.createdAt) oldest = segment;
    }
    return oldest;
  }

  private freeBytes(folder: string): number {
    try {
      return this.fs.freeBytes(folder);
    } catch {
      // Not every file system tells; a write to a full one fails as well.
      return Infinity;
    }
  }
}
