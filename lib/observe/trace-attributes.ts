import {
  encodeAttributes,
  LangfuseAttribute,
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
  static readonly none = new TraceAttributes(new Map(), undefined);

  private bytes: Uint8Array | undefined;

  private constructor(
    private readonly values: WireAttributes,
    /** Name of the trace while nobody gave it one. */
    private readonly rootName: string | undefined,
  ) {}

  /** Those of a new trace whose root is called `name`. */
  ofRoot(name: string): TraceAttributes {
    return new TraceAttributes(this.values, name);
  }

  with(
    changes: Iterable<readonly [string, WireAttributeValue]>,
  ): TraceAttributes {
    const values = new Map([...this.values, ...changes]);
    return new TraceAttributes(values, this.rootName);
  }

  /** As `with()`, but what is set already stays. */
  withMissing(changes: WireAttributes): TraceAttributes {
    const values = new Map([...changes, ...this.values]);
    return new TraceAttributes(values, this.rootName);
  }

  /** Their bytes within a span that has `own` attributes, which win. */
  encodedBeside(own: WireAttributes): Uint8Array {
    for (const key of [LangfuseAttribute.traceName, ...this.values.keys()]) {
      if (own.has(key)) return this.encodedWithout(own);
    }
    this.bytes ??= encodeAttributes(this.named());
    return this.bytes;
  }

  private encodedWithout(own: WireAttributes): Uint8Array {
    const others = [...this.named()].filter(([key]) => !own.has(key));
    return encodeAttributes(new Map(others));
  }

  private named(): WireAttributes {
    const { values, rootName } = this;
    return rootName === undefined || values.has(LangfuseAttribute.traceName)
      ? values
      : new Map([[LangfuseAttribute.traceName, rootName], ...values]);
  }
}
