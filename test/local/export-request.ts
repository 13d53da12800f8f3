/** Builds and encodes OTLP export requests with protobufjs. */
import { fileURLToPath } from 'node:url';
import protobuf from 'protobufjs';

const root = protobuf.loadSync(
  fileURLToPath(new URL('../support/otlp.proto', import.meta.url)),
);

export const ExportTraceServiceRequest = root.lookupType(
  'opentelemetry.proto.ExportTraceServiceRequest',
);

export type PlainAttribute = string | number | boolean | readonly string[];

/** A span in the words of the specs; everything has a default. */
export interface SpanInput {
  readonly traceId?: string;
  readonly spanId?: string;
  readonly parentSpanId?: string;
  readonly name?: string;
  readonly startMs?: number;
  readonly endMs?: number;
  readonly attributes?: Readonly<Record<string, PlainAttribute>>;
  readonly status?: { readonly code?: number; readonly message?: string };
  /** Attributes in OTLP form, for values that no client should send. */
  readonly rawAttributes?: readonly object[];
}

export interface RequestInput {
  readonly resource?: Readonly<Record<string, PlainAttribute>>;
  readonly scope?: { readonly name?: string; readonly version?: string };
}

export const TRACE_ID = '0af7651916cd43dd8448eb211c80319c';
export const SPAN_ID = 'b7ad6b7169203331';
export const START_MS = Date.UTC(2026, 10, 23, 9, 0, 0, 0);

export function encode(request: object): Buffer {
  return Buffer.from(
    ExportTraceServiceRequest.encode(
      ExportTraceServiceRequest.fromObject(request),
    ).finish(),
  );
}

/** One resource, one scope, and these spans. */
export function exportOf(
  spans: readonly SpanInput[],
  { resource = {}, scope = { name: 'langfuse-sdk' } }: RequestInput = {},
): Buffer {
  return encode({
    resourceSpans: [
      {
        resource: { attributes: keyValues(resource) },
        scopeSpans: [{ scope, spans: spans.map(otlpSpan) }],
      },
    ],
  });
}

function otlpSpan({
  traceId = TRACE_ID,
  spanId = SPAN_ID,
  parentSpanId = '',
  name = 'span',
  startMs = START_MS,
  endMs = startMs,
  attributes = {},
  status = {},
  rawAttributes = [],
}: SpanInput): object {
  return {
    traceId: Buffer.from(traceId, 'hex'),
    spanId: Buffer.from(spanId, 'hex'),
    ...(parentSpanId && { parentSpanId: Buffer.from(parentSpanId, 'hex') }),
    name,
    startTimeUnixNano: nanos(startMs),
    endTimeUnixNano: nanos(endMs),
    attributes: [...keyValues(attributes), ...rawAttributes],
    status,
  };
}

function nanos(ms: number): string {
  return String(BigInt(Math.round(ms * 1000)) * 1000n);
}

function keyValues(
  attributes: Readonly<Record<string, PlainAttribute>>,
): object[] {
  return Object.entries(attributes).map(([key, value]) => ({
    key,
    value: anyValue(value),
  }));
}

function anyValue(value: PlainAttribute): object {
  switch (typeof value) {
    case 'string':
      return { stringValue: value };
    case 'boolean':
      return { boolValue: value };
    case 'number':
      return Number.isInteger(value)
        ? { intValue: value }
        : { doubleValue: value };
    default:
      return {
        arrayValue: { values: value.map((item) => ({ stringValue: item })) },
      };
  }
}
