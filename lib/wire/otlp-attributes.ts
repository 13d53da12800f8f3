/**
 * Attributes as OTLP `KeyValue` messages. What the server cannot take is left
 * out: one attribute without a value makes it lose the whole request after it
 * answered 200, and it stores an empty array as the text `{"arrayValue":{}}`.
 *
 * @see https://github.com/open-telemetry/opentelemetry-proto/blob/main/opentelemetry/proto/common/v1/common.proto
 */
import type { WireAttributes, WireAttributeValue } from './attribute-value.js';
import { JsonEncoder } from './json-encoder.js';
import { JsonParts } from './json-parts.js';
import {
  WireType,
  fieldTag,
  lengthDelimitedBytes,
} from './protobuf-encoding.js';
import { ProtobufWriter } from './protobuf-writer.js';

type Scalar = string | number | boolean;

const KeyValue = {
  key: fieldTag(1, WireType.lengthDelimited),
  value: fieldTag(2, WireType.lengthDelimited),
};

const AnyValue = {
  stringValue: fieldTag(1, WireType.lengthDelimited),
  boolValue: fieldTag(2, WireType.varint),
  intValue: fieldTag(3, WireType.varint),
  doubleValue: fieldTag(4, WireType.fixed64),
  arrayValue: fieldTag(5, WireType.lengthDelimited),
};

const ArrayValue = {
  values: fieldTag(1, WireType.lengthDelimited),
};

/**
 * The keys that were written so far, as fields: some dozens make up nearly all
 * spans, and copying one takes half the time of encoding it again. Bounded,
 * since applications can put anything into a key.
 */
const encodedKeys = new Map<string, Uint8Array>();
const MAX_ENCODED_KEYS = 512;
const MAX_ENCODED_KEY_LENGTH = 128;

const jsonEncoder = new JsonEncoder();

/** Tag and ten bytes of a negative integer. */
const MAX_NUMBER_BYTES = 11;

/** Key, tags and lengths of a usual attribute. */
const USUAL_KEY_BYTES = 48;

/**
 * Writes each attribute as an entry of a repeated `KeyValue` field. Values of
 * a type that {@link WireAttributeValue} does not have are left out.
 */
export function writeAttributes(
  writer: ProtobufWriter,
  tag: number,
  attributes: WireAttributes,
): void {
  // Not for…of, which makes a list of each entry.
  attributes.forEach((value, key) => {
    if (typeof value === 'string') {
      writeText(writer, tag, key, value);
    } else if (JsonParts.is(value)) {
      writeJson(writer, tag, key, value);
    } else if (
      isScalar(value) ||
      (Array.isArray(value) && value.some(isScalar))
    ) {
      writeAttribute(writer, tag, key, value);
    }
  });
}

/** About the bytes that the attributes take; exact enough to reserve room. */
export function estimateAttributes(attributes: WireAttributes): number {
  let bytes = 0;
  for (const value of attributes.values()) {
    bytes += USUAL_KEY_BYTES + estimateValue(value);
  }
  return bytes;
}

/** Nearly all attributes are texts under keys that were seen before. */
function writeText(
  writer: ProtobufWriter,
  tag: number,
  key: string,
  text: string,
): void {
  const encodedKey = encodedKeys.get(key);
  if (encodedKey === undefined) {
    writeAttribute(writer, tag, key, text);
    return;
  }
  const { stringValue } = AnyValue;
  writer.keyedString(tag, encodedKey, KeyValue.value, stringValue, text);
}

function writeJson(
  writer: ProtobufWriter,
  tag: number,
  key: string,
  json: JsonParts,
): void {
  const encodedKey = encodedKeys.get(key) ?? encodeKey(key);
  const { stringValue } = AnyValue;
  writer.openKeyedString(encodedKey, json.length);
  jsonEncoder.encode(json, writer);
  writer.closeKeyedString(tag, encodedKey, KeyValue.value, stringValue);
}

function writeAttribute(
  writer: ProtobufWriter,
  tag: number,
  key: string,
  value: Exclude<WireAttributeValue, JsonParts>,
): void {
  const valueBytes = estimateValue(value);
  writer.openMessage(
    tag,
    lengthDelimitedBytes(key.length) + lengthDelimitedBytes(valueBytes),
  );
  writeKey(writer, key);
  writer.openMessage(KeyValue.value, valueBytes);
  if (isScalar(value)) writeScalar(writer, value);
  else writeArray(writer, value);
  writer.closeMessage();
  writer.closeMessage();
}

function writeKey(writer: ProtobufWriter, key: string): void {
  const encoded = encodedKeys.get(key);
  if (encoded !== undefined) {
    writer.fields(encoded);
    return;
  }
  if (canRemember(key)) encodeKey(key);
  writer.string(KeyValue.key, key);
}

function canRemember(key: string): boolean {
  return (
    encodedKeys.size < MAX_ENCODED_KEYS && key.length <= MAX_ENCODED_KEY_LENGTH
  );
}

function encodeKey(key: string): Uint8Array {
  const writer = new ProtobufWriter(lengthDelimitedBytes(key.length));
  writer.begin();
  writer.string(KeyValue.key, key);
  const encoded = writer.finish();
  if (canRemember(key)) encodedKeys.set(key, encoded);
  return encoded;
}

function writeScalar(writer: ProtobufWriter, value: Scalar): void {
  if (typeof value === 'string') writer.string(AnyValue.stringValue, value);
  else if (typeof value === 'number') writeNumber(writer, value);
  else writer.uint32(AnyValue.boolValue, value ? 1 : 0);
}

function writeNumber(writer: ProtobufWriter, value: number): void {
  if (Number.isSafeInteger(value)) writer.int64(AnyValue.intValue, value);
  else if (Number.isFinite(value)) writer.double(AnyValue.doubleValue, value);
  // The server turns protobuf into JSON, where a double NaN would be null.
  else writer.string(AnyValue.stringValue, String(value));
}

function writeArray(
  writer: ProtobufWriter,
  values: Exclude<WireAttributeValue, Scalar | JsonParts>,
): void {
  writer.openMessage(AnyValue.arrayValue, estimateArray(values));
  for (const value of values) {
    if (!isScalar(value)) continue;
    writer.openMessage(ArrayValue.values, estimateScalar(value));
    writeScalar(writer, value);
    writer.closeMessage();
  }
  writer.closeMessage();
}

function estimateValue(value: WireAttributeValue): number {
  if (JsonParts.is(value)) return lengthDelimitedBytes(value.length);
  return Array.isArray(value)
    ? lengthDelimitedBytes(estimateArray(value))
    : estimateScalar(value);
}

function estimateArray(values: readonly unknown[]): number {
  let bytes = 0;
  for (const value of values) {
    bytes += lengthDelimitedBytes(estimateScalar(value));
  }
  return bytes;
}

function estimateScalar(value: unknown): number {
  return typeof value === 'string'
    ? lengthDelimitedBytes(value.length)
    : MAX_NUMBER_BYTES;
}

function isScalar(value: unknown): value is Scalar {
  return (
    typeof value === 'string' ||
    typeof value === 'number' ||
    typeof value === 'boolean'
  );
}
