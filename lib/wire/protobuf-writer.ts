/**
 * Appends protobuf records into slabs of memory. A record is contiguous, and
 * records that were written one after the other lie side by side, so that a
 * batch of them is one range of bytes.
 *
 * At least three quarters of every slab that is not written to any more are
 * records: what is held stays close to what their lengths add up to.
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
import { Slab, SLAB_BYTES, SlabPool } from './slab-pool.js';
import type { WireId } from './wire-id.js';

/** How much of a slab may be left unused, as a part of its bytes. */
const MAX_UNUSED = 0.25;

const NO_MEMORY = Buffer.alloc(0);

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
export class ProtobufWriter {
  /** The slab that records share. */
  private shared = new Slab(NO_MEMORY);
  /** Where the record is: in the shared slab, or in one of its own. */
  private home = this.shared;
  private memory = this.home.memory;
  /** Where the record that is being written begins in the memory. */
  private start = 0;
  private position = 0;
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

  /**
   * @param slabBytes Bytes of one slab, by default 256 KiB. A record that needs
   * more gets a slab of its own.
   * @param pool Where slabs come from and go back to.
   */
  constructor(
    private readonly slabBytes = SLAB_BYTES,
    private readonly pool = new SlabPool(),
  ) {}

  /**
   * Starts a record and forgets one that was not finished.
   *
   * @param expectedBytes Spares a large record the move to a larger slab.
   */
  begin(expectedBytes = 0): void {
    this.home = this.shared;
    this.memory = this.home.memory;
    this.start = this.home.end;
    this.position = this.start;
    this.openNumbers = 0;
    this.reserve(expectedBytes);
  }

  /**
   * The record, as a view of its slab. Whoever is done with it can release it
   * there; its bytes stay as they are until then.
   */
  finish(): Uint8Array {
    const written = this.position - this.start;
    if (this.isAlone && written < (1 - MAX_UNUSED) * this.memory.length) {
      this.move(written);
    }
    const record = this.home.add(this.start, this.position);
    if (this.isAlone) this.home.close();
    return record;
  }

  /** The slab of the record that was finished last. */
  get slab(): Slab {
    return this.home;
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

  /** After this there is room for `bytes`; the record may have moved. */
  private reserve(bytes: number): void {
    if (this.position + bytes <= this.memory.length) return;
    const written = this.position - this.start;
    // Half as much again, or a record of many long strings would move each time.
    this.move(written + Math.max(bytes, Math.ceil(written / 2)));
  }

  /** Moves what is written of the record to where it has `bytes` in all. */
  private move(bytes: number): void {
    const { home, shared, memory, start, position } = this;
    this.home = this.homeFor(bytes);
    this.memory = this.home.memory;
    this.start = this.home.end;
    this.position = this.start + position - start;
    memory.copy(this.memory, this.start, start, position);
    // Only now: the memory of a closed slab is anybody's.
    if (home !== shared) home.close();
    if (this.shared !== shared) shared.close();
  }

  private homeFor(bytes: number): Slab {
    const { memory, end } = this.shared;
    const unused = memory.length - end;
    if (bytes <= unused) return this.shared;
    if (bytes > this.slabBytes || unused > MAX_UNUSED * memory.length) {
      return this.pool.take(bytes);
    }
    this.shared = this.pool.take(this.slabBytes);
    return this.shared;
  }

  private get isAlone(): boolean {
    return this.home !== this.shared;
  }
}

/** The bytes of a keyed head. */
function keyedHeadBytes(keyBytes: number, textBytes: number): number {
  const valueBytes = lengthDelimitedBytes(textBytes);
  const entryBytes = keyBytes + lengthDelimitedBytes(valueBytes);
  return lengthDelimitedBytes(entryBytes) - textBytes;
}
