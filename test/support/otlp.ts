/** Reads OTLP trace exports with protobufjs, which shares no code with lib/. */
import { join } from 'node:path';
import protobuf from 'protobufjs';

export interface OtlpAnyValue {
  stringValue?: string;
  boolValue?: boolean;
  /** Decimal digits. */
  intValue?: string;
  doubleValue?: number;
  arrayValue?: { values: OtlpAnyValue[] };
  /** Which of the others is set; absent in a value that holds nothing. */
  value?: string;
}

export interface OtlpKeyValue {
  key: string;
  value: OtlpAnyValue | null;
}

export interface OtlpEvent {
  timeUnixNano: string;
  name: string;
  attributes: OtlpKeyValue[];
  droppedAttributesCount: number;
}

export interface OtlpLink {
  traceId: string;
  spanId: string;
  traceState: string;
  attributes: OtlpKeyValue[];
  droppedAttributesCount: number;
  flags: number;
}

/** Ids are hex, times are decimal nanoseconds, absent fields have defaults. */
export interface OtlpSpan {
  traceId: string;
  spanId: string;
  traceState: string;
  parentSpanId: string;
  flags: number;
  name: string;
  kind: number;
  startTimeUnixNano: string;
  endTimeUnixNano: string;
  attributes: OtlpKeyValue[];
  droppedAttributesCount: number;
  events: OtlpEvent[];
  droppedEventsCount: number;
  links: OtlpLink[];
  droppedLinksCount: number;
  status: { message: string; code: number } | null;
}

export interface OtlpScopeSpans {
  scope: { name: string; version: string };
  spans: OtlpSpan[];
}

export interface OtlpResourceSpans {
  resource: { attributes: OtlpKeyValue[] };
  scopeSpans: OtlpScopeSpans[];
}

export interface OtlpRequest {
  resourceSpans: OtlpResourceSpans[];
}

const root = protobuf.loadSync(join(import.meta.dirname, 'otlp.proto'));
const requestType = root.lookupType('ExportTraceServiceRequest');

/** Decodes the body of an export. Throws on bytes that are no such message. */
export function decodeExport(bytes: Uint8Array): OtlpRequest {
  const message = requestType.toObject(requestType.decode(bytes), {
    longs: String,
    defaults: true,
    arrays: true,
    oneofs: true,
  });
  return withHexIds(message) as OtlpRequest;
}

/**
 * The same message as protobufjs encodes it: shortest varints, fields in order
 * of their numbers, and without fields that have the default of their type.
 */
export function encodeAgain(bytes: Uint8Array): Uint8Array {
  return requestType.encode(requestType.decode(bytes)).finish();
}

/** All spans of an export, in order. */
export function spansOf(request: OtlpRequest): OtlpSpan[] {
  return request.resourceSpans.flatMap(({ scopeSpans }) =>
    scopeSpans.flatMap(({ spans }) => spans),
  );
}

/** Attributes by key, in order; what AnyValue holds becomes a plain value. */
export function attributesOf(
  attributes: readonly OtlpKeyValue[],
): Record<string, unknown> {
  return Object.fromEntries(
    attributes.map(({ key, value }) => [key, plainValue(value)]),
  );
}

function plainValue(any: OtlpAnyValue | null): unknown {
  switch (any?.value) {
    case 'intValue':
      return BigInt(any.intValue!);
    case 'arrayValue':
      return any.arrayValue!.values.map(plainValue);
    case undefined:
      return undefined;
    default:
      return any![any!.value as 'stringValue' | 'boolValue' | 'doubleValue'];
  }
}

function withHexIds(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
  if (Array.isArray(value)) return value.map(withHexIds);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, entry]) => [key, withHexIds(entry)]),
  );
}
