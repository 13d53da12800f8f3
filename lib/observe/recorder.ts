import { AsyncLocalStorage } from 'node:async_hooks';
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
import { LangfuseAttribute, type WireAttributeValue } from '../wire/index.js';
import type { Capture } from './capture/index.js';
import { newSpanId, newTraceId } from './ids.js';
import type { InstrumentationScope } from './instrumentation-scope.js';
import { ownSpanIn, propagatedIn } from './otel-context.js';
import { OpenObservations } from './open-observations.js';
import { OwnSpanContext } from './own-span-context.js';
import { RecordingSpan, type SpanSink } from './recording-span.js';
import type { SpanIntake } from './span-intake.js';
import { newTimeAnchor } from './timing.js';
import type { TraceAttributes } from './trace-attributes.js';

/** What is in force at a point of the program. */
export interface Scope {
  /** The active observation's span. */
  readonly span: RecordingSpan | undefined;
  /** Where no span is active: the parent in another process, if any. */
  readonly remote?: SpanContext | undefined;
  /** What observations that start here carry of their trace. */
  readonly trace: TraceAttributes;
}

/** A scope, and what OpenTelemetry's context held when it was entered. */
interface Entered {
  readonly scope: Scope;
  readonly otelSpan: RecordingSpan | undefined;
}

/** What a recorder works with. */
export interface RecorderSettings {
  /** Undefined turns recording off: every span is a no-op. */
  readonly intake: SpanIntake | undefined;
  readonly capture: Capture;
  /** What every observation of this application carries. */
  readonly trace: TraceAttributes;
}

/** How a span finds its parent. */
export interface ParentChoice {
  /** This one, whatever is active. */
  readonly parent?: SpanContext;
  /** None, whatever is active. */
  readonly root?: boolean;
}

const NO_PARENT = { parent: undefined, local: undefined };

const NO_SPAN = otelTrace.wrapSpanContext(INVALID_SPAN_CONTEXT);

/**
 * Starts spans, knows which one is active, and hands those that have ended to
 * the intake. The one place where an observation begins and ends.
 *
 * The active observation lives in an AsyncLocalStorage of its own: nothing is
 * registered with OpenTelemetry, and the active span of another provider is
 * read (as a parent of last resort) but never replaced.
 */
export class Recorder implements SpanSink {
  readonly capture: Capture;
  /**
   * Whether OpenTelemetry's context is ours to set: then spans of ours are
   * active there, too. Else somebody else's active span would be replaced.
   */
  ownsOtelContext = false;
  private readonly storage = new AsyncLocalStorage<Entered>();
  private readonly open = new OpenObservations();
  private readonly intake: SpanIntake | undefined;
  private readonly outside: Scope;

  constructor({ intake, capture, trace }: RecorderSettings) {
    this.intake = intake;
    this.capture = capture;
    this.outside = { span: undefined, trace };
  }

  /** Whether anything is recorded at all. */
  get isOn(): boolean {
    return this.intake !== undefined;
  }

  get scope(): Scope {
    const entered = this.storage.getStore();
    const span = ownSpanIn(otelContext.active());
    // Made active in OpenTelemetry's context since: that is further in.
    if (span && span !== entered?.otelSpan) return { span, trace: span.trace };
    return entered?.scope ?? this.outside;
  }

  /** What all observations of this application carry. */
  get ownTrace(): TraceAttributes {
    return this.outside.trace;
  }

  run<T>(scope: Scope, fn: () => T): T {
    const { span } = scope;
    const active = otelContext.active();
    if (!span || !this.ownsOtelContext) {
      const otelSpan = ownSpanIn(active);
      return this.storage.run({ scope, otelSpan }, fn);
    }
    return this.storage.run({ scope, otelSpan: span }, () =>
      otelContext.with(otelTrace.setSpan(active, span), fn),
    );
  }

  /** What somebody else's span that starts in `context` carries of its trace. */
  traceIn(context: Context, traceId: string): TraceAttributes {
    const { span, trace } = this.scopeIn(context);
    const isOurs = span?.traceId === traceId;
    return withPropagated(isOurs ? trace : trace.ofOtherTrace(), context);
  }

  start(
    name: string,
    options: Omit<SpanOptions, 'root'>,
    choice: ParentChoice,
    instrumentationScope?: InstrumentationScope,
  ): Span {
    const { intake } = this;
    if (!intake || intake.isMasking) return NO_SPAN;
    const { parent, local } = this.resolveParent(choice);
    const { scope } = this;
    const traceId = parent?.traceId ?? newTraceId();
    // The scope first: parallel branches below one span can have different users.
    const inherited = withPropagated(
      local === undefined || local === scope.span ? scope.trace : local.trace,
      otelContext.active(),
    );
    const span = new RecordingSpan(
      {
        name,
        kind: options.kind ?? SpanKind.INTERNAL,
        traceId,
        isSampled: intake.samples(traceId),
        spanId: newSpanId(),
        parent,
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
      parent &&
      !(local ? intake.wants(local) : intake.foreign.isExpected(parent.spanId))
    ) {
      span.put(LangfuseAttribute.isAppRoot, true);
    }
    span.addLinks(options.links ?? []);
    span.setAttributes(options.attributes);
    this.open.add(span);
    return span;
  }

  fit(value: unknown): string {
    return this.capture.text(value) ?? '';
  }

  ended(span: RecordingSpan): void {
    this.open.remove(span);
    this.intake?.take(span);
    span.forget();
  }

  /**
   * Puts attributes of the trace on the active span and on all that start
   * within `fn`. Open spans around the active one take what they lack: the
   * server inherits nothing, and a request's user is mostly known only inside.
   */
  propagate<T>(
    attributes: ReadonlyMap<string, WireAttributeValue>,
    fn: () => T,
  ): T {
    const { span, remote, trace } = this.scope;
    if (span) span.trace = span.trace.with(attributes);
    for (let outer = span?.localParent; outer; outer = outer.localParent) {
      outer.trace = outer.trace.withMissing(attributes);
    }
    return this.run({ span, remote, trace: trace.with(attributes) }, fn);
  }

  /** Ends all that is open, with a visible reason. */
  endOpen(statusMessage: string): void {
    for (const span of this.open.newestFirst()) {
      span.put(LangfuseAttribute.observationLevel, 'WARNING');
      span.put(LangfuseAttribute.observationStatusMessage, statusMessage);
      span.end();
    }
  }

  private scopeIn(context: Context): Scope {
    const span = ownSpanIn(context);
    return span ? { span, trace: span.trace } : this.scope;
  }

  private resolveParent({ parent, root }: ParentChoice): {
    parent: SpanContext | undefined;
    /** The parent itself, when it is one of ours. */
    local: RecordingSpan | undefined;
  } {
    if (root) return NO_PARENT;
    const chosen = parent ?? parentOfScope(this.scope) ?? foreignActiveSpan();
    if (!chosen) return NO_PARENT;
    try {
      const local = OwnSpanContext.spanOf(chosen);
      if (local) return { parent: chosen, local };
      // Read once: what was valid stays so.
      const { traceId, spanId, traceFlags, isRemote, traceState } = chosen;
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
        ? { parent: read, local: undefined }
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

/** The parent of what starts in `scope`. */
export function parentOfScope({
  span,
  remote,
}: Scope): SpanContext | undefined {
  return span?.spanContext() ?? remote;
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
