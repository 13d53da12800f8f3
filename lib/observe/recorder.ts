import {
  type Context,
  context as otelContext,
  INVALID_SPAN_CONTEXT,
  isSpanContextValid,
  type Span,
  type SpanContext,
  SpanKind,
  type SpanOptions,
  trace as otelTrace,
} from '@opentelemetry/api';
import {
  LangfuseAttribute,
  type WireAttributes,
  WireId,
  type WireIds,
} from '../wire/index.js';
import { ActiveScope, type Scope } from './active-scope.js';
import type { Capture } from './capture/index.js';
import { newSpanId, newTraceId } from './ids.js';
import type { InstrumentationScope } from './instrumentation-scope.js';
import { ownSpanIn, propagatedIn } from './otel-context.js';
import { OpenObservations } from './open-observations.js';
import { OwnSpanContext } from './own-span-context.js';
import { RecordingSpan, type SpanHome } from './recording-span.js';
import type { SpanIntake } from './span-intake.js';
import { newTimeAnchor } from './timing.js';
import type { TraceAttributes } from './trace-attributes.js';

/** What a recorder works with. */
export interface RecorderSettings {
  /** Undefined turns recording off: every span is a no-op. */
  readonly intake: SpanIntake | undefined;
  readonly capture: Capture;
  /** What every observation of this project carries. */
  readonly trace: TraceAttributes;
  /** Default: one without bounds. */
  readonly open?: OpenObservations;
}

/** How a span finds its parent. */
export interface ParentChoice {
  /** This one, whatever is active. */
  readonly parent?: SpanContext | RecordingSpan;
  /** None, whatever is active. */
  readonly root?: boolean;
}

/** What a span starts below. */
interface Parent {
  /** One of ours. */
  readonly local: RecordingSpan | undefined;
  /** Somebody else's. */
  readonly foreign: SpanContext | undefined;
}

const NO_PARENT: Parent = { local: undefined, foreign: undefined };

const NO_SCOPE = { span: undefined, remote: undefined };

const NO_SPAN = otelTrace.wrapSpanContext(INVALID_SPAN_CONTEXT);

/**
 * Starts the spans of one project and hands those that have ended to the
 * intake. The one place where an observation begins and ends.
 *
 * The active span of another provider of OpenTelemetry is read, as a parent of
 * last resort.
 */
export class Recorder implements SpanHome {
  readonly capture: Capture;
  readonly open: OpenObservations;
  private active = new ActiveScope();
  /** Whether the application has other projects, which may be active. */
  private hasCompany = false;
  /** Of the projects of an application the one that may have a span processor. */
  private first: Recorder = this;
  private readonly intake: SpanIntake | undefined;
  private readonly outside: Scope;

  constructor({ intake, capture, trace, open }: RecorderSettings) {
    this.intake = intake;
    this.capture = capture;
    this.open = open ?? new OpenObservations();
    this.outside = { span: undefined, trace };
  }

  /** Whether this project is recorded at all. */
  get isEnabled(): boolean {
    return this.intake !== undefined;
  }

  /** Whether anything of this application may be recorded, in any project. */
  get mayRecord(): boolean {
    return this.isEnabled || this.hasCompany;
  }

  /** Whether anything that starts here is recorded. */
  get isOn(): boolean {
    return this.intake !== undefined || this.atHome !== this;
  }

  get scope(): Scope {
    return this.active.current ?? this.outside;
  }

  /** What all observations of this project carry. */
  get ownTrace(): TraceAttributes {
    return this.outside.trace;
  }

  /** Whether spans of ours are active in OpenTelemetry's context, too. */
  get ownsOtelContext(): boolean {
    return this.active.ownsOtelContext;
  }

  set ownsOtelContext(isOurs: boolean) {
    this.active.ownsOtelContext = isOurs;
  }

  run<T>(scope: Scope, fn: () => T): T {
    return this.active.run(scope, fn);
  }

  /**
   * Says that both record projects of one application, in which one thing is
   * active at a time. To be said before anything is.
   */
  join(other: Recorder): void {
    this.active = other.active;
    this.first = other;
    this.hasCompany = true;
    other.hasCompany = true;
  }

