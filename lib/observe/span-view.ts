import {
  type Attributes,
  type AttributeValue,
  type HrTime,
  type SpanContext,
  TraceFlags,
} from '@opentelemetry/api';
import {
  JsonParts,
  type WireAttributes,
  type WireTime,
} from '../wire/index.js';
import type { ReadableSpan } from './readable-span.js';
import type { EndedSpan } from './span-intake.js';

/** Who makes the spans, unless a library does: what they have in common. */
export interface SpanOrigin {
  readonly resource: WireAttributes;
  readonly scope: { readonly name: string; readonly version: string };
}

/**
 * A span that was recorded here as OpenTelemetry's SDK would show it: a copy of what
 * it is now. What it carries of its trace is among the attributes.
 */
export function viewOf(
  span: EndedSpan,
  { resource, scope }: SpanOrigin,
  ended: boolean,
): ReadableSpan {
  const { traceId, spanId, traceFlags, parentSpanId } = span;
  const { startTime, endTime, statusCode: code, statusMessage } = span;
  const context: SpanContext = { traceId, spanId, traceFlags };
  return {
    name: span.name,
    kind: span.kind,
    spanContext: () => context,
    ...(parentSpanId === undefined
      ? {}
      : {
          parentSpanContext: {
            traceId,
            spanId: parentSpanId,
            traceFlags: TraceFlags.SAMPLED,
            isRemote: span.parentIsRemote,
          },
        }),
    startTime: hrTime(startTime),
    endTime: hrTime(endTime),
    duration: duration(startTime, endTime),
    ended,
    status:
      statusMessage === undefined ? { code } : { code, message: statusMessage },
    attributes: {
      ...plain(span.trace.beside(span.attributes)),
      ...plain(span.attributes),
    },
    events: span.events.map((event) => ({
      name: event.name,
      time: hrTime(event.time),
      attributes: plain(event.attributes),
      droppedAttributesCount: event.droppedAttributesCount,
    })),
    links: span.links.map((link) => ({
      context: {
        traceId: link.traceId,
        spanId: link.spanId,
        traceFlags: link.traceFlags,
        isRemote: link.isRemote,
      },
      attributes: plain(link.attributes),
      droppedAttributesCount: link.droppedAttributesCount,
    })),
    resource: { attributes: plain(resource) },
    instrumentationScope: scopeOf(span) ?? { ...scope },
    droppedAttributesCount: span.droppedAttributesCount,
    droppedEventsCount: span.droppedEventsCount,
    droppedLinksCount: span.droppedLinksCount,
  };
}

function scopeOf({ instrumentationScope: scope }: EndedSpan) {
  if (!scope) return undefined;
  const { name, version } = scope;
  return version === undefined ? { name } : { name, version };
}

function plain(attributes: WireAttributes): Attributes {
  const entries = [...attributes].map(
    ([key, value]): [string, AttributeValue] => [
      key,
      JsonParts.is(value)
        ? value.toString()
        : isList(value)
          ? ([...value] as AttributeValue)
          : value,
    ],
  );
  return Object.fromEntries(entries);
}

function isList<T>(value: T | readonly T[]): value is readonly T[] {
  return Array.isArray(value);
}

function hrTime([seconds, nanoseconds]: WireTime): HrTime {
  return [seconds, nanoseconds];
}

function duration(start: WireTime, end: WireTime): HrTime {
  const seconds = end[0] - start[0];
  const nanoseconds = end[1] - start[1];
  return nanoseconds < 0
    ? [seconds - 1, nanoseconds + 1e9]
    : [seconds, nanoseconds];
}
