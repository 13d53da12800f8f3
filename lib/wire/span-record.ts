import type { Slab } from './slab-pool.js';
import type { WireId } from './wire-id.js';

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
    private readonly spanId: WireId | string,
    readonly bytes: Uint8Array,
    slab: Slab,
  ) {
    this.#slab = slab;
  }

  /** Span id. */
  get id(): string {
    const { spanId } = this;
    return typeof spanId === 'string' ? spanId : spanId.hex;
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
