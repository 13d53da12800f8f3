// What quotes texts for JSON: the routine in WebAssembly and its memory, or V8.
import { endianness } from 'node:os';
import {
  DIGITS_AT,
  FREE_AT,
  LETTERS_AT,
  LONG_ESCAPE,
  SLACK_BYTES,
  quoteModule,
} from './quote-routine.js';

/** UTF-16 units of a text that are quoted at a time. */
export const PIECE_UNITS = 16 * 1024;

/** Of a unit: `\u001f`. */
export const MAX_UNIT_BYTES = 6;

/** Room for one piece, whatever is in it, and for many small ones. */
const JSON_BYTES = MAX_UNIT_BYTES * PIECE_UNITS + 32 * 1024;

/**
 * Up to this length a loop in JavaScript beats the call into C++. It writes as
 * the machine does, WebAssembly always reads the lower byte first.
 */
const SHORT_PIECE = endianness() === 'LE' ? 16 : 0;

const BYTES_OF_UNIT = 2;
const PIECE_AT = FREE_AT;
const JSON_AT = PIECE_AT + BYTES_OF_UNIT * PIECE_UNITS + SLACK_BYTES;
const PAGE_BYTES = 64 * 1024;
const PAGES = Math.ceil((JSON_AT + JSON_BYTES + SLACK_BYTES) / PAGE_BYTES);

const SHORT_ESCAPES = [
  ['\b', 'b'],
  ['\t', 't'],
  ['\n', 'n'],
  ['\f', 'f'],
  ['\r', 'r'],
  ['"', '"'],
  ['\\', '\\'],
] as const;

/** Writes texts into a memory of its own as `JSON.stringify` would. */
export interface JsonQuoter {
  /** Where JSON is written. */
  readonly memory: Buffer;

  /**
   * Writes what stands between the quotes, and returns the position behind it.
   *
   * @param piece At most {@link PIECE_UNITS} long.
   * @param at With room for {@link MAX_UNIT_BYTES} a unit.
   */
  quote(piece: string, at: number): number;
}

/**
 * The quoter of this process: in WebAssembly, which takes a fraction of the
 * time of `JSON.stringify`, or with the latter where there is none (as with
 * `--jitless`) or no SIMD in it.
 */
export function jsonQuoter(): JsonQuoter {
  quoter ??= webAssemblyQuoter() ?? plainQuoter();
  return quoter;
}

let quoter: JsonQuoter | undefined;

/** Undefined where the machine cannot have one. */
export function webAssemblyQuoter(): JsonQuoter | undefined {
  try {
    const memory = new WebAssembly.Memory({ initial: PAGES, maximum: PAGES });
    const module = new WebAssembly.Module(quoteModule());
    const instance = new WebAssembly.Instance(module, { env: { memory } });
    const run = instance.exports['run'] as Routine;
    return new WebAssemblyQuoter(Buffer.from(memory.buffer), run);
  } catch {
    return undefined;
  }
}

type Routine = (from: number, end: number, to: number) => number;

class WebAssemblyQuoter implements JsonQuoter {
  readonly memory: Buffer;
  private readonly units: Uint16Array;

  constructor(
    private readonly all: Buffer,
    private readonly run: Routine,
  ) {
    this.units = new Uint16Array(all.buffer, PIECE_AT, SHORT_PIECE);
    this.memory = all.subarray(JSON_AT, JSON_AT + JSON_BYTES);
    all.fill(LONG_ESCAPE, LETTERS_AT, DIGITS_AT);
    for (const [character, letter] of SHORT_ESCAPES) {
      all.write(letter, LETTERS_AT + character.charCodeAt(0));
    }
    all.write('0123456789abcdef', DIGITS_AT, FREE_AT - DIGITS_AT);
  }

  quote(piece: string, at: number): number {
    const end = PIECE_AT + this.put(piece);
    return this.run(PIECE_AT, end, JSON_AT + at) - JSON_AT;
  }

  /** Returns the bytes. */
  private put(piece: string): number {
    const { length } = piece;
    if (length > SHORT_PIECE) return this.all.write(piece, PIECE_AT, 'utf16le');
    for (let i = 0; i < length; i++) this.units[i] = piece.charCodeAt(i);
    return length * BYTES_OF_UNIT;
  }
}

/** It makes a string of each piece, and bytes of that. */
export function plainQuoter(): JsonQuoter {
  const memory = Buffer.allocUnsafeSlow(JSON_BYTES);
  return {
    memory,
    quote: (piece, at) =>
      at + memory.write(JSON.stringify(piece).slice(1, -1), at),
  };
}
