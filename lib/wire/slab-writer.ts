/**
 * Where records are written: into slabs of memory. A record is contiguous, and
 * records that were written one after the other lie side by side, so that a
 * batch of them is one range of bytes.
 *
 * At least three quarters of every slab that is not written to any more are
 * records: what is held stays close to what their lengths add up to.
 */
import { Slab, SLAB_BYTES, SlabPool } from './slab-pool.js';

/** How much of a slab may be left unused, as a part of its bytes. */
const MAX_UNUSED = 0.25;

const NO_MEMORY = Buffer.alloc(0);

/**
 * Finds room for one record at a time, between `begin()` and `finish()`. What
 * writes it moves `position`, in `memory` that it has reserved before; positions
 * that it keeps it counts from `start`, since a record that grows may move.
 */
export abstract class SlabWriter {
  /** The slab that records share. */
  private shared = new Slab(NO_MEMORY);
  /** Where the record is: in the shared slab, or in one of its own. */
  private home = this.shared;
  protected memory = this.home.memory;
  /** Where the record that is being written begins in the memory. */
  protected start = 0;
  protected position = 0;

  /**
   * @param slabBytes Bytes of one slab, by default 256 KiB. A record that needs
   * more gets a slab of its own.
   * @param pool Where slabs come from and go back to.
   */
  constructor(
    private readonly slabBytes = SLAB_BYTES,
    private readonly pool = new SlabPool(),
  ) {}

  /**
   * Starts a record and forgets one that was not finished.
   *
   * @param expectedBytes Spares a large record the move to a larger slab.
   */
  begin(expectedBytes = 0): void {
    this.home = this.shared;
    this.memory = this.home.memory;
    this.start = this.home.end;
    this.position = this.start;
    this.reserve(expectedBytes);
  }

  /**
   * The record, as a view of its slab. Whoever is done with it can release it
   * there; its bytes stay as they are until then.
   */
  finish(): Uint8Array {
    const written = this.position - this.start;
    if (this.isAlone && written < (1 - MAX_UNUSED) * this.memory.length) {
      this.move(written);
    }
    const record = this.home.add(this.start, this.position);
    if (this.isAlone) this.home.close();
    return record;
  }

  /** The slab of the record that was finished last. */
  get slab(): Slab {
    return this.home;
  }

  /** After this there is room for `bytes`; the record may have moved. */
  protected reserve(bytes: number): void {
    if (this.position + bytes <= this.memory.length) return;
    const written = this.position - this.start;
    // Half as much again, or a record of many long strings would move each time.
    this.move(written + Math.max(bytes, Math.ceil(written / 2)));
  }

  /** Moves what is written of the record to where it has `bytes` in all. */
  private move(bytes: number): void {
    const { home, shared, memory, start, position } = this;
    this.home = this.homeFor(bytes);
    this.memory = this.home.memory;
    this.start = this.home.end;
    this.position = this.start + position - start;
    memory.copy(this.memory, this.start, start, position);
    // Only now: the memory of a closed slab is anybody's.
    if (home !== shared) home.close();
    if (this.shared !== shared) shared.close();
  }

  private homeFor(bytes: number): Slab {
    const { memory, end } = this.shared;
    const unused = memory.length - end;
    if (bytes <= unused) return this.shared;
    if (bytes > this.slabBytes || unused > MAX_UNUSED * memory.length) {
      return this.pool.take(bytes);
    }
    this.shared = this.pool.take(this.slabBytes);
    return this.shared;
  }

  private get isAlone(): boolean {
    return this.home !== this.shared;
  }
}
