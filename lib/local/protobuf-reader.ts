/**
 * Reads the protobuf wire format from a buffer. Every read is checked against
 * the end of the enclosing message; malformed input throws
 * {@link MalformedProtobufError} and nothing else.
 */

/** The bytes are not a protobuf message. */
export class MalformedProtobufError extends Error {
  override readonly name = 'MalformedProtobufError';
}

/** Wire types of the protobuf encoding. */
export const WireType = {
  Varint: 0,
  Fixed64: 1,
  LengthDelimited: 2,
  StartGroup: 3,
  EndGroup: 4,
  Fixed32: 5,
} as const;

/** How deep messages may nest: the default of the common implementations. */
const MAX_DEPTH = 100;
const MAX_VARINT_BYTES = 10;
const MAX_TAG = 0xff_ff_ff_ff;

/** A field's head: which field it is and how its value is laid out. */
export interface Tag {
  readonly field: number;
  readonly wireType: number;
}

/** A cursor over one message. */
export class ProtobufReader {
  readonly #bytes: Buffer;
  readonly #end: number;
  readonly #depth: number;
  #position: number;

  constructor(
    bytes: Buffer,
    position = 0,
    end: number = bytes.length,
    depth = 0,
  ) {
    this.#bytes = bytes;
    this.#position = position;
    this.#end = end;
    this.#depth = depth;
  }

  /** Whether the message is read to its end. */
  get done(): boolean {
    return this.#position >= this.#end;
  }

  tag(): Tag {
    const tag = this.#varint();
    const field = Math.floor(tag / 8);
    if (field === 0 || tag > MAX_TAG) {
      throw new MalformedProtobufError(`field number ${field} is not allowed`);
    }
    return { field, wireType: tag % 8 };
  }

  /** A cursor over the message that is the value of the current field. */
  message(): ProtobufReader {
    if (this.#depth >= MAX_DEPTH) {
      throw new MalformedProtobufError(`nested deeper than ${MAX_DEPTH}`);
    }
    const length = this.#varint();
    const start = this.#take(length);
    return new ProtobufReader(
      this.#bytes,
      start,
      start + length,
      this.#depth + 1,
    );
  }

  bytes(): Buffer {
    const length = this.#varint();
    const start = this.#take(length);
    return this.#bytes.subarray(start, start + length);
  }

  string(): string {
    const length = this.#varint();
    const start = this.#take(length);
    return this.#bytes.toString('utf8', start, start + length);
  }

  bool(): boolean {
    return this.#varint() !== 0;
  }

  int32(): number {
    return Number(BigInt.asIntN(32, this.#varint64()));
  }

  uint32(): number {
    return Number(BigInt.asUintN(32, this.#varint64()));
  }

  int64(): bigint {
    return BigInt.asIntN(64, this.#varint64());
  }

  fixed64(): bigint {
    return this.#bytes.readBigUInt64LE(this.#take(8));
  }

  fixed32(): number {
    return this.#bytes.readUInt32LE(this.#take(4));
  }

  double(): number {
    return this.#bytes.readDoubleLE(this.#take(8));
  }

  /** Steps over the value of a field that nobody asked for. */
  skip({ field, wireType }: Tag): void {
    switch (wireType) {
      case WireType.Varint:
        this.#varint();
        return;
      case WireType.Fixed64:
        this.#take(8);
        return;
      case WireType.LengthDelimited:
        this.#take(this.#varint());
        return;
      case WireType.Fixed32:
        this.#take(4);
        return;
      case WireType.StartGroup:
        this.#skipGroup(field);
        return;
      default:
        throw new MalformedProtobufError(
          `wire type ${wireType} is not allowed`,
        );
    }
  }

  #skipGroup(field: number): void {
    const open = [field];
    while (open.length > 0) {
      const tag = this.tag();
      if (tag.wireType === WireType.StartGroup) {
        if (open.length >= MAX_DEPTH) {
          throw new MalformedProtobufError(`nested deeper than ${MAX_DEPTH}`);
        }
        open.push(tag.field);
      } else if (tag.wireType === WireType.EndGroup) {
        if (open.pop() !== tag.field) {
          throw new MalformedProtobufError('a group ends that was not open');
        }
      } else {
        this.skip(tag);
      }
    }
  }

  /**
   * Exact to 2^53. Only tags, lengths and booleans are read with it: a tag or
   * length above that is refused in any case.
   */
  #varint(): number {
    let value = 0;
    let factor = 1;
    for (let index = 0; index < MAX_VARINT_BYTES; index += 1) {
      const byte = this.#bytes.readUInt8(this.#take(1));
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) {
        return value;
      }
      factor *= 128;
    }
    throw new MalformedProtobufError('a number is longer than 10 bytes');
  }

  #varint64(): bigint {
    let value = 0n;
    for (let index = 0; index < MAX_VARINT_BYTES; index += 1) {
      const byte = this.#bytes.readUInt8(this.#take(1));
      value |= BigInt(byte & 0x7f) << BigInt(7 * index);
      if (byte < 0x80) {
        return value;
      }
    }
    throw new MalformedProtobufError('a number is longer than 10 bytes');
  }

  #take(length: number): number {
    const start = this.#position;
    if (length > this.#end - start) {
      throw new MalformedProtobufError(
        `${length} bytes are announced where ${this.#end - start} are left`,
      );
    }
    this.#position = start + length;
    return start;
  }
}
