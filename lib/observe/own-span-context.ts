import type { SpanContext, TraceFlags, TraceState } from '@opentelemetry/api';
import type { RecordingSpan } from './recording-span.js';

/**
 * The context of a span of ours. It looks like any other, but leads back to its
 * span: given as a parent, it is known for what it is, and not taken for
 * somebody else's whose children would be roots to us.
 */
export class OwnSpanContext implements SpanContext {
  readonly traceId: string;
  readonly spanId: string;
  readonly traceFlags: TraceFlags;
  readonly traceState?: TraceState;
  readonly #span: RecordingSpan;

  constructor(span: RecordingSpan, traceState: TraceState | undefined) {
    this.traceId = span.traceId;
    this.spanId = span.spanId;
    this.traceFlags = span.traceFlags;
    if (traceState) this.traceState = traceState;
    this.#span = span;
  }

  /** The span of `context`, when it is one of ours. */
  static spanOf(context: SpanContext): RecordingSpan | undefined {
    return #span in context ? context.#span : undefined;
  }
}
