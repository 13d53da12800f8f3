import {
  type Context,
  propagation,
  ROOT_CONTEXT,
  TraceFlags,
} from '@opentelemetry/api';
import {
  type EndedSpan,
  type ForeignSpan,
  OwnSpanContext,
  type Recorder,
  type SpanIntake,
  type TraceAttributes,
} from '../observe/index.js';
import type { Clock } from '../queue/index.js';
import { LangfuseAttribute } from '../wire/index.js';
import { isDefaultExportSpan } from './default-export-filter.js';
import type { SdkSpan } from './sdk-span.js';
import { SpanOrigins } from './span-origins.js';
import { wireAttributesOf, wireSpanOf } from './wire-span-of.js';

/** What a bridge works with. */
export interface SpanBridgeDependencies {
  readonly recorder: Recorder;
  readonly intake: SpanIntake;
  /** Whether the application says what is sent: the intake asks it. */
  readonly hasFilter: boolean;
  readonly clock: Clock;
}

/** What is to be known of a span from its start. */
interface Start {
  readonly trace: TraceAttributes;
  readonly isAppRoot: boolean;
}

const APP_ROOT = [LangfuseAttribute.isAppRoot, true] as const;

/** The id of the trace that a service before this one sends to Langfuse. */
const TRACE_ID_BAGGAGE = 'langfuse_trace_id';

/**
 * Leads spans of an OpenTelemetry SDK to the intake. Other processors get the
 * same spans, so none is ever changed: what is to be added is kept beside it.
 * Nothing here throws, whatever takes itself for a span.
 */
export class SpanBridge {
  private readonly starts = new WeakMap<object, Start>();
  private readonly origins: SpanOrigins;

  constructor(private readonly dependencies: SpanBridgeDependencies) {
    const { recorder, intake, clock } = dependencies;
    this.origins = new SpanOrigins({
      clock,
      wireAttributes: (given) => wireAttributesOf(given, recorder.capture),
      masked: (attributes) => intake.masked(attributes),
    });
  }

  started(span: SdkSpan, parentContext: Context): void {
    try {
      const { recorder, intake } = this.dependencies;
      const { traceId, spanId, traceFlags } = span.spanContext();
      const isExpected = isSampled(traceFlags) && this.isWanted(span);
      intake.foreign.started(spanId, isExpected);
      this.starts.set(span, {
        trace: recorder.traceIn(parentContext, traceId),
        isAppRoot:
          isExpected &&
          !this.hasExportedParent(span) &&
          traceIdIn(parentContext) !== traceId,
      });
    } catch {
      // It has its say when it ends: then it is counted, and warned of.
    }
  }

  ended(span: SdkSpan): void {
    const { intake } = this.dependencies;
    intake.takeForeign(() => {
      const { spanId, traceFlags } = span.spanContext();
      intake.foreign.ended(spanId);
      // Recorded, but by the application's own sampler not to be exported.
      const isSent = isSampled(traceFlags) && this.isWanted(span);
      return isSent ? this.read(span) : undefined;
    });
  }

  private read(span: SdkSpan): ForeignSpan {
    const origin = this.origins.of(span);
    return origin instanceof Promise
      ? { span: this.endedSpan(span), origin }
      : { span: { ...this.endedSpan(span), origin } };
  }

  private endedSpan(span: SdkSpan): EndedSpan {
    const { recorder } = this.dependencies;
    const { trace, isAppRoot } = this.starts.get(span) ?? {
      trace: recorder.traceIn(ROOT_CONTEXT, span.spanContext().traceId),
      isAppRoot: false,
    };
    const additions = isAppRoot ? [APP_ROOT] : [];
    const wire = wireSpanOf(span, recorder.capture, additions);
    const sharedAttributes = trace.encodedBeside(wire.attributes);
    return { ...wire, sharedAttributes, trace };
  }

  private isWanted(span: SdkSpan): boolean {
    const { intake, hasFilter } = this.dependencies;
    return hasFilter ? intake.wantsForeign(span) : isDefaultExportSpan(span);
  }

  private hasExportedParent({ parentSpanContext: parent }: SdkSpan): boolean {
    if (!parent) return false;
    const { intake } = this.dependencies;
    const own = OwnSpanContext.spanOf(parent);
    return own ? intake.wants(own) : intake.foreign.isExpected(parent.spanId);
  }
}

function isSampled(traceFlags: number): boolean {
  return (traceFlags & TraceFlags.SAMPLED) !== 0;
}

function traceIdIn(context: Context): string | undefined {
  const entry = propagation.getBaggage(context)?.getEntry(TRACE_ID_BAGGAGE);
  return entry?.value.toLowerCase();
}