  /**
   * The recorder of what is active, else this one: the server knows no trace
   * of two projects, so all below an observation stays in its project.
   */
  get atHome(): Recorder {
    return this.hasCompany ? this.homeIn(this.scope) : this;
  }

  /** What somebody else's span that starts in `context` carries of its trace. */
  traceIn(context: Context, traceId: string): TraceAttributes {
    const { span, trace } = this.scopeIn(context);
    const isOurs = span?.traceId === traceId;
    const known = (isOurs ? trace : trace.ofOtherTrace()).ofProject(
      this.ownTrace,
    );
    return withPropagated(known, context);
  }

  start(
    name: string,
    options: Omit<SpanOptions, 'root'>,
    choice: ParentChoice,
    instrumentationScope?: InstrumentationScope,
  ): Span {
    const home = this.hasCompany ? this.homeFor(choice) : this;
    if (home !== this) {
      return home.start(name, options, choice, instrumentationScope);
    }
    const { intake } = this;
    if (!intake || intake.isMasking) return NO_SPAN;
    const { local, foreign } = this.resolveParent(choice);
    const { scope } = this;
    // The scope first: parallel branches below one span can have different users.
    const inherited = withPropagated(
      (local === undefined || local === scope.span
        ? scope
        : local
      ).trace.ofProject(this.ownTrace),
      otelContext.active(),
    );
    const ids = local ? idsBelow(local) : newIds(foreign);
    const span = new RecordingSpan(
      {
        name,
        kind: options.kind ?? SpanKind.INTERNAL,
        ids,
        isSampled: intake.samples(ids.trace),
        traceState: local ? local.inheritedState : foreign?.traceState,
        parentIsRemote: foreign?.isRemote === true,
        localParent: nearestOpen(local),
        startTime: options.startTime,
        anchor: local?.anchor ?? newTimeAnchor(),
        trace: local ? inherited : inherited.ofRoot(this.fit(name)),
        instrumentationScope,
      },
      this,
    );
    if (!span.isRecording()) return span;
    // The server will not see the parent, which belongs to somebody else or is
    // not to be sent: this is where what it sees of the application begins.
    if (
      local
        ? !intake.wants(local)
        : foreign && !intake.foreign.isExpected(foreign.spanId)
    ) {
      span.put(LangfuseAttribute.isAppRoot, true);
    }
    if (options.links) span.addLinks(options.links);
    if (options.attributes) span.setAttributes(options.attributes);
    this.open.add(span);
    return span;
  }

  fit(value: unknown): string {
    return this.capture.text(value) ?? '';
  }

  grew(bytes: number): void {
    this.open.grew(bytes);
  }

  ended(span: RecordingSpan): void {
    this.open.remove(span);
    this.intake?.take(span);
    span.forget();
    span.localParent = nearestOpen(span.localParent);
  }

  /**
   * Puts attributes of the trace on the active span and on all that start
   * within `fn`. Open spans around the active one take what they lack: the
   * server inherits nothing, and a request's user is mostly known only inside.
   */
  propagate<T>(attributes: WireAttributes, fn: () => T): T {
    const { span, remote, home, trace } = this.scope;
    const ofTrace = withoutPrompt(attributes);
    if (span) {
      span.trace = span.trace.with(ofTrace);
      putPrompt(span, attributes);
    }
    for (let outer = span?.localParent; outer; outer = outer.localParent) {
      outer.trace = outer.trace.withMissing(ofTrace);
    }
    return this.run({ span, remote, home, trace: trace.with(attributes) }, fn);
  }

  /** Ends all that is open, with a visible reason. */
  endOpen(statusMessage: string): void {
    this.open.endAll(statusMessage);
  }

  private homeIn({ span, remote, home }: Scope): Recorder {
    if (span) return this.peer(span.home);
    return remote ? this.peer(home) : this.homeOfForeign();
  }

  /** A span of an OpenTelemetry SDK that is sent to Langfuse is of a project, too. */
  private homeOfForeign(): Recorder {
    const { first } = this;
    const foreign = foreignActiveSpan();
    return foreign && first.intake?.foreign.isExpected(foreign.spanId)
      ? first
      : this;
  }

