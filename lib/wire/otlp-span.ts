/**
 * A span as OTLP bytes, made once, when the span ends. The field numbers are
 * those of OpenTelemetry's schema, and the bytes decode to the message that
 * OpenTelemetry's own serialiser makes, with these differences:
 *
 * - NaN and infinities are the strings "NaN", "Infinity", "-Infinity". The
 *   server turns protobuf into JSON, where they would be null, and an
 *   attribute that is null makes it lose the whole request.
 * - Integers beyond 2^53 are doubles.
 * - Empty arrays are left out: the server stores `{"arrayValue":{}}` for them.
 * - Null and undefined are left out, also inside arrays, and so is any value
 *   that is neither string, number, boolean nor an array of these.
 *
 * @see https://github.com/open-telemetry/opentelemetry-proto/blob/main/opentelemetry/proto/trace/v1/trace.proto
 */
import { estimateAttributes, writeAttributes } from './otlp-attributes.js';
import {
  type BatchFrame,
  ExportTraceServiceRequest,
  ResourceSpans,
  ScopeSpans,
} from './otlp-frame.js';
import {
  WireType,
  fieldTag,
  lengthDelimitedBytes,
} from './protobuf-encoding.js';
import { ProtobufWriter } from './protobuf-writer.js';
import { SpanRecord } from './span-record.js';
import type { WireIds } from './wire-id.js';
import type { WireEvent, WireLink, WireSpan } from './wire-span.js';

const Span = {
  traceId: fieldTag(1, WireType.lengthDelimited),
  spanId: fieldTag(2, WireType.lengthDelimited),
  traceState: fieldTag(3, WireType.lengthDelimited),
  parentSpanId: fieldTag(4, WireType.lengthDelimited),
  name: fieldTag(5, WireType.lengthDelimited),
  kind: fieldTag(6, WireType.varint),
  startTimeUnixNano: fieldTag(7, WireType.fixed64),
  endTimeUnixNano: fieldTag(8, WireType.fixed64),
  attributes: fieldTag(9, WireType.lengthDelimited),
  droppedAttributesCount: fieldTag(10, WireType.varint),
  events: fieldTag(11, WireType.lengthDelimited),
  droppedEventsCount: fieldTag(12, WireType.varint),
  links: fieldTag(13, WireType.lengthDelimited),
  droppedLinksCount: fieldTag(14, WireType.varint),
  status: fieldTag(15, WireType.lengthDelimited),
  flags: fieldTag(16, WireType.fixed32),
};

/** The field of a span that holds its attributes, one entry each. */
export const SPAN_ATTRIBUTES = Span.attributes;

const Event = {
  timeUnixNano: fieldTag(1, WireType.fixed64),
  name: fieldTag(2, WireType.lengthDelimited),
  attributes: fieldTag(3, WireType.lengthDelimited),
  droppedAttributesCount: fieldTag(4, WireType.varint),
};

const Link = {
  traceId: fieldTag(1, WireType.lengthDelimited),
  spanId: fieldTag(2, WireType.lengthDelimited),
  traceState: fieldTag(3, WireType.lengthDelimited),
  attributes: fieldTag(4, WireType.lengthDelimited),
  droppedAttributesCount: fieldTag(5, WireType.varint),
  flags: fieldTag(6, WireType.fixed32),
};

const Status = {
  message: fieldTag(2, WireType.lengthDelimited),
  code: fieldTag(3, WireType.varint),
};

const TRACE_ID_BYTES = 16;
const SPAN_ID_BYTES = 8;

/** The low byte of `flags` are the W3C trace flags. */
const TRACE_FLAGS_MASK = 0xff;
const FLAG_HAS_IS_REMOTE = 0x100;
const FLAG_IS_REMOTE = 0x200;

/** All fields of a span but its strings, attributes, events and links. */
const BARE_SPAN_BYTES = 80;
const BARE_EVENT_BYTES = 16;
const BARE_LINK_BYTES = 48;

/** Encodes spans one after the other into shared slabs of memory. */
export class SpanEncoder {
  private readonly writer = new ProtobufWriter();

  /** The span as a record of a queue, which holds its memory until released. */
  record(span: WireSpan): SpanRecord {
    const bytes = this.encode(span);
    const id = span.ids?.span ?? span.spanId;
    return new SpanRecord(id, bytes, this.writer.slab);
  }

  /**
   * @returns One entry of `ScopeSpans.spans`, or of `resource_spans` when the
   * span has an origin of its own; its tag and length included, so that entries
   * can simply be concatenated. A view of a slab: do not change it.
   */
  encode(span: WireSpan): Uint8Array {
    const { writer } = this;
    const { origin, sharedAttributes: shared } = span;
    const expectedBytes = estimateSpan(span) + shared.length;
    // Texts are mostly, but seldom wholly, ASCII.
    writer.begin(expectedBytes + (expectedBytes >>> 4));
    if (origin) writeFramed(writer, span, shared, origin, expectedBytes);
    else writeEntry(writer, span, shared, expectedBytes);
    return writer.finish();
  }
}

