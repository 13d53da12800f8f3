/**
 * Reads an OTLP trace export from protobuf. The result looks as in OTLP/JSON
 * (64-bit integers are decimal strings, absent fields are absent), except that
 * bytes stay bytes: so the Langfuse server turns protobuf into an object.
 *
 * Field numbers: github open-telemetry/opentelemetry-proto, trace/v1,
 * common/v1, resource/v1.
 */
import type { JsonObject } from './json.js';
import {
  MalformedProtobufError,
  ProtobufReader,
  WireType,
} from './protobuf-reader.js';

interface Field {
  readonly number: number;
  readonly wireType: number;
  readonly repeated: boolean;
  readonly read: Read;
}
type Read = (reader: ProtobufReader) => unknown;
type Schema = Readonly<Record<string, Field>>;

function single(number: number, wireType: number, read: Read): Field {
  return { number, wireType, read, repeated: false };
}

const string = (number: number) =>
  single(number, WireType.LengthDelimited, (reader) => reader.string());
const bytes = (number: number) =>
  single(number, WireType.LengthDelimited, (reader) => reader.bytes());
const bool = (number: number) =>
  single(number, WireType.Varint, (reader) => reader.bool());
const int32 = (number: number) =>
  single(number, WireType.Varint, (reader) => reader.int32());
const uint32 = (number: number) =>
  single(number, WireType.Varint, (reader) => reader.uint32());
const int64 = (number: number) =>
  single(number, WireType.Varint, (reader) => reader.int64().toString());
const fixed32 = (number: number) =>
  single(number, WireType.Fixed32, (reader) => reader.fixed32());
const fixed64 = (number: number) =>
  single(number, WireType.Fixed64, (reader) => reader.fixed64().toString());
const double = (number: number) =>
  single(number, WireType.Fixed64, (reader) => reader.double());

function nested(number: number, read: Read): Field {
  return single(number, WireType.LengthDelimited, (reader) =>
    read(reader.message()),
  );
}

function repeated(field: Field): Field {
  return { ...field, repeated: true };
}

/**
 * A field that is not in the schema, or has another wire type there, is
 * stepped over. Of a single field that comes twice the last one counts.
 */
function message(schema: Schema): (reader: ProtobufReader) => JsonObject {
  const byNumber = new Map(
    Object.entries(schema).map(([name, field]) => [
      field.number,
      { name, field },
    ]),
  );
  return (reader) => {
    const decoded: Record<string, unknown> = {};
    while (!reader.done) {
      const tag = reader.tag();
      const known = byNumber.get(tag.field);
      if (known === undefined || known.field.wireType !== tag.wireType) {
        reader.skip(tag);
        continue;
      }
      const value = known.field.read(reader);
      const list = decoded[known.name];
      if (!known.field.repeated) {
        decoded[known.name] = value;
      } else if (Array.isArray(list)) {
        list.push(value);
      } else {
        decoded[known.name] = [value];
      }
    }
    return decoded;
  };
}

const anyValue: Read = message({
  stringValue: string(1),
  boolValue: bool(2),
  intValue: int64(3),
  doubleValue: double(4),
  arrayValue: nested(
    5,
    message({ values: repeated(nested(1, (reader) => anyValue(reader))) }),
  ),
  kvlistValue: nested(
    6,
    message({ values: repeated(nested(1, (reader) => keyValue(reader))) }),
  ),
  bytesValue: bytes(7),
});

const keyValue: Read = message({
  key: string(1),
  value: nested(2, anyValue),
});

const attributes = (number: number) => repeated(nested(number, keyValue));

const span = message({
  traceId: bytes(1),
  spanId: bytes(2),
  traceState: string(3),
  parentSpanId: bytes(4),
  name: string(5),
  kind: int32(6),
  startTimeUnixNano: fixed64(7),
  endTimeUnixNano: fixed64(8),
  attributes: attributes(9),
  droppedAttributesCount: uint32(10),
  events: repeated(
    nested(
      11,
      message({
        timeUnixNano: fixed64(1),
        name: string(2),
        attributes: attributes(3),
        droppedAttributesCount: uint32(4),
      }),
    ),
  ),
  droppedEventsCount: uint32(12),
  links: repeated(
    nested(
      13,
      message({
        traceId: bytes(1),
        spanId: bytes(2),
        traceState: string(3),
        attributes: attributes(4),
        droppedAttributesCount: uint32(5),
        flags: fixed32(6),
      }),
    ),
  ),
  droppedLinksCount: uint32(14),
  status: nested(15, message({ message: string(2), code: int32(3) })),
  flags: fixed32(16),
});

const scopeSpans = message({
  scope: nested(
    1,
    message({
      name: string(1),
      version: string(2),
      attributes: attributes(3),
      droppedAttributesCount: uint32(4),
    }),
  ),
  spans: repeated(nested(2, span)),
  schemaUrl: string(3),
});

const exportTraceServiceRequest = message({
  resourceSpans: repeated(
    nested(
      1,
      message({
        resource: nested(
          1,
          message({
            attributes: attributes(1),
            droppedAttributesCount: uint32(2),
          }),
        ),
        scopeSpans: repeated(nested(2, scopeSpans)),
        schemaUrl: string(3),
      }),
    ),
  ),
});

/**
 * `opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest`, or why
 * the bytes are none.
 */
export type DecodedExport =
  | { readonly ok: true; readonly request: JsonObject }
  | { readonly ok: false; readonly reason: string };

/** Reads a whole export request. Never throws, whatever the bytes are. */
export function decodeExportRequest(body: Buffer): DecodedExport {
  try {
    return {
      ok: true,
      request: exportTraceServiceRequest(new ProtobufReader(body)),
    };
  } catch (error) {
    if (error instanceof MalformedProtobufError) {
      return { ok: false, reason: error.message };
    }
    throw error;
  }
}
