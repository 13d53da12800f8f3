/**
 * As much of WebAssembly's binary format as one routine needs: each function is
 * an instruction of the text format with its operands, or a part of a module.
 *
 * @see https://webassembly.github.io/spec/core/binary/
 */

/** Bytes of one instruction or several. */
export type Code = readonly number[];

/** A parameter or local variable of the routine. */
export class Local {
  constructor(
    private readonly index: number,
    readonly type: number,
  ) {}

  get value(): Code {
    return [0x20, ...unsigned(this.index)];
  }

  set(value: Code): Code {
    return [...value, 0x21, ...unsigned(this.index)];
  }

  /** Adds bytes to an address, or anything to an integer. */
  move(by: Code): Code {
    return this.set(add(this.value, by));
  }
}

export const I32 = 0x7f;
export const V128 = 0x7b;

/** `\0asm`, version 1. */
const HEADER: Code = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];

const SIMD = 0xfd;
const VOID = 0x40;
const END = 0x0b;

export const i32 = (value: number): Code => [0x41, ...signed(value)];

export const add = binary(0x6a);
export const subtract = binary(0x6b);
export const and = binary(0x71);
export const or = binary(0x72);
export const shiftLeft = binary(0x74);
export const shiftRight = binary(0x76);
export const equal = binary(0x46);
export const isLess = binary(0x49);
export const isAtLeast = binary(0x4f);
export const trailingZeros = unary(0x68);

export const load8 = load(0x2d);
export const load16 = load(0x2f);
export const store8 = store(0x3a);
export const store16 = store(0x3b);

/** Instructions on sixteen bytes, `narrow` on twice eight 16-bit numbers. */
export const loadVector = load(SIMD, 0);
export const storeVector = store(SIMD, 11);
export const splat = unary(SIMD, 15);
export const equalBytes = binary(SIMD, 35);
export const lessBytes = binary(SIMD, 37);
export const orVector = binary(SIMD, 80);
/** One bit for each byte: its highest. */
export const bitmask = unary(SIMD, 100);
/** Takes them as signed; what does not fit becomes 0 or 255. */
export const narrow = binary(SIMD, 102);

/** `again(0)` in its body starts it anew; it ends where its body does. */
export const loop = (...body: readonly Code[]): Code => [
  0x03,
  VOID,
  ...body.flat(),
  END,
];

export const when = (
  condition: Code,
  then: readonly Code[],
  otherwise: readonly Code[] = [],
): Code => [
  ...condition,
  0x04,
  VOID,
  ...then.flat(),
  0x05,
  ...otherwise.flat(),
  END,
];

/** @param outer How many loops and conditions are between here and the loop. */
export const again = (outer: number): Code => [0x0c, ...unsigned(outer)];

export const leave = (result: Code): Code => [...result, 0x0f];

/**
 * A module of one function, exported as `run`, which takes and returns 32-bit
 * integers and works on the memory that it imports as `env.memory`.
 */
export function moduleOf(
  parameters: readonly Local[],
  locals: readonly Local[],
  body: readonly Code[],
): Uint8Array<ArrayBuffer> {
  const types = parameters.map(({ type }) => type);
  const declared = locals.map(({ type }) => [1, type]);
  const code = [...list(declared), ...body.flat(), END];
  return Uint8Array.from([
    ...HEADER,
    ...section(1, [0x60, types.length, ...types, 1, I32]),
    ...section(2, [...name('env'), ...name('memory'), 0x02, 0x00, 1]),
    ...section(3, [0]),
    ...section(7, [...name('run'), 0x00, 0]),
    ...section(10, [...unsigned(code.length), ...code]),
  ]);
}

/** A section of one entry. */
function section(id: number, entry: Code): Code {
  const body = list([entry]);
  return [id, ...unsigned(body.length), ...body];
}

function list(entries: readonly Code[]): Code {
  return [...unsigned(entries.length), ...entries.flat()];
}

function name(text: string): Code {
  return [text.length, ...Buffer.from(text)];
}

function unary(...opcode: Code): (operand: Code) => Code {
  return (operand) => [...operand, ...encoded(opcode)];
}

function binary(...opcode: Code): (left: Code, right: Code) => Code {
  return (left, right) => [...left, ...right, ...encoded(opcode)];
}

/** @returns An instruction that reads at an address plus an offset. */
function load(...opcode: Code): (address: Code, offset?: number) => Code {
  return (address, offset = 0) => [
    ...address,
    ...encoded(opcode),
    ...unaligned(offset),
  ];
}

function store(
  ...opcode: Code
): (address: Code, value: Code, offset?: number) => Code {
  return (address, value, offset = 0) => [
    ...address,
    ...value,
    ...encoded(opcode),
    ...unaligned(offset),
  ];
}

function unaligned(offset: number): Code {
  return [0, ...unsigned(offset)];
}

/** A prefix, if there is one, is followed by a number. */
function encoded([first = 0, ...rest]: Code): Code {
  return [first, ...rest.flatMap(unsigned)];
}

/** LEB128 of 32 bits. */
function unsigned(value: number): number[] {
  const bytes: number[] = [];
  let rest = value >>> 0;
  while (rest > 0x7f) {
    bytes.push((rest & 0x7f) | 0x80);
    rest >>>= 7;
  }
  bytes.push(rest);
  return bytes;
}

function signed(value: number): number[] {
  const bytes: number[] = [];
  let rest = value | 0;
  // The last byte holds the sign in its second bit.
  while (rest < -0x40 || rest > 0x3f) {
    bytes.push((rest & 0x7f) | 0x80);
    rest >>= 7;
  }
  bytes.push(rest & 0x7f);
  return bytes;
}