function writeFramed(
  writer: ProtobufWriter,
  span: WireSpan,
  shared: Uint8Array,
  { resource, scope }: BatchFrame,
  spanBytes: number,
): void {
  const scopeSpansBytes = scope.length + lengthDelimitedBytes(spanBytes);
  writer.openMessage(
    ExportTraceServiceRequest.resourceSpans,
    resource.length + lengthDelimitedBytes(scopeSpansBytes),
  );
  writer.fields(resource);
  writer.openMessage(ResourceSpans.scopeSpans, scopeSpansBytes);
  writer.fields(scope);
  writeEntry(writer, span, shared, spanBytes);
  writer.closeMessage();
  writer.closeMessage();
}

function writeEntry(
  writer: ProtobufWriter,
  span: WireSpan,
  shared: Uint8Array,
  expectedBytes: number,
): void {
  writer.openMessage(ScopeSpans.spans, expectedBytes);
  writeSpan(writer, span, shared);
  writer.closeMessage();
}

/** @param shared The span's `sharedAttributes`, which are worked out when read. */
function writeSpan(
  writer: ProtobufWriter,
  span: WireSpan,
  shared: Uint8Array,
): void {
  if (span.ids) writeIds(writer, span.ids, span.traceState);
  else writeDigits(writer, span);
  writer.string(Span.name, span.name);
  // OTLP keeps 0 for an unknown kind, OpenTelemetry's API has no such kind.
  writer.uint32(Span.kind, span.kind + 1);
  writer.time(Span.startTimeUnixNano, span.startTime);
  writer.time(Span.endTimeUnixNano, span.endTime);
  writer.fields(shared);
  writeAttributes(writer, Span.attributes, span.attributes);
  writeCount(writer, Span.droppedAttributesCount, span.droppedAttributesCount);
  for (const event of span.events) writeEvent(writer, event);
  writeCount(writer, Span.droppedEventsCount, span.droppedEventsCount);
  for (const link of span.links) writeLink(writer, link);
  writeCount(writer, Span.droppedLinksCount, span.droppedLinksCount);
  writeStatus(writer, span);
  writer.fixed32(Span.flags, flags(span.traceFlags, span.parentIsRemote));
}

function writeIds(
  writer: ProtobufWriter,
  ids: WireIds,
  traceState: string | undefined,
): void {
  writer.id(Span.traceId, ids.trace);
  writer.id(Span.spanId, ids.span);
  if (traceState) writer.string(Span.traceState, traceState);
  if (ids.parent) writer.id(Span.parentSpanId, ids.parent);
}

function writeDigits(writer: ProtobufWriter, span: WireSpan): void {
  writer.hex(Span.traceId, span.traceId, TRACE_ID_BYTES);
  writer.hex(Span.spanId, span.spanId, SPAN_ID_BYTES);
  if (span.traceState) writer.string(Span.traceState, span.traceState);
  if (span.parentSpanId) {
    writer.hex(Span.parentSpanId, span.parentSpanId, SPAN_ID_BYTES);
  }
}

function writeEvent(writer: ProtobufWriter, event: WireEvent): void {
  writer.openMessage(Span.events, estimateEvent(event));
  writer.time(Event.timeUnixNano, event.time);
  writer.string(Event.name, event.name);
  writeAttributes(writer, Event.attributes, event.attributes);
  writeCount(
    writer,
    Event.droppedAttributesCount,
    event.droppedAttributesCount,
  );
  writer.closeMessage();
}

function writeLink(writer: ProtobufWriter, link: WireLink): void {
  writer.openMessage(Span.links, estimateLink(link));
  writer.hex(Link.traceId, link.traceId, TRACE_ID_BYTES);
  writer.hex(Link.spanId, link.spanId, SPAN_ID_BYTES);
  if (link.traceState) writer.string(Link.traceState, link.traceState);
  writeAttributes(writer, Link.attributes, link.attributes);
  writeCount(writer, Link.droppedAttributesCount, link.droppedAttributesCount);
  writer.fixed32(Link.flags, flags(link.traceFlags, link.isRemote));
  writer.closeMessage();
}

function writeStatus(
  writer: ProtobufWriter,
  { statusCode, statusMessage }: WireSpan,
): void {
  writer.openMessage(Span.status, statusMessage?.length ?? 0);
  if (statusMessage) writer.string(Status.message, statusMessage);
  writeCount(writer, Status.code, statusCode);
  writer.closeMessage();
}

/** Zero is what a reader assumes for a number that is absent. */
function writeCount(writer: ProtobufWriter, tag: number, count: number): void {
  if (count !== 0) writer.uint32(tag, count);
}

function flags(traceFlags: number, isRemote: boolean): number {
  return (
    (traceFlags & TRACE_FLAGS_MASK) |
    FLAG_HAS_IS_REMOTE |
    (isRemote ? FLAG_IS_REMOTE : 0)
  );
}

/** About the bytes of a span without what it shares with others. */
export function estimateSpan(span: Omit<WireSpan, 'sharedAttributes'>): number {
  if (span.expectedBytes !== undefined) return span.expectedBytes;
  let bytes =
    BARE_SPAN_BYTES + span.name.length + estimateAttributes(span.attributes);
  for (const event of span.events) bytes += estimateEvent(event);
  for (const link of span.links) bytes += estimateLink(link);
  return bytes;
}

function estimateEvent(event: WireEvent): number {
  return (
    BARE_EVENT_BYTES + event.name.length + estimateAttributes(event.attributes)
  );
}

function estimateLink(link: WireLink): number {
  return BARE_LINK_BYTES + estimateAttributes(link.attributes);
}
