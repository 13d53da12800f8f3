import {
  encodeAttributes,
  LangfuseAttribute,
  type WireAttributes,
  type WireAttributeValue,
} from '../wire/index.js';

type Entries = Iterable<readonly [string, WireAttributeValue]>;

const NONE: WireAttributes = new Map();

/** Traces of nobody in particular have few names: those of traced methods. */
const MAX_KNOWN_ROOTS = 256;
const MAX_KNOWN_NAME_LENGTH = 128;

/** What all traces of a project have, encoded once. */
class ProjectAttributes {
  private bytes: Uint8Array | undefined;

  constructor(readonly all: WireAttributes) {}

  get encoded(): Uint8Array {
    this.bytes ??= encodeAttributes(this.all);
    return this.bytes;
  }
}

/**
 * The attributes that every observation of a trace carries: user, session,
 * tags, trace name, environment and the like. The server inherits nothing from
 * a parent, so they are repeated on each span, but encoded only once.
 *
 * Immutable: observations that have started keep what was in force then.
 */
export class TraceAttributes {
  /** Those of a trace of nobody, in no project. */
  static readonly none = TraceAttributes.ofAll(new Map());

  private all: WireAttributes | undefined;
  private keys: readonly string[] | undefined;
  private bytes: Uint8Array | undefined;
  private unnamed: TraceAttributes | undefined;
  private knownRoots: Map<string, TraceAttributes> | undefined;

  private constructor(
    private readonly project: ProjectAttributes,
    /** What this one has besides; wins. */
    private readonly values: WireAttributes,
    /** Name of the trace while nobody gave it one. */
    private readonly rootName: string | undefined,
  ) {}

  /** Those of all traces of a project. */
  static ofAll(attributes: WireAttributes): TraceAttributes {
    return new TraceAttributes(
      new ProjectAttributes(attributes),
      NONE,
      undefined,
    );
  }

  /** The same user, session and the like in the project of `other`. */
  ofProject({ project }: TraceAttributes): TraceAttributes {
    if (this.project === project) return this;
    return new TraceAttributes(project, this.values, this.rootName);
  }

  /** Those of a new trace whose root is called `name`. */
  ofRoot(name: string): TraceAttributes {
    const known = this.knownRoots?.get(name);
    if (known) return known;
    const root = new TraceAttributes(this.project, this.values, name);
    if (this.values === NONE) this.remember(name, root);
    return root;
  }

  /** Those of another trace, which is not called as the root of this one. */
  ofOtherTrace(): TraceAttributes {
    if (this.rootName === undefined) return this;
    this.unnamed ??= new TraceAttributes(this.project, this.values, undefined);
    return this.unnamed;
  }

  /** @param changes Nobody changes them afterwards. */
  with(changes: WireAttributes): TraceAttributes {
    const values =
      this.values.size === 0 ? changes : merged(this.values, changes);
    return new TraceAttributes(this.project, values, this.rootName);
  }

  /** As `with()`, but what is set already stays. */
  withMissing(changes: WireAttributes): TraceAttributes {
    const { project } = this;
    const missing = [...changes].filter(([key]) => !project.all.has(key));
    const values = new Map([...missing, ...this.values]);
    return new TraceAttributes(project, values, this.rootName);
  }

  /** Those of an observation that no prompt is to be linked to. */
  withoutPrompt(): TraceAttributes {
    if (!this.values.has(LangfuseAttribute.promptName)) return this;
    const values = new Map(this.values);
    values.delete(LangfuseAttribute.promptName);
    values.delete(LangfuseAttribute.promptVersion);
    return new TraceAttributes(this.project, values, this.rootName);
  }

  /**
   * Those that a span with `own` attributes, which win, does not have itself:
   * always the same map when these are all.
   */
  beside(own: WireAttributes): WireAttributes {
    this.all ??= this.named();
    return this.meets(own) ? without(this.all, own) : this.all;
  }

  /** The bytes of `beside(own)`, made once when these are all. */
  encodedBeside(own: WireAttributes): Uint8Array {
    if (this.meets(own)) return encodeAttributes(this.beside(own));
    this.bytes ??= this.encoded();
    return this.bytes;
  }

  /** Whether a span has one of them itself. */
  private meets(own: WireAttributes): boolean {
    this.keys ??= [
      ...Array.from(this.calledAsRoot, ([key]) => key),
      ...this.project.all.keys(),
      ...this.values.keys(),
    ];
    for (const key of this.keys) if (own.has(key)) return true;
    return false;
  }

  /** Those of the project are encoded already, for all traces. */
  private encoded(): Uint8Array {
    const { project, values } = this;
    const ofTrace = merged(this.calledAsRoot, values);
    for (const key of ofTrace.keys()) {
      if (project.all.has(key)) return encodeAttributes(this.named());
    }
    return encodeAttributes(ofTrace, project.encoded);
  }

  /** Its bytes are made once then, and not once for each trace. */
  private remember(name: string, root: TraceAttributes): void {
    if (name.length > MAX_KNOWN_NAME_LENGTH) return;
    this.knownRoots ??= new Map();
    if (this.knownRoots.size < MAX_KNOWN_ROOTS) this.knownRoots.set(name, root);
  }

  private named(): WireAttributes {
    return merged(this.calledAsRoot, this.project.all, this.values);
  }

  /** What counts while nothing else gives the trace a name. */
  private get calledAsRoot(): Entries {
    const { rootName } = this;
    return rootName === undefined
      ? []
      : [[LangfuseAttribute.traceName, rootName]];
  }
}

/** The later ones win. */
function merged(...parts: readonly Entries[]): WireAttributes {
  const all = new Map<string, WireAttributeValue>();
  for (const part of parts) {
    for (const [key, value] of part) all.set(key, value);
  }
  return all;
}

function without(all: WireAttributes, own: WireAttributes): WireAttributes {
  return new Map([...all].filter(([key]) => !own.has(key)));
}
