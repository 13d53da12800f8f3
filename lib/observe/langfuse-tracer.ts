import {
  type Context,
  context as otelContext,
  createContextKey,
  INVALID_SPAN_CONTEXT,
  type Span,
  type SpanOptions,
  trace as otelTrace,
  type Tracer,
} from '@opentelemetry/api';
import type { InstrumentationScope } from './instrumentation-scope.js';
import { RecordingSpan } from './recording-span.js';
import type { ParentChoice, Recorder } from './recorder.js';

/** See `suppressTracing` of `@opentelemetry/core`. */
const SUPPRESS_TRACING = createContextKey(
  'OpenTelemetry SDK Context Key SUPPRESS_TRACING',
);

/**
 * OpenTelemetry's `Tracer` over the recorder, for code and libraries that speak
 * OpenTelemetry. "Active" means Langfuse's active observation here; the active
 * span of OpenTelemetry's own context stays what it was, unless that is ours to
 * set.
 */
export class LangfuseTracer implements Tracer {
  /** @param scope The library that it is for; default: this package */
  constructor(
    private readonly recorder: Recorder,
    private readonly scope?: InstrumentationScope,
  ) {}

  startSpan(name: string, options?: SpanOptions, context?: Context): Span {
    return this.start(name, options, context);
  }

  startActiveSpan<F extends (span: Span) => unknown>(
    name: string,
    fn: F,
  ): ReturnType<F>;
  startActiveSpan<F extends (span: Span) => unknown>(
    name: string,
    options: SpanOptions,
    fn: F,
  ): ReturnType<F>;
  startActiveSpan<F extends (span: Span) => unknown>(
    name: string,
    options: SpanOptions,
    context: Context,
    fn: F,
  ): ReturnType<F>;
  startActiveSpan<F extends (span: Span) => unknown>(
    name: string,
    ...rest: [F] | [SpanOptions, F] | [SpanOptions, Context, F]
  ): ReturnType<F> {
    const fn = rest[rest.length - 1] as F;
    const [options, context] = rest.slice(0, -1) as [SpanOptions?, Context?];
    const span = this.start(name, options, context);
    const call = () => fn(span) as ReturnType<F>;
    const run = () =>
      span instanceof RecordingSpan
        ? this.recorder.run({ span, trace: span.trace }, call)
        : call();
    // The given context first: within it our span is the active one.
    return context ? otelContext.with(context, run) : run();
  }

  private start(
    name: string,
    options: SpanOptions = {},
    context: Context | undefined,
  ): Span {
    const active = otelContext.active();
    if ((context ?? active).getValue(SUPPRESS_TRACING) === true) {
      return otelTrace.wrapSpanContext(INVALID_SPAN_CONTEXT);
    }
    const parent = parentIn(context, options);
    return this.recorder.start(name, options, parent, this.scope);
  }
}

/**
 * A span that the given context holds is the parent, unless that context is
 * simply the active one, as many libraries pass it: then, as without a context,
 * the active observation comes first.
 */
function parentIn(
  context: Context | undefined,
  { root = false }: SpanOptions,
): ParentChoice {
  if (root) return { root };
  const parent = context && otelTrace.getSpanContext(context);
  if (!parent) return {};
  return context === otelContext.active() ? {} : { parent };
}
