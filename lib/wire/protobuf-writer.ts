/**
 * Protobuf's wire format, field by field, into slabs of memory.
 *
 * @see https://protobuf.dev/programming-guides/encoding/
 */
import {
  lengthDelimitedBytes,
  MAX_VARINT64_BYTES,
  MAX_VARINT_BYTES,
  putFixed32,
  putHex,
  putText,
  putTime,
  putVarint,
  putVarint64,
  varintBytes,
} from './protobuf-encoding.js';
import { SlabWriter } from './slab-writer.js';
import type { WireId } from './wire-id.js';

/**
 * What is free behind a text that was not cut: a character takes four bytes at
 * most. It is as well what up to three length prefixes can grow by when the text
 * takes three times the bytes that its length says.
 */
const BEHIND_TEXT_BYTES = 4;

/**
 * Writes one record at a time: `begin()`, its fields, `finish()`. The methods
 * are named after protobuf's types and take the field's tag first.
 */
export class ProtobufWriter extends SlabWriter {
  /**
   * Two numbers for each open message: where its length prefix stands, and the
   * bytes left for it. Relative to the record, which may move to another slab.
   */
  private readonly openMessages: number[] = [];
  /** How many numbers of the list count: it keeps its memory. */
  private openNumbers = 0;
  /** What was left for the head of the open keyed string. */
  private keyedRoom = 0;
  /** Where its text begins, from the start of the record. */
  private keyedText = 0;

  override begin(expectedBytes = 0): void {
    this.openNumbers = 0;
    super.begin(expectedBytes);
  }

  /**
   * @param expectedBytes Length of the message's body as far as it is known.
   * When its prefix comes out as long as guessed, the body stays in place.
   */
  openMessage(tag: number, expectedBytes: number): void {
    this.reserve(2 * MAX_VARINT_BYTES);
    this.position = putVarint(this.memory, this.position, tag);
    const prefixBytes = varintBytes(expectedBytes);
    this.openMessages[this.openNumbers++] = this.position - this.start;
    this.openMessages[this.openNumbers++] = prefixBytes;
    this.position += prefixBytes;
  }

  /** Closes the message that was opened last. */
  closeMessage(): void {
    const prefixBytes = this.openMessages[--this.openNumbers]!;
    const prefixOffset = this.openMessages[--this.openNumbers]!;
    this.reserve(MAX_VARINT_BYTES);
    this.putLength(this.start + prefixOffset, prefixBytes);
  }

  /** Lone surrogates become U+FFFD, so that the bytes are valid UTF-8. */
  string(tag: number, text: string): void {
    const tagBytes = varintBytes(tag);
    const guessed = tagBytes + varintBytes(text.length);
    const bytes = this.putTextBehind(guessed, text);
    this.shiftText(guessed, tagBytes + varintBytes(bytes), bytes);
    const lengthAt = putVarint(this.memory, this.position, tag);
    this.position = putVarint(this.memory, lengthAt, bytes) + bytes;
  }

  /**
   * A message of two fields: one that is encoded already, and a message of
   * nothing but a string. It is what `openMessage()` and the like would write,
   * but as the text comes first, all lengths are known when they are written.
   *
   * @param valueTag Of the inner message. Tags are those of fields up to 15.
   * @param textTag Of the string in it.
   */
  keyedString(
    tag: number,
    key: Uint8Array,
    valueTag: number,
    textTag: number,
    text: string,
  ): void {
    const guessed = keyedHeadBytes(key.length, text.length);
    const bytes = this.putTextBehind(guessed, text);
    this.shiftText(guessed, keyedHeadBytes(key.length, bytes), bytes);
    this.putKeyedHead(tag, key, valueTag, textTag, bytes);
    this.position += bytes;
  }

  /**
   * Starts the same with a string whose UTF-8 is appended, up to
   * {@link ProtobufWriter.closeKeyedString} with the same key.
   */
  openKeyedString(key: Uint8Array, expectedBytes: number): void {
    this.keyedRoom = keyedHeadBytes(key.length, expectedBytes);
    this.reserve(this.keyedRoom + expectedBytes);
    this.position += this.keyedRoom;
    this.keyedText = this.position - this.start;
  }

  /** Adds the first `bytes` of `memory` to the open keyed string. */
  append(memory: Buffer, bytes: number): void {
    this.reserve(bytes);
    memory.copy(this.memory, this.position, 0, bytes);
    this.position += bytes;
  }

  closeKeyedString(
    tag: number,
    key: Uint8Array,
    valueTag: number,
    textTag: number,
  ): void {
    const { keyedRoom } = this;
    const bytes = this.position - this.start - this.keyedText;
    const needed = keyedHeadBytes(key.length, bytes);
    this.reserve(Math.max(0, needed - keyedRoom));
    this.position -= keyedRoom + bytes;
    this.shiftText(keyedRoom, needed, bytes);
    this.putKeyedHead(tag, key, valueTag, textTag, bytes);
    this.position += bytes;
  }

