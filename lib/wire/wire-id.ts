/**
 * The id of a trace or a span, as bytes and as hex digits, each made when it is
 * first asked for: nearly all ids of spans are written once and never read.
 */
export class WireId {
  private constructor(
    private digits: string | undefined,
    private memory: Buffer,
    private readonly start: number,
    /** In bytes: 16 of a trace, 8 of a span. */
    readonly length: number,
  ) {}

  /** @param memory Never changed afterwards from `start` on for `length` bytes. */
  static ofBytes(memory: Buffer, start: number, length: number): WireId {
    return new WireId(undefined, memory, start, length);
  }

  /** Out of hex digits, two for each byte. */
  static ofHex(digits: string): WireId {
    return new WireId(digits, NO_BYTES, 0, digits.length / 2);
  }

  /** As the server stores it. */
  get hex(): string {
    const { memory, start, length } = this;
    this.digits ??= memory.toString('hex', start, start + length);
    return this.digits;
  }

  /** Copies the bytes to where there is room for them. */
  copyTo(target: Uint8Array, position: number): void {
    if (this.memory === NO_BYTES) this.memory = Buffer.from(this.hex, 'hex');
    const { memory, start, length } = this;
    // Shorter than the call of a function that copies.
    for (let i = 0; i < length; i++) target[position + i] = memory[start + i]!;
  }
}

const NO_BYTES = Buffer.alloc(0);

/** The ids of a span. */
export interface WireIds {
  readonly trace: WireId;
  readonly span: WireId;
  readonly parent: WireId | undefined;
}
