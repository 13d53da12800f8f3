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
import type { LangfuseQueue } from '../queue/index.js';
import {
  LangfuseAttribute,
  SpanEncoder,
  type WireAttributeValue,
} from '../wire/index.js';
import type { Capture } from './capture/index.js';
import { newSpanId, newTraceId } from './ids.js';
import { OpenObservations } from './open-observations.js';
import { OwnSpanContext } from './own-span-context.js';
import { RecordingSpan, type SpanSink } from './recording-span.js';
import { newTimeAnchor } from './timing.js';
import type { TraceAttributes } from './trace-attributes.js';
import type { WarnOnce } from './warn-once.js';

/** What is in force at a point of the program. */
export interface Scope {
  /** The active observation's span. */
  readonly span: RecordingSpan | undefined;
  /** What observations that start here carry of their trace. */
  readonly trace: TraceAttributes;
}

/** What a recorder works with. */
export interface RecorderSettings {
  /** Undefined turns recording off: every span is a no-op. */
  readonly queue: Pick<LangfuseQueue, 'enqueue' | 'refuse'> | undefined;
  readonly capture: Capture;
  readonly warnings: WarnOnce;
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

const NO_SPAN = otelTrace.wrapSpanContext(INVALID_SPAN_CONTEXT);

/**
 * Starts spans, knows which one is active, and turns those that have ended into
 * records of the queue. The one place where an observation begins and ends.
 *
 * The active observation lives in an AsyncLocalStorage of its own: nothing is
 * registered with OpenTelemetry, and the active span of another provider is
 * read (as a parent of last resort) but never replaced.
 */
export class Recorder implements SpanSink {
  readonly capture: Capture;
  private readonly storage = new AsyncLocalStorage<Scope>();
  private readonly encoder = new SpanEncoder();
  private readonly open = new OpenObservations();
  private readonly queue: RecorderSettings['queue'];
  private readonly warnings: WarnOnce;
  private readonly outside: Scope;

  constructor({ queue, capture, warnings, trace }: RecorderSettings) {
    this.queue = queue;
    this.capture = capture;
    this.warnings = warnings;
    this.outside = { span: undefined, trace };
  }

  /** Whether anything is recorded at all. */
  get isOn(): boolean {
    return this.queue !== undefined;
  }

  get scope(): Scope {
    return this.storage.getStore() ?? this.outside;
  }

  run<T>(scope: Scope, fn: () => T): T {
    return this.storage.run(scope, fn);
  }

  start(
    name: string,
    options: Omit<SpanOptions, 'root'>,
    choice: ParentChoice,
  ): Span {
    if (!this.isOn) return NO_SPAN;
    const { parent, local } = this.resolveParent(choice);
    const { scope } = this;
    // The scope first: parallel branches below one span can have different users.
    const inherited =
      local === undefined || local === scope.span ? scope.trace : local.trace;
    const span = new RecordingSpan(
      {
        name,
        kind: options.kind ?? SpanKind.INTERNAL,
        traceId: parent?.traceId ?? newTraceId(),
        spanId: newSpanId(),
        parent,
        localParent: nearestOpen(local),
        startTime: options.startTime,
        anchor: local?.anchor ?? newTimeAnchor(),
        trace: local ? inherited : inherited.ofRoot(this.fit(name)),
      },
      this,
    );
    // The parent belongs to somebody else, so the server will not see it: this
    // is where the application's own part of the trace begins.
    if (parent && !local) span.put(LangfuseAttribute.isAppRoot, true);
    span.addLinks(options.links ?? []);
    span.setAttributes(options.attributes);
    this.open.add(span);
    return span;
  }

  fit(text: string): string {
    return this.capture.text(text) ?? '';
  }

  ended(span: RecordingSpan): void {
    this.open.remove(span);
    try {
      this.queue?.enqueue(this.encoder.record(span));
    } catch (error) {
      // Only what an untyped caller gave in place of a name or a time comes here.
      this.queue?.refuse('spans');
      const cause = `an observation could not be encoded: ${String(error)}`;
      this.warnings.warn('encode', `Dropped: ${cause}.`);
    }
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
    const { span, trace } = this.scope;
    if (span) span.trace = span.trace.with(attributes);
    for (let outer = span?.localParent; outer; outer = outer.localParent) {
      outer.trace = outer.trace.withMissing(attributes);
    }
    return this.run({ span, trace: trace.with(attributes) }, fn);
  }

  /** Ends all that is open, with a visible reason. */
  endOpen(statusMessage: string): void {
    for (const span of this.open.newestFirst()) {
      span.put(LangfuseAttribute.observationLevel, 'WARNING');
      span.put(LangfuseAttribute.observationStatusMessage, statusMessage);
      span.end();
    }
  }

  private resolveParent({ parent, root }: ParentChoice): {
    parent: SpanContext | undefined;
    /** The parent itself, when it is one of ours. */
    local: RecordingSpan | undefined;
  } {
    if (root) return { parent: undefined, local: undefined };
    const chosen =
      parent ?? this.scope.span?.spanContext() ?? foreignActiveSpan();
    if (!chosen || !isSpanContextValid(chosen)) {
      return { parent: undefined, local: undefined };
    }
    return { parent: chosen, local: OwnSpanContext.spanOf(chosen) };
  }
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