  /**
   * A `bytes` field out of hex digits.
   *
   * @param length Bytes of the field. Digits that are missing count as 0.
   */
  hex(tag: number, digits: string, length: number): void {
    this.reserve(2 * MAX_VARINT_BYTES + length);
    const lengthAt = putVarint(this.memory, this.position, tag);
    const digitsAt = putVarint(this.memory, lengthAt, length);
    this.position = putHex(this.memory, digitsAt, digits, length);
  }

  /** A `bytes` field out of an id. */
  id(tag: number, id: WireId): void {
    this.reserve(2 * MAX_VARINT_BYTES + id.length);
    const lengthAt = putVarint(this.memory, this.position, tag);
    const bytesAt = putVarint(this.memory, lengthAt, id.length);
    id.copyTo(this.memory, bytesAt);
    this.position = bytesAt + id.length;
  }

  /** Appends fields that are encoded already, tags included. */
  fields(encoded: Uint8Array): void {
    this.reserve(encoded.length);
    this.memory.set(encoded, this.position);
    this.position += encoded.length;
  }

  uint32(tag: number, value: number): void {
    this.reserve(2 * MAX_VARINT_BYTES);
    const valueAt = putVarint(this.memory, this.position, tag);
    this.position = putVarint(this.memory, valueAt, value);
  }

  /** @param value A safe integer. A negative one takes ten bytes. */
  int64(tag: number, value: number): void {
    this.reserve(MAX_VARINT_BYTES + MAX_VARINT64_BYTES);
    const valueAt = putVarint(this.memory, this.position, tag);
    this.position = putVarint64(this.memory, valueAt, value);
  }

  fixed32(tag: number, value: number): void {
    this.reserve(MAX_VARINT_BYTES + 4);
    const valueAt = putVarint(this.memory, this.position, tag);
    this.position = putFixed32(this.memory, valueAt, value);
  }

  double(tag: number, value: number): void {
    this.reserve(MAX_VARINT_BYTES + 8);
    const valueAt = putVarint(this.memory, this.position, tag);
    this.position = this.memory.writeDoubleLE(value, valueAt);
  }

  /** `fixed64` nanoseconds since the epoch. */
  time(tag: number, time: readonly [number, number]): void {
    this.reserve(MAX_VARINT_BYTES + 8);
    const valueAt = putVarint(this.memory, this.position, tag);
    this.position = putTime(this.memory, valueAt, time);
  }

  /**
   * Writes the length of a body that ends at the current position, and shifts
   * the body when the prefix needs more or less than the bytes left for it.
   * There must be room for the longest prefix.
   */
  private putLength(prefixAt: number, roomBytes: number): void {
    const bodyAt = prefixAt + roomBytes;
    const length = this.position - bodyAt;
    const prefixBytes = varintBytes(length);
    if (prefixBytes !== roomBytes) {
      this.memory.copyWithin(prefixAt + prefixBytes, bodyAt, this.position);
      this.position += prefixBytes - roomBytes;
    }
    putVarint(this.memory, prefixAt, length);
  }

  /**
   * Writes a text behind room for what is to stand before it, and returns its
   * bytes. How many they are is only counted where the text may have been cut:
   * that would be a pass of its own.
   */
  private putTextBehind(room: number, text: string): number {
    this.reserve(room + text.length + BEHIND_TEXT_BYTES);
    const at = this.position + room;
    const bytes = putText(this.memory, at, text);
    if (at + bytes + BEHIND_TEXT_BYTES <= this.memory.length) return bytes;
    this.reserve(room + Buffer.byteLength(text) + BEHIND_TEXT_BYTES);
    return putText(this.memory, this.position + room, text);
  }

  /** What stands before the text of a {@link ProtobufWriter.keyedString}. */
  private putKeyedHead(
    tag: number,
    key: Uint8Array,
    valueTag: number,
    textTag: number,
    textBytes: number,
  ): void {
    const { memory } = this;
    const valueBytes = lengthDelimitedBytes(textBytes);
    const entryBytes = key.length + lengthDelimitedBytes(valueBytes);
    let at = putVarint(memory, this.position, tag);
    at = putVarint(memory, at, entryBytes);
    memory.set(key, at);
    at = putVarint(memory, at + key.length, valueTag);
    at = putVarint(memory, at, valueBytes);
    at = putVarint(memory, at, textTag);
    this.position = putVarint(memory, at, textBytes);
  }

  /** Moves a text when what stands before it is not as long as guessed. */
  private shiftText(guessed: number, needed: number, bytes: number): void {
    if (needed === guessed) return;
    const from = this.position + guessed;
    this.memory.copyWithin(this.position + needed, from, from + bytes);
  }
}

/** The bytes of a keyed head. */
function keyedHeadBytes(keyBytes: number, textBytes: number): number {
  const valueBytes = lengthDelimitedBytes(textBytes);
  const entryBytes = keyBytes + lengthDelimitedBytes(valueBytes);
  return lengthDelimitedBytes(entryBytes) - textBytes;
}
