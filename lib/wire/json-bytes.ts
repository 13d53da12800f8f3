/**
 * JSON text that is UTF-8 already, so that it need only be copied when its span
 * ends. Characters are made of it when somebody reads it, such as a mask.
 */
export class JsonBytes {
  readonly #memory: Buffer;

  /** @param memory - Shared with others: a view of it would cost as much again. */
  constructor(
    memory: Buffer,
    private readonly start: number,
    /** In bytes. */
    readonly length: number,
  ) {
    this.#memory = memory;
  }

  /** Whether any value is one: no Proxy trap runs. */
  static is(value: unknown): value is JsonBytes {
    return typeof value === 'object' && value !== null && #memory in value;
  }

  /** Copies the bytes to where there is room for them. */
  copyTo(target: Buffer, position: number): void {
    const { start, length } = this;
    this.#memory.copy(target, position, start, start + length);
  }

  toString(): string {
    const { start, length } = this;
    return this.#memory.toString('utf8', start, start + length);
  }
}
