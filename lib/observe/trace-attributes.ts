import {
  encodeAttributes,
  LangfuseAttribute,
  type WireAttributes,
  type WireAttributeValue,
} from '../wire/index.js';

const NONE: WireAttributes = new Map();

/**
 * The attributes that every observation of a trace carries: user, session,
 * tags, trace name, environment and the like. The server inherits nothing from
 * a parent, so they are repeated on each span, but encoded only once.
 *
 * Immutable: observations that have started keep what was in force then.
 */
export class TraceAttributes {
  static readonly none = TraceAttributes.ofAll(new Map());

  private all: WireAttributes | undefined;
  private bytes: Uint8Array | undefined;
  private unnamed: TraceAttributes | undefined;

  private constructor(
    /** What all traces of a project have. */
    private readonly project: WireAttributes,
    /** What this one has besides; wins. */
    private readonly values: WireAttributes,
    /** Name of the trace while nobody gave it one. */
    private readonly rootName: string | undefined,
  ) {}

  /** Those of all traces of a project. */
  static ofAll(attributes: WireAttributes): TraceAttributes {
    return new TraceAttributes(attributes, NONE, undefined);
  }

  /** The same user, session and the like in the project of `other`. */
  ofProject({ project }: TraceAttributes): TraceAttributes {
    if (this.project === project) return this;
    return new TraceAttributes(project, this.values, this.rootName);
  }

  /** Those of a new trace whose root is called `name`. */
  ofRoot(name: string): TraceAttributes {
    return new TraceAttributes(this.project, this.values, name);
  }

  /** Those of another trace, which is not called as the root of this one. */
  ofOtherTrace(): TraceAttributes {
    if (this.rootName === undefined) return this;
    this.unnamed ??= new TraceAttributes(this.project, this.values, undefined);
    return this.unnamed;
  }

  with(
    changes: Iterable<readonly [string, WireAttributeValue]>,
  ): TraceAttributes {
    const values = new Map([...this.values, ...changes]);
    return new TraceAttributes(this.project, values, this.rootName);
  }

  /** As `with()`, but what is set already stays. */
  withMissing(changes: WireAttributes): TraceAttributes {
    const { project } = this;
    const missing = [...changes].filter(([key]) => !project.has(key));
    const values = new Map([...missing, ...this.values]);
    return new TraceAttributes(project, values, this.rootName);
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
    const { project, values, rootName } = this;
    const all = new Map([...project, ...values]);
    return rootName === undefined || all.has(LangfuseAttribute.traceName)
      ? all
      : new Map([[LangfuseAttribute.traceName, rootName], ...all]);
  }
}

function without(all: WireAttributes, own: WireAttributes): WireAttributes {
  return new Map([...all].filter(([key]) => !own.has(key)));
}
