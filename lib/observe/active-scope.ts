/** What is in force at a point of the program, and who keeps it. */
import { AsyncLocalStorage } from 'node:async_hooks';
import {
  context as otelContext,
  type SpanContext,
  trace as otelTrace,
} from '@opentelemetry/api';
import { ownSpanIn } from './otel-context.js';
import type { RecordingSpan, SpanHome } from './recording-span.js';
import type { TraceAttributes } from './trace-attributes.js';

/** What is in force at a point of the program. */
export interface Scope {
  /** The active observation's span. */
  readonly span: RecordingSpan | undefined;
  /** Where no span is active: the parent in another process, if any. */
  readonly remote?: SpanContext | undefined;
  /** Who records what starts below `remote`. */
  readonly home?: SpanHome | undefined;
  /** What observations that start here carry of their trace. */
  readonly trace: TraceAttributes;
}

/** A scope, and what OpenTelemetry's context held when it was entered. */
interface Entered {
  readonly scope: Scope;
  readonly otelSpan: RecordingSpan | undefined;
}

/**
 * Knows what is active in an application, whatever project it is recorded in.
 *
 * The active observation lives in an AsyncLocalStorage of its own: nothing is
 * registered with OpenTelemetry, and the active span of another provider is
 * never replaced.
 */
export class ActiveScope {
  /**
   * Whether OpenTelemetry's context is ours to set: then spans of ours are
   * active there, too. Else somebody else's active span would be replaced.
   */
  ownsOtelContext = false;
  private readonly storage = new AsyncLocalStorage<Entered>();

  /** Undefined where nothing has been entered. */
  get current(): Scope | undefined {
    const entered = this.storage.getStore();
    const span = ownSpanIn(otelContext.active());
    // Made active in OpenTelemetry's context since: that is further in.
    if (span && span !== entered?.otelSpan) return { span, trace: span.trace };
    return entered?.scope;
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
}
