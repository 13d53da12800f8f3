import { describe, expect, it } from 'vitest';
import { fieldTag, WireType } from '../../lib/wire/protobuf-encoding.js';
import { ProtobufWriter } from '../../lib/wire/protobuf-writer.js';

const BYTES = fieldTag(1, WireType.lengthDelimited);
const KEY = Buffer.from([BYTES, 3, ...Buffer.from('key')]);
const VARINT = fieldTag(2, WireType.varint);

/** Every kind of field, and prefixes that were guessed too short and too long. */
function writeRecord(writer: ProtobufWriter): Uint8Array {
  writer.begin();
  writer.openMessage(BYTES, 1);
  writer.string(BYTES, 'short');
  writer.string(BYTES, 'not ASCII: 漢字');
  writer.openMessage(BYTES, 20_000);
  writer.string(BYTES, 'é'.repeat(70));
  writer.string(BYTES, `${'😀'.repeat(20)}\ud800`);
  writer.keyedString(BYTES, KEY, BYTES, BYTES, '漢'.repeat(50));
  for (const expectedBytes of [1, 150, 20_000]) {
    writer.openKeyedString(KEY, expectedBytes);
    for (let i = 0; i < 3; i++) writer.append(Buffer.alloc(60, 'a'), 50);
    writer.closeKeyedString(BYTES, KEY, BYTES, BYTES);
  }
  writer.hex(BYTES, '0af7651916cd43dd', 8);
  writer.openMessage(BYTES, 1);
  writer.fields(Uint8Array.from({ length: 130 }, (_, index) => index));
  writer.closeMessage();
  writer.closeMessage();
  writer.int64(VARINT, -1);
  writer.uint32(VARINT, 2 ** 32 - 1);
  writer.fixed32(fieldTag(3, WireType.fixed32), 0x1234);
  writer.double(fieldTag(4, WireType.fixed64), 0.25);
  writer.time(fieldTag(5, WireType.fixed64), [1, 2]);
  writer.closeMessage();
  return writer.finish();
}

describe('ProtobufWriter', () => {
  it.each(['', 'text', 'é'.repeat(126), '漢'.repeat(5_500), '\ud800'])(
    'writes a string with its key as the messages that it stands for',
    (text) => {
      const expected = new ProtobufWriter();
      expected.begin();
      expected.openMessage(BYTES, 0);
      expected.fields(KEY);
      expected.openMessage(BYTES, 0);
      expected.string(BYTES, text);
      expected.closeMessage();
      expected.closeMessage();
      const writer = new ProtobufWriter();
      writer.begin();
      writer.keyedString(BYTES, KEY, BYTES, BYTES, text);
      expect(Buffer.from(writer.finish())).toEqual(
        Buffer.from(expected.finish()),
      );
    },
  );

  it.each([0, 1, 150, 20_000])(
    'appends to a string with its key, of which %d bytes were expected',
    (expectedBytes) => {
      const expected = new ProtobufWriter();
      expected.begin();
      expected.keyedString(BYTES, KEY, BYTES, BYTES, 'ab'.repeat(75));
      const writer = new ProtobufWriter();
      writer.begin();
      writer.openKeyedString(KEY, expectedBytes);
      writer.append(Buffer.from('ab'.repeat(50)), 100);
      writer.append(Buffer.from('ab'.repeat(50)), 50);
      writer.closeKeyedString(BYTES, KEY, BYTES, BYTES);
      expect(Buffer.from(writer.finish())).toEqual(
        Buffer.from(expected.finish()),
      );
    },
  );

  it('writes the same bytes wherever a slab ends', () => {
    const expected = Buffer.from(writeRecord(new ProtobufWriter()));
    for (let slabBytes = 1; slabBytes < 3 * expected.length; slabBytes++) {
      const writer = new ProtobufWriter(slabBytes);
      const records = [1, 2, 3, 4].map(() => writeRecord(writer));
      for (const record of records) expect(expected.equals(record)).toBe(true);
    }
  });

  it('moves only the record that does not fit', () => {
    const { length } = writeRecord(new ProtobufWriter());
    // Room for two, and for what the second reserves at its end.
    const writer = new ProtobufWriter(2 * length + 20);
    const [first, second, third] = [1, 2, 3].map(() => writeRecord(writer)) as [
      Uint8Array,
      Uint8Array,
      Uint8Array,
    ];
    expect(second.buffer).toBe(first.buffer);
    expect(second.byteOffset).toBe(first.byteOffset + first.length);
    expect(third.buffer).not.toBe(first.buffer);
  });
});
