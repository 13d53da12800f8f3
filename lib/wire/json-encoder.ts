import { type JsonParts, TEXT_FOLLOWS } from './json-parts.js';
import { putText } from './protobuf-encoding.js';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const LOWER_U = 0x75;
const ZERO = 0x30;

/** What a byte of a text takes in a JSON string. */
const PLAIN = 0;
/** A backslash before a letter. */
const SHORT_ESCAPE = 1;
/** `\u00` and two digits. */
const LONG_ESCAPE = 2;
const LONG_ESCAPE_BYTES = 6;

const FORMS = new Uint8Array(256).fill(LONG_ESCAPE, 0, 0x20);
const LETTERS = new Uint8Array(256);
for (const [character, letter] of [
  ['\b', 'b'],
  ['\t', 't'],
  ['\n', 'n'],
  ['\f', 'f'],
  ['\r', 'r'],
  ['"', '"'],
  ['\\', '\\'],
] as const) {
  FORMS[character.charCodeAt(0)] = SHORT_ESCAPE;
  LETTERS[character.charCodeAt(0)] = letter.charCodeAt(0);
}

const DIGITS = Buffer.from('0123456789abcdef');

/** UTF-16 units of a text that are quoted at a time, and their bytes at most. */
const PIECE_UNITS = 16 * 1024;
const PIECE_BYTES = 3 * PIECE_UNITS;

const INITIAL_BYTES = 64 * 1024;

/**
 * Makes JSON as UTF-8, byte for byte what `JSON.stringify` and an encoder would
 * make of it one after the other. One value at a time, in memory that it keeps.
 */
export class JsonEncoder {
  private json = Buffer.allocUnsafeSlow(INITIAL_BYTES);
  private at = 0;
  /** A piece of a text before it is quoted. */
  private readonly piece = Buffer.allocUnsafeSlow(PIECE_BYTES);

  /** Where the value is that was encoded last, from its start on. */
  get memory(): Buffer {
    return this.json;
  }

  /** Returns the bytes that the value takes. */
  encode({ parts, maxBytes }: JsonParts): number {
    if (this.json.length < maxBytes) {
      this.json = Buffer.allocUnsafeSlow(maxBytes);
    }
    this.at = 0;
    for (let i = 0; i < parts.length; i++) {
      const part = parts[i]!;
      if (part === TEXT_FOLLOWS) this.quote(parts[++i]!);
      else this.at += putText(this.json, this.at, part);
    }
    return this.at;
  }

  private quote(text: string): void {
    const { json } = this;
    // A lone surrogate is an escape in JSON, of which UTF-8 knows nothing.
    if (!text.isWellFormed()) {
      this.at += json.write(JSON.stringify(text), this.at);
      return;
    }
    json[this.at++] = QUOTE;
    if (text.length <= PIECE_UNITS) this.escape(text);
    else this.escapePieces(text);
    json[this.at++] = QUOTE;
  }

  private escapePieces(text: string): void {
    for (let from = 0; from < text.length;) {
      const end = from + PIECE_UNITS;
      // The halves of a surrogate pair belong together.
      const isSplit = (text.charCodeAt(end) & 0xfc00) === 0xdc00;
      const to = isSplit ? end - 1 : end;
      this.escape(text.slice(from, to));
      from = to;
    }
  }

  private escape(text: string): void {
    const { piece, json } = this;
    const length = putText(piece, 0, text);
    let { at } = this;
    for (let i = 0; i < length; i++) {
      const byte = piece[i]!;
      const form = FORMS[byte]!;
      if (form === PLAIN) {
        json[at++] = byte;
      } else if (form === SHORT_ESCAPE) {
        json[at] = BACKSLASH;
        json[at + 1] = LETTERS[byte]!;
        at += 2;
      } else {
        at = putLongEscape(json, at, byte);
      }
    }
    this.at = at;
  }
}

function putLongEscape(memory: Buffer, at: number, byte: number): number {
  memory[at] = BACKSLASH;
  memory[at + 1] = LOWER_U;
  memory[at + 2] = ZERO;
  memory[at + 3] = ZERO;
  memory[at + 4] = DIGITS[byte >> 4]!;
  memory[at + 5] = DIGITS[byte & 0xf]!;
  return at + LONG_ESCAPE_BYTES;
}
