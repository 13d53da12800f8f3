/** Attributes of a span, as fields of an OTLP `Span`. */
import { putText, putVarint, varintBytes } from './protobuf.js';

/** `Span.attributes`, `KeyValue.key`, `KeyValue.value`, `AnyValue.string_value`. */
const ATTRIBUTE = 0x4a;
const KEY = 0x0a;
const VALUE = 0x12;
const STRING = 0x0a;

/** Tag, length and bytes of each key, which are few and never change. */
const encodedKeys = new Map<string, Buffer>();

/** Attributes that are always the same, such as the type, as a whole. */
const encodedAttributes = new Map<string, Map<string, Buffer>>();

/**
 * Writes one attribute and returns the position after it. Three lengths come
 * before the text; they are those of ASCII unless it turns out otherwise.
 */
export function putAttribute(
  memory: Buffer,
  at: number,
  name: string,
  text: string,
): number {
  const key = encodedKeys.get(name) ?? encodeKey(name);
  const guessed = prefixBytes(key.length, text.length);
  const bytes = putText(memory, at + guessed, text);
  const needed = prefixBytes(key.length, bytes);
  if (needed !== guessed) {
    memory.copyWithin(at + needed, at + guessed, at + guessed + bytes);
  }
  const valueBytes = 1 + varintBytes(bytes) + bytes;
  memory[at] = ATTRIBUTE;
  let position = putVarint(
    memory,
    at + 1,
    key.length + 1 + varintBytes(valueBytes) + valueBytes,
  );
  memory.set(key, position);
  position += key.length;
  memory[position++] = VALUE;
  position = putVarint(memory, position, valueBytes);
  memory[position++] = STRING;
  return putVarint(memory, position, bytes) + bytes;
}

/** Writes an attribute that has one of few values. */
export function putConstant(
  memory: Buffer,
  at: number,
  name: string,
  text: string,
): number {
  const encoded =
    encodedAttributes.get(name)?.get(text) ?? encodeAttribute(name, text);
  memory.set(encoded, at);
  return at + encoded.length;
}

/** All that stands before the text. */
function prefixBytes(keyBytes: number, textBytes: number): number {
  const valueBytes = 1 + varintBytes(textBytes) + textBytes;
  const entryBytes = keyBytes + 1 + varintBytes(valueBytes) + valueBytes;
  return 1 + varintBytes(entryBytes) + entryBytes - textBytes;
}

function encodeKey(name: string): Buffer {
  const text = Buffer.from(name);
  const key = Buffer.from([KEY, text.length, ...text]);
  encodedKeys.set(name, key);
  return key;
}

function encodeAttribute(name: string, text: string): Buffer {
  const memory = Buffer.alloc(1_024);
  const encoded = memory.subarray(0, putAttribute(memory, 0, name, text));
  const ofName = encodedAttributes.get(name) ?? new Map<string, Buffer>();
  ofName.set(text, encoded);
  encodedAttributes.set(name, ofName);
  return encoded;
}
