/**
 * A batch of encoded spans as the body of an OTLP export: a head, then the
 * spans as they are. Nothing is encoded again and no span is copied.
 *
 * @see https://github.com/open-telemetry/opentelemetry-proto/blob/main/opentelemetry/proto/collector/trace/v1/trace_service.proto
 */
import type { WireAttributes } from './attribute-value.js';
import { writeAttributes } from './otlp-attributes.js';
import { SPAN_ATTRIBUTES } from './otlp-span.js';
import {
  type BatchFrame,
  ExportTraceServiceRequest,
  ResourceSpans,
  ScopeSpans,
} from './otlp-frame.js';
import {
  MAX_VARINT_BYTES,
  lengthDelimitedBytes,
  putVarint,
} from './protobuf-encoding.js';
import { ProtobufWriter } from './protobuf-writer.js';

const NO_FIELDS = new Uint8Array();

/** For what is copied at once. */
const scratch = new ProtobufWriter();

/**
 * Attributes that many spans have in common, as fields of a span, ready for
 * `WireSpan.sharedAttributes`.
 *
 * @param before Others, under other keys, that were encoded earlier.
 */
export function encodeAttributes(
  attributes: WireAttributes,
  before: Uint8Array = NO_FIELDS,
): Uint8Array {
  scratch.begin();
  scratch.fields(before);
  writeAttributes(scratch, SPAN_ATTRIBUTES, attributes);
  const fields = scratch.finish();
  // A trace's are a few hundred bytes: memory of Buffer's pool is cheaper than own.
  const copy = Buffer.from(fields);
  scratch.slab.release(fields);
  return copy;
}

/** Upper bound of the bytes that a body has beyond its spans. */
export function frameOverheadBytes({ resource, scope }: BatchFrame): number {
  return 2 * (1 + MAX_VARINT_BYTES) + resource.length + scope.length;
}

/**
 * The body of an export as chunks to be written one after the other. Spans
 * that lie side by side in a slab are one chunk.
 *
 * @param frame Of the spans without an origin of their own.
 * @param spans What `SpanEncoder.encode()` returned, in any order. None gives
 * no chunks: zero bytes are a valid, empty export.
 */
export function frameSpans(
  frame: BatchFrame,
  spans: readonly Uint8Array[],
): Uint8Array[] {
  const framed = spans.filter((span) => !isBare(span));
  const bare = framed.length === 0 ? spans : spans.filter(isBare);
  if (bare.length === 0) return mergeNeighbours(framed);
  let bareBytes = 0;
  for (const span of bare) bareBytes += span.length;
  return [
    encodeHead(frame, bareBytes),
    ...mergeNeighbours(bare),
    ...mergeNeighbours(framed),
  ];
}

/** A span with an origin of its own is a whole `ResourceSpans` entry. */
export function isBare(span: Uint8Array): boolean {
  return span[0] === ScopeSpans.spans;
}

function encodeHead(frame: BatchFrame, spansBytes: number): Uint8Array {
  const scopeSpansBytes = frame.scope.length + spansBytes;
  const resourceSpansBytes =
    frame.resource.length + lengthDelimitedBytes(scopeSpansBytes);
  const head = Buffer.allocUnsafeSlow(frameOverheadBytes(frame));
  let at = putVarint(head, 0, ExportTraceServiceRequest.resourceSpans);
  at = putVarint(head, at, resourceSpansBytes);
  head.set(frame.resource, at);
  at = putVarint(head, at + frame.resource.length, ResourceSpans.scopeSpans);
  at = putVarint(head, at, scopeSpansBytes);
  head.set(frame.scope, at);
  return head.subarray(0, at + frame.scope.length);
}

function mergeNeighbours(spans: readonly Uint8Array[]): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  for (let from = 0; from < spans.length;) {
    const first = spans[from]!;
    let end = first.byteOffset + first.length;
    let to = from + 1;
    for (; to < spans.length; to++) {
      const next = spans[to]!;
      if (next.buffer !== first.buffer || next.byteOffset !== end) break;
      end += next.length;
    }
    chunks.push(
      new Uint8Array(first.buffer, first.byteOffset, end - first.byteOffset),
    );
    from = to;
  }
  return chunks;
}
