/** What OpenTelemetry's own serialiser makes of the same spans. */
import type {
  Attributes,
  AttributeValue,
  HrTime,
  SpanContext,
} from '@opentelemetry/api';
import { createTraceState } from '@opentelemetry/api';
import { ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';
import {
  JsonParts,
  type BatchOrigin,
  type WireAttributes,
  type WireSpan,
  type WireAttributeValue,
} from '../../lib/wire/index.js';

export function serializeWithOtel(
  origin: BatchOrigin,
  spans: readonly WireSpan[],
): Uint8Array {
  const resource = {
    attributes: toAttributes(origin.resource),
  } as ReadableSpan['resource'];
  const instrumentationScope = { ...origin.scope };
  const bytes = ProtobufTraceSerializer.serializeRequest(
    spans.map((span) => toReadableSpan(span, resource, instrumentationScope)),
  );
  if (bytes === undefined) throw new Error('the oracle made no bytes');
  return bytes;
}

function toReadableSpan(
  span: WireSpan,
  resource: ReadableSpan['resource'],
  instrumentationScope: ReadableSpan['instrumentationScope'],
): ReadableSpan {
  const context: SpanContext = {
    traceId: span.traceId,
    spanId: span.spanId,
    traceFlags: span.traceFlags,
    traceState: toTraceState(span.traceState),
  };
  return {
    name: span.name,
    kind: span.kind,
    spanContext: () => context,
    parentSpanContext:
      span.parentSpanId === undefined
        ? undefined
        : {
            traceId: span.traceId,
            spanId: span.parentSpanId,
            traceFlags: span.traceFlags,
            isRemote: span.parentIsRemote,
          },
    startTime: [...span.startTime] as HrTime,
    endTime: [...span.endTime] as HrTime,
    duration: [0, 0],
    ended: true,
    status: { code: span.statusCode, message: span.statusMessage },
    attributes: toAttributes(span.attributes),
    droppedAttributesCount: span.droppedAttributesCount,
    events: span.events.map((event) => ({
      name: event.name,
      time: [...event.time] as HrTime,
      attributes: toAttributes(event.attributes),
      droppedAttributesCount: event.droppedAttributesCount,
    })),
    droppedEventsCount: span.droppedEventsCount,
    links: span.links.map((link) => ({
      context: {
        traceId: link.traceId,
        spanId: link.spanId,
        traceFlags: link.traceFlags,
        traceState: toTraceState(link.traceState),
        isRemote: link.isRemote,
      },
      attributes: toAttributes(link.attributes),
      droppedAttributesCount: link.droppedAttributesCount,
    })),
    droppedLinksCount: span.droppedLinksCount,
    resource,
    instrumentationScope,
  };
}

/** Without a prototype, or the key `__proto__` would vanish. */
function toAttributes(attributes: WireAttributes): Attributes {
  const object = Object.create(null) as Attributes;
  for (const [key, value] of attributes) {
    object[key] = plain(value);
  }
  return object;
}

function plain(value: WireAttributeValue): AttributeValue {
  if (JsonParts.is(value)) return value.toString();
  return typeof value === 'object' ? ([...value] as string[]) : value;
}

function toTraceState(traceState: string | undefined) {
  return traceState === undefined ? undefined : createTraceState(traceState);
}
