import type { Slab } from './slab-pool.js';

/** An encoded span as the queue takes it: the final bytes and their owner. */
export class SpanRecord {
  readonly lane = 'spans';
  /**
   * Undefined when released. Private to the object, not only to the type: a
   * copy by spreading, with bytes of its own, neither has it nor the method.
   */
  #slab: Slab | undefined;

  /** @param slab Where the bytes live; they were added to it for this record. */
  constructor(
    /** Span id. */
    readonly id: string,
    readonly bytes: Uint8Array,
    slab: Slab,
  ) {
    this.#slab = slab;
  }

  /**
   * Gives the memory back: other records overwrite the bytes from now on. A
   * second call does nothing: counted twice, this record would free a slab in
   * which another one is still read.
   */
  release(): void {
    const slab = this.#slab;
    this.#slab = undefined;
    slab?.release(this.bytes);
  }
}
