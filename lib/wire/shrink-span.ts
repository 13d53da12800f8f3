/**
 * Makes an encoded span small enough for a server or proxy that refuses it for
 * its size. The longest strings of its attributes are cut, all to one length;
 * every other byte is copied, but for the lengths of what holds a cut string.
 */
import { SPAN_ATTRIBUTES } from './otlp-span.js';
import {
  WireType,
  fieldTag,
  lengthDelimitedBytes,
  MAX_VARINT_BYTES,
} from './protobuf-encoding.js';
import { type ProtobufField, readField } from './protobuf-fields.js';
import { ProtobufWriter } from './protobuf-writer.js';
import {
  findCutBytes,
  truncate,
  truncatedBytes,
  utf8Boundary,
} from './truncated-text.js';

/** What lies behind a tag: a string that may be cut, or a message of such. */
type Schema = 'text' | MessageSchema;
type MessageSchema = ReadonlyMap<number, Schema>;

function message(...fields: [tag: number, schema: Schema][]): MessageSchema {
  return new Map(fields);
}

function field(fieldNumber: number): number {
  return fieldTag(fieldNumber, WireType.lengthDelimited);
}

/** Attributes hold no array of arrays, so the schema, and a walk of it, ends. */
const ARRAY_VALUE = message([field(1), message([field(1), 'text'])]);
const ANY_VALUE = message([field(1), 'text'], [field(5), ARRAY_VALUE]);
const KEY_VALUE = message([field(2), ANY_VALUE]);
const EVENT = message([field(3), KEY_VALUE]);
const LINK = message([field(4), KEY_VALUE]);
const SPAN = message(
  [SPAN_ATTRIBUTES, KEY_VALUE],
  [field(11), EVENT],
  [field(13), LINK],
);
/** An entry of `ScopeSpans.spans`, or of `resource_spans` with one such span. */
const ENTRY = message(
  [field(2), SPAN],
  [field(1), message([field(2), message([field(2), SPAN])])],
);

/** A message with texts in it; what lies between its fields is copied. */
interface CuttableMessage {
  readonly start: number;
  readonly end: number;
  /** Those that are a text or hold one, in order; at least one. */
  readonly fields: readonly CuttableField[];
  readonly copiedBytes: number;
}

interface CuttableField {
  readonly place: ProtobufField;
  /** Undefined for a text. */
  readonly content: CuttableMessage | undefined;
}

/** Without a text it is copied, like a field that the schema does not name. */
type Reading = CuttableMessage | 'copied' | 'broken';

/**
 * The span with its longest attribute strings cut until it has at most
 * `maxBytes`: those of events and links and in arrays too. A cut string ends
 * in `… [Truncated: 1234 of 987654 bytes]`; names, keys, ids, the status
 * message and shorter strings stay as they are.
 *
 * @param span What `SpanEncoder.encode()` returned. It is not changed.
 * @param maxBytes Upper bound of the result's length.
 * @returns An entry like the given one; the given one itself when it is short
 * enough; undefined when it cannot be made short enough or is no span.
 */
export function shrinkSpan(
  span: Uint8Array,
  maxBytes: number,
): Uint8Array | undefined {
  if (span.length <= maxBytes) return span;
  const entry = readMessage(span, 0, span.length, ENTRY);
  if (typeof entry === 'string') return undefined;
  const cutBytes = findCutBytes(
    (bytes) => messageBytes(entry, bytes),
    span.length,
    maxBytes,
  );
  if (cutBytes === undefined) return undefined;
  // The writer wants room for the longest prefix, also at the very end.
  const bytes = messageBytes(entry, cutBytes) + 2 * MAX_VARINT_BYTES;
  const writer = new ProtobufWriter(bytes);
  writer.begin(bytes);
  writeMessage(writer, span, entry, cutBytes);
  return writer.finish();
}

function readMessage(
  bytes: Uint8Array,
  start: number,
  end: number,
  schema: MessageSchema,
): Reading {
  const fields: CuttableField[] = [];
  let copiedBytes = end - start;
  for (let at = start; at < end;) {
    const found = readField(bytes, at, end);
    if (found === undefined) return 'broken';
    at = found.end;
    const inner = schema.get(found.tag);
    if (inner === undefined) continue;
    const content = readContent(bytes, found, inner);
    if (content === 'broken') return content;
    if (content === 'copied') continue;
    fields.push({
      place: found,
      content: content === 'text' ? undefined : content,
    });
    copiedBytes -= found.end - found.start;
  }
  return fields.length > 0 ? { start, end, fields, copiedBytes } : 'copied';
}

function readContent(
  bytes: Uint8Array,
  { bodyStart, end }: ProtobufField,
  schema: Schema,
): Reading | 'text' {
  if (schema !== 'text') return readMessage(bytes, bodyStart, end, schema);
  const length = end - bodyStart;
  return truncatedBytes(length, 0) < length ? 'text' : 'copied';
}

function messageBytes(
  { fields, copiedBytes }: CuttableMessage,
  cutBytes: number,
): number {
  let bytes = copiedBytes;
  for (const part of fields) {
    bytes += lengthDelimitedBytes(bodyBytes(part, cutBytes));
  }
  return bytes;
}

function bodyBytes(
  { place, content }: CuttableField,
  cutBytes: number,
): number {
  return content === undefined
    ? truncatedBytes(place.end - place.bodyStart, cutBytes)
    : messageBytes(content, cutBytes);
}

function writeMessage(
  writer: ProtobufWriter,
  bytes: Uint8Array,
  { start, end, fields }: CuttableMessage,
  cutBytes: number,
): void {
  let copyFrom = start;
  for (const part of fields) {
    const { place, content } = part;
    writer.fields(bytes.subarray(copyFrom, place.start));
    writer.openMessage(place.tag, bodyBytes(part, cutBytes));
    if (content === undefined) {
      const text = bytes.subarray(place.bodyStart, place.end);
      writer.fields(truncate(text, cutBytes, utf8Boundary));
    } else {
      writeMessage(writer, bytes, content, cutBytes);
    }
    writer.closeMessage();
    copyFrom = place.end;
  }
  writer.fields(bytes.subarray(copyFrom, end));
}
