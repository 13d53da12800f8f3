import {
  encodeAttributes,
  type WireAttributes,
  type WireAttributeValue,
} from '../wire/index.js';

/**
 * The attributes that every observation of a trace carries: user, session,
 * tags, trace name, environment and the like. The server inherits nothing from
 * a parent, so they are repeated on each span, but encoded only once.
 *
 * Immutable: observations that have started keep what was in force then.
 */
export class TraceAttributes {
  static readonly none = new TraceAttributes(new Map());

  private bytes: Uint8Array | undefined;

  private constructor(private readonly values: WireAttributes) {}

  has(key: string): boolean {
    return this.values.has(key);
  }

  with(
    changes: Iterable<readonly [string, WireAttributeValue]>,
  ): TraceAttributes {
    return new TraceAttributes(new Map([...this.values, ...changes]));
  }

  /** As `with()`, but what is set already stays. */
  withMissing(changes: WireAttributes): TraceAttributes {
    return new TraceAttributes(new Map([...changes, ...this.values]));
  }

  /** Their bytes within a span that has `own` attributes, which win. */
  encodedBeside(own: WireAttributes): Uint8Array {
    for (const key of this.values.keys()) {
      if (own.has(key)) return this.encodedWithout(own);
    }
    this.bytes ??= encodeAttributes(this.values);
    return this.bytes;
  }

  private encodedWithout(own: WireAttributes): Uint8Array {
    const others = [...this.values].filter(([key]) => !own.has(key));
    return encodeAttributes(new Map(others));
  }
}
