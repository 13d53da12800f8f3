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

  private all: WireAttributes | undefined;
  private bytes: Uint8Array | undefined;
  private unnamed: TraceAttributes | undefined;

  private constructor(
    private readonly values: WireAttributes,
    /** Name of the trace while nobody gave it one. */
    private readonly rootName: string | undefined,
  ) {}

  /** Those of a new trace whose root is called `name`. */
  ofRoot(name: string): TraceAttributes {
    return new TraceAttributes(this.values, name);
  }

  /** Those of another trace, which is not called as the root of this one. */
  ofOtherTrace(): TraceAttributes {
    if (this.rootName === undefined) return this;
    this.unnamed ??= new TraceAttributes(this.values, undefined);
    return this.unnamed;
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

  /**
   * Those that a span with `own` attributes, which win, does not have itself:
   * always the same map when these are all.
   */
  beside(own: WireAttributes): WireAttributes {
    this.all ??= this.named();
    for (const key of this.all.keys()) {
      if (own.has(key)) return without(this.all, own);
    }
    return this.all;
  }

  /** The bytes of `beside(own)`, made once when these are all. */
  encodedBeside(own: WireAttributes): Uint8Array {
    const attributes = this.beside(own);
    if (attributes !== this.all) return encodeAttributes(attributes);
    this.bytes ??= encodeAttributes(attributes);
    return this.bytes;
  }

  private named(): WireAttributes {
    const { values, rootName } = this;
    return rootName === undefined || values.has(LangfuseAttribute.traceName)
      ? values
      : new Map([[LangfuseAttribute.traceName, rootName], ...values]);
  }
}

function without(all: WireAttributes, own: WireAttributes): WireAttributes {
  return new Map([...all].filter(([key]) => !own.has(key)));
}
