// The one routine in WebAssembly: UTF-16 to UTF-8 with JSON's escapes.
import {
  I32,
  Local,
  V128,
  add,
  again,
  and,
  bitmask,
  equal,
  equalBytes,
  i32,
  isAtLeast,
  isLess,
  leave,
  lessBytes,
  load16,
  load8,
  loadVector,
  loop,
  moduleOf,
  narrow,
  or,
  orVector,
  shiftLeft,
  shiftRight,
  splat,
  store16,
  store8,
  storeVector,
  subtract,
  trailingZeros,
  when,
  type Code,
} from './web-assembly.js';

/** Where the memory has, for each ASCII character, the letter of its escape. */
export const LETTERS_AT = 0;
/** Where it has the sixteen hexadecimal digits. */
export const DIGITS_AT = 128;
/** The first byte that the routine itself does not need, a multiple of 16. */
export const FREE_AT = 144;

/** The letter of an escape that goes on with four digits. */
export const LONG_ESCAPE = 'u'.charCodeAt(0);

/** The routine reads and writes up to so many bytes more than it should. */
export const SLACK_BYTES = 32;

const BLOCK_UNITS = 16;

const from = new Local(0, I32);
const end = new Local(1, I32);
const to = new Local(2, I32);
const unit = new Local(3, I32);
const plain = new Local(4, I32);
const block = new Local(5, V128);

const digit = (shift: number): Code =>
  load8(and(shiftRight(unit.value, i32(shift)), i32(0xf)), DIGITS_AT);

const longEscape = [
  store16(to.value, i32(0x755c)), // \u
  store8(to.value, digit(12), 2),
  store8(to.value, digit(8), 3),
  store8(to.value, digit(4), 4),
  store8(to.value, digit(0), 5),
  to.move(i32(6)),
];

const letter = load8(unit.value, LETTERS_AT);

const escape = [
  when(equal(letter, i32(LONG_ESCAPE)), longEscape, [
    store8(to.value, i32(0x5c)),
    store8(to.value, letter, 1),
    to.move(i32(2)),
  ]),
];

/** The first byte of a character, and one that continues it. */
const lead = (shift: number, mark: number): Code =>
  or(shiftRight(unit.value, i32(shift)), i32(mark));
const next = (shift: number): Code =>
  or(and(shiftRight(unit.value, i32(shift)), i32(0x3f)), i32(0x80));

const twoBytes = [
  store8(to.value, lead(6, 0xc0)),
  store8(to.value, next(0), 1),
  to.move(i32(2)),
];

const threeBytes = [
  store8(to.value, lead(12, 0xe0)),
  store8(to.value, next(6), 1),
  store8(to.value, next(0), 2),
  to.move(i32(3)),
];

const fourBytes = [
  store8(to.value, lead(18, 0xf0)),
  store8(to.value, next(12), 1),
  store8(to.value, next(6), 2),
  store8(to.value, next(0), 3),
  to.move(i32(4)),
];

const isHighHalf = equal(and(unit.value, i32(0xfc00)), i32(0xd800));
const isLowHalfNext = and(
  isLess(from.value, end.value),
  equal(and(load16(from.value), i32(0xfc00)), i32(0xdc00)),
);

/** What both halves have on top of the character, but for U+10000. */
const HALVES = (0xd800 << 10) + 0xdc00 - 0x10000;

const surrogate = [
  when(
    and(isHighHalf, isLowHalfNext),
    [
      unit.set(add(shiftLeft(unit.value, i32(10)), load16(from.value))),
      unit.set(subtract(unit.value, i32(HALVES))),
      from.move(i32(2)),
      ...fourBytes,
    ],
    longEscape,
  ),
];

const isSurrogate = equal(and(unit.value, i32(0xf800)), i32(0xd800));

const beyondAscii = [
  when(isLess(unit.value, i32(0x800)), twoBytes, [
    when(isSurrogate, surrogate, threeBytes),
  ]),
];

/**
 * Which bytes are none of the plain ones, a bit for each. Of a unit that is no
 * byte, `narrow` makes 0 or 255. Compared as signed numbers, everything from
 * 0x80 on is less than a space.
 */
const special = bitmask(
  orVector(
    lessBytes(block.value, splat(i32(0x20))),
    orVector(
      equalBytes(block.value, splat(i32(0x22))),
      equalBytes(block.value, splat(i32(0x5c))),
    ),
  ),
);

const isAtEnd = isAtLeast(from.value, end.value);
/** Units behind the end were counted as well. */
const surplus = shiftRight(subtract(from.value, end.value), i32(1));

/**
 * Plain characters go in blocks: a block is written as a whole, and what follows
 * its plain characters is written over. Everything else goes one by one, and so
 * does text in another script, which would end each block at once.
 */
const quote = loop(
  when(isAtEnd, [leave(to.value)]),
  block.set(narrow(loadVector(from.value), loadVector(from.value, 16))),
  storeVector(to.value, block.value),
  plain.set(trailingZeros(or(special, i32(1 << BLOCK_UNITS)))),
  from.move(shiftLeft(plain.value, i32(1))),
  to.move(plain.value),
  when(isAtEnd, [leave(subtract(to.value, surplus))]),
  when(equal(plain.value, i32(BLOCK_UNITS)), [again(1)]),
  loop(
    unit.set(load16(from.value)),
    from.move(i32(2)),
    when(isLess(unit.value, i32(0x80)), escape, [
      ...beyondAscii,
      when(
        and(
          isLess(from.value, end.value),
          isAtLeast(load16(from.value), i32(0x80)),
        ),
        [again(2)],
      ),
    ]),
  ),
  again(0),
);

/**
 * `run(from, end, to)`: the UTF-16 in a range of the memory becomes what stands
 * between the quotes of a JSON string, byte for byte that of `JSON.stringify`.
 * Returns the address behind it.
 */
export function quoteModule(): Uint8Array<ArrayBuffer> {
  return moduleOf([from, end, to], [unit, plain, block], [quote, to.value]);
}