  private homeFor({ parent, root }: ParentChoice): Recorder {
    if (root) return this;
    if (!parent) return this.homeIn(this.scope);
    const span = RecordingSpan.is(parent) ? parent : ownSpanOf(parent);
    return this.peer(span?.home);
  }

  /** Another application's recorder is no peer. */
  private peer(home: SpanHome | undefined): Recorder {
    const isPeer = home instanceof Recorder && home.active === this.active;
    return isPeer && home.isEnabled ? home : this;
  }

  private scopeIn(context: Context): Scope {
    const span = ownSpanIn(context);
    return span ? { span, trace: span.trace } : this.scope;
  }

  private resolveParent({ parent: given, root }: ParentChoice): Parent {
    if (root) return NO_PARENT;
    const { span, remote } = given ? NO_SCOPE : this.scope;
    const parent = given ?? span ?? remote ?? foreignActiveSpan();
    if (!parent) return NO_PARENT;
    if (RecordingSpan.is(parent)) return below(parent);
    try {
      const local = OwnSpanContext.spanOf(parent);
      if (local) return below(local);
      // Read once: what was valid stays so.
      const { traceId, spanId, traceFlags, isRemote, traceState } = parent;
      if (typeof traceId !== 'string' || typeof spanId !== 'string') {
        return NO_PARENT;
      }
      const read: SpanContext = {
        traceId,
        spanId,
        traceFlags,
        ...(isRemote === true ? { isRemote } : {}),
        ...(traceState ? { traceState } : {}),
      };
      return isSpanContextValid(read)
        ? { local: undefined, foreign: read }
        : NO_PARENT;
    } catch {
      // Untyped code gave what is no context, or a trap.
      return NO_PARENT;
    }
  }
}

/** What `@langfuse/tracing` propagates comes from further in than our scopes. */
function withPropagated(
  trace: TraceAttributes,
  context: Context,
): TraceAttributes {
  const propagated = propagatedIn(context);
  return propagated.size === 0 ? trace : trace.with(propagated);
}

/** Another generation around it was not made from this prompt. */
function withoutPrompt(attributes: WireAttributes): WireAttributes {
  const { promptName, promptVersion } = LangfuseAttribute;
  if (!attributes.has(promptName)) return attributes;
  return new Map(
    [...attributes].filter(
      ([key]) => key !== promptName && key !== promptVersion,
    ),
  );
}

/** On the span itself, not on what starts below it after the callback. */
function putPrompt(span: RecordingSpan, attributes: WireAttributes): void {
  const { promptName, promptVersion } = LangfuseAttribute;
  if (span.attributes.has(promptName)) return;
  for (const key of [promptName, promptVersion]) {
    const value = attributes.get(key);
    if (value !== undefined) span.put(key, value);
  }
}

function ownSpanOf(parent: SpanContext): RecordingSpan | undefined {
  try {
    return OwnSpanContext.spanOf(parent);
  } catch {
    // Untyped code gave what is no context, or a trap.
    return undefined;
  }
}

/** The parent of what starts in `scope`. */
export function parentOfScope({
  span,
  remote,
}: Scope): SpanContext | undefined {
  return span?.spanContext() ?? remote;
}

function below(local: RecordingSpan): Parent {
  return { local, foreign: undefined };
}

function idsBelow({ ids: { trace, span: parent } }: RecordingSpan): WireIds {
  return { trace, span: newSpanId(), parent };
}

/** Of a span that has no parent of ours. */
function newIds(foreign: SpanContext | undefined): WireIds {
  const span = newSpanId();
  if (!foreign) return { trace: newTraceId(), span, parent: undefined };
  const trace = WireId.ofHex(foreign.traceId);
  return { trace, span, parent: WireId.ofHex(foreign.spanId) };
}

/** The span that another OpenTelemetry provider has made active, if any. */
function foreignActiveSpan(context: Context = otelContext.active()) {
  return otelTrace.getSpanContext(context);
}

/**
 * A span that has ended takes nothing any more, and one that leads back to it
 * would keep it, and all before it, for as long as it lives itself.
 */
function nearestOpen(
  span: RecordingSpan | undefined,
): RecordingSpan | undefined {
  let open = span;
  while (open && !open.isRecording()) open = open.localParent;
  return open;
}
