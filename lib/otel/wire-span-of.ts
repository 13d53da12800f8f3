import type { Attributes, SpanContext } from '@opentelemetry/api';
import { attributeEntries, type Capture } from '../observe/index.js';
import type {
  WireAttributes,
  WireAttributeValue,
  WireLink,
  WireSpan,
} from '../wire/index.js';
import type { SdkSpan } from './sdk-span.js';

const NO_BYTES = new Uint8Array(0);

/**
 * An SDK's span as the wire takes it, but for its origin. Nothing of the span is
 * changed, and nothing of it is referred to: other processors may change it.
 *
 * @param additions Attributes that it does not have, and is to have at the server
 */
export function wireSpanOf(
  span: SdkSpan,
  capture: Capture,
  additions: Iterable<readonly [string, WireAttributeValue]>,
): WireSpan {
  const { traceId, spanId, traceFlags, traceState } = span.spanContext();
  const { parentSpanContext: parent, status, startTime, endTime } = span;
  const read = (given: Attributes | undefined) =>
    wireAttributesOf(given, capture);
  return {
    traceId,
    spanId,
    parentSpanId: parent?.spanId,
    parentIsRemote: parent?.isRemote === true,
    traceFlags,
    traceState: traceState?.serialize(),
    name: span.name,
    kind: span.kind,
    startTime: [startTime[0], startTime[1]],
    endTime: [endTime[0], endTime[1]],
    attributes: new Map([...read(span.attributes), ...additions]),
    sharedAttributes: NO_BYTES,
    droppedAttributesCount: span.droppedAttributesCount,
    events: span.events.map(({ name, time, ...event }) => ({
      name,
      time: [time[0], time[1]],
      attributes: read(event.attributes),
      droppedAttributesCount: event.droppedAttributesCount ?? 0,
    })),
    droppedEventsCount: span.droppedEventsCount,
    links: span.links.map((link) => ({
      ...linkedTo(link.context),
      attributes: read(link.attributes),
      droppedAttributesCount: link.droppedAttributesCount ?? 0,
    })),
    droppedLinksCount: span.droppedLinksCount,
    statusCode: status.code,
    statusMessage: status.message,
  };
}

/**
 * Attributes of an SDK. What is neither text, number, boolean nor a list of
 * these becomes JSON text, such as the maps and bytes that API 1.10 allows: the
 * server would store the wrapper that OTLP has for them. Null is left out: it
 * would make the server lose the whole request.
 */
export function wireAttributesOf(
  given: Attributes | undefined,
  capture: Capture,
): WireAttributes {
  const attributes = new Map<string, WireAttributeValue>();
  for (const [key, value] of attributeEntries(given)) {
    if (value === undefined || value === null) continue;
    const sent = wireValueOf(value, capture);
    if (sent !== undefined) attributes.set(key, sent);
  }
  return attributes;
}

function wireValueOf(
  value: unknown,
  capture: Capture,
): WireAttributeValue | undefined {
  if (isPrimitive(value)) return value;
  return isListOfPrimitives(value) ? value.slice() : capture.text(value);
}

/** The encoder leaves out null, and takes lists of several types. */
function isListOfPrimitives(value: unknown): value is string[] {
  return (
    Array.isArray(value) &&
    value.every((entry) => entry === null || isPrimitive(entry))
  );
}

function isPrimitive(value: unknown): value is string | number | boolean {
  const type = typeof value;
  return type === 'string' || type === 'number' || type === 'boolean';
}

function linkedTo({
  traceId,
  spanId,
  traceFlags,
  traceState,
  isRemote,
}: SpanContext): Omit<WireLink, 'attributes' | 'droppedAttributesCount'> {
  return {
    traceId,
    spanId,
    traceFlags,
    traceState: traceState?.serialize(),
    isRemote: isRemote === true,
  };
}
