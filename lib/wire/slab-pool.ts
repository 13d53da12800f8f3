/**
 * The memory that encoded records live in. Each slab counts its records, so
 * that it can be used again once the last one is settled, and not when the
 * garbage collector notices: that may be a hundred megabytes later.
 */

/**
 * Room for some dozens of typical spans. One record that is not settled holds
 * its whole slab, so larger ones would hold more than the queue accounts for.
 */
export const SLAB_BYTES = 256 * 1024;

/** Enough to go on without allocating when some batches are settled at once. */
const MAX_FREE_BYTES = 16 * 1024 * 1024;

/** How much larger than asked for memory may be that is used again. */
const MAX_SURPLUS = 1.25;

/**
 * In test builds released bytes become 0xff, which no decoder takes for a span:
 * whoever still reads them shows up.
 */
const POISONS = process.env['NESTJS_LANGFUSE_AUDIT'] !== undefined;

/**
 * Memory that is used again. It knows only what nobody uses: a slab that is
 * never released is the garbage collector's, like any other object.
 */
export class SlabPool {
  /** That which came back last is at the end. */
  private readonly free: Buffer[] = [];
  private bytes = 0;

  /** @param maxFreeBytes Bound of what is kept for later. Default: 16 MiB. */
  constructor(private readonly maxFreeBytes = MAX_FREE_BYTES) {}

  /** Bytes that are kept for later. */
  get freeBytes(): number {
    return this.bytes;
  }

  /** An empty slab of at least `bytes`, and at most a quarter more. */
  take(bytes: number): Slab {
    const index = this.bestFit(bytes);
    const [memory] = index < 0 ? [] : this.free.splice(index, 1);
    if (memory === undefined) {
      return new Slab(Buffer.allocUnsafeSlow(bytes), this);
    }
    this.bytes -= memory.length;
    return new Slab(memory, this);
  }

  /**
   * Keeps memory for later. What has lain here for the longest time goes when
   * the bound is passed: nobody asks for its size any more.
   */
  giveBack(memory: Buffer): void {
    this.free.push(memory);
    this.bytes += memory.length;
    while (this.bytes > this.maxFreeBytes) {
      this.bytes -= this.free.shift()!.length;
    }
  }

  /** The smallest that suffices, the warmest of its size; -1 for none. */
  private bestFit(bytes: number): number {
    let best = -1;
    let bestBytes = bytes * MAX_SURPLUS + 1;
    for (let i = this.free.length - 1; i >= 0 && bestBytes > bytes; i--) {
      const { length } = this.free[i]!;
      if (length < bytes || length >= bestBytes) continue;
      best = i;
      bestBytes = length;
    }
    return best;
  }
}

/**
 * One life of a piece of memory: records are added one after the other while it
 * is open, and it goes back to its pool when it is closed and all are released.
 */
export class Slab {
  private records = 0;
  private isOpen = true;
  private next = 0;

  /** @param pool Undefined leaves the memory to the garbage collector. */
  constructor(
    readonly memory: Buffer,
    private readonly pool?: SlabPool,
  ) {}

  /** Where the next record begins. */
  get end(): number {
    return this.next;
  }

  /** The bytes from `start`, which is not before `end`, become a record. */
  add(start: number, end: number): Uint8Array {
    const { buffer, byteOffset } = this.memory;
    this.records += 1;
    this.next = end;
    return new Uint8Array(buffer, byteOffset + start, end - start);
  }

  /** Nothing is added any more. */
  close(): void {
    this.isOpen = false;
    this.giveBackIfUnused();
  }

  /**
   * Nobody reads this record any more. To be called once for each that was
   * added; {@link SpanRecord} sees to it that nothing else can happen.
   */
  release(record: Uint8Array): void {
    if (POISONS) record.fill(0xff);
    this.records -= 1;
    // A queue that is full refuses a record as soon as it was written. Were its
    // place not used again, the few that get in would be far apart, and each
    // would hold a slab.
    const start = record.byteOffset - this.memory.byteOffset;
    if (this.records === 0) this.next = 0;
    else if (start + record.byteLength === this.next) this.next = start;
    this.giveBackIfUnused();
  }

  private giveBackIfUnused(): void {
    if (this.isOpen || this.records > 0) return;
    this.pool?.giveBack(this.memory);
  }
}
