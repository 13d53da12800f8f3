import { JsonBytes } from './json-bytes.js';
import { putText } from './protobuf-encoding.js';

const QUOTE = 0x22;
const COLON = 0x3a;
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
const MAX_KEPT_BYTES = 2 * 1024 * 1024;
const SHARED_BYTES = 8 * 1024;

/**
 * The keys so far as bytes, quotes and colon included: the keys of an
 * application are mostly few. Bounded, since they can be anything.
 */
const knownKeys = new Map<string, Buffer>();
const MAX_KNOWN_KEYS = 512;
const MAX_KNOWN_KEY_LENGTH = 128;

/**
 * Writes JSON as UTF-8, byte for byte what `JSON.stringify` and an encoder would
 * make of it one after the other, in half the time.
 *
 * The memory is that of a stack, since what is read of a value can be a getter
 * that has another value written: whoever begins at a position takes what they
 * have written from there, or rewinds to it, before anybody goes on below.
 */
export class JsonWriter {
  private memory = Buffer.allocUnsafeSlow(INITIAL_BYTES);
  private at = 0;
  /** Where small values live that were taken. One that is held holds all of it. */
  private shared = Buffer.alloc(0);
  private sharedEnd = 0;
  /** A piece of a text before it is quoted. */
  private readonly piece = Buffer.allocUnsafeSlow(PIECE_BYTES);

  /** Where the next byte goes. */
  get position(): number {
    return this.at;
  }

  /** Forgets what was written from `position` on. */
  rewind(position: number): void {
    this.at = position;
    if (position === 0 && this.memory.length > MAX_KEPT_BYTES) {
      this.memory = Buffer.allocUnsafeSlow(INITIAL_BYTES);
    }
  }

  /** Copies what was written from `position` on, and forgets it. */
  take(position: number): JsonBytes {
    const bytes = this.at - position;
    const taken = this.placeFor(bytes);
    this.memory.copy(taken.memory, taken.start, position, this.at);
    this.rewind(position);
    return new JsonBytes(taken.memory, taken.start, bytes);
  }

  /** A bracket, brace or comma. */
  byte(byte: number): void {
    this.reserve(1);
    this.memory[this.at++] = byte;
  }

  /** A number or a word, which is ASCII. */
  word(word: string): void {
    this.reserve(word.length);
    this.at += putText(this.memory, this.at, word);
  }

  /** The key of a member, with its quotes and colon. */
  key(key: string): void {
    const known = knownKeys.get(key);
    if (known === undefined) {
      const start = this.at;
      this.text(key);
      this.byte(COLON);
      if (
        knownKeys.size < MAX_KNOWN_KEYS &&
        key.length <= MAX_KNOWN_KEY_LENGTH
      ) {
        knownKeys.set(key, Buffer.from(this.memory.subarray(start, this.at)));
      }
      return;
    }
    this.reserve(known.length);
    this.memory.set(known, this.at);
    this.at += known.length;
  }

  /** A text in quotes. */
  text(text: string): void {
    // A lone surrogate is an escape in JSON, of which UTF-8 knows nothing.
    if (!text.isWellFormed()) {
      const quoted = JSON.stringify(text);
      this.reserve(Buffer.byteLength(quoted));
      this.at += this.memory.write(quoted, this.at);
      return;
    }
    this.byte(QUOTE);
    if (text.length <= PIECE_UNITS) this.escaped(text);
    else this.escapedPieces(text);
    this.byte(QUOTE);
  }

  private placeFor(bytes: number): { memory: Buffer; start: number } {
    if (bytes > SHARED_BYTES / 4) {
      return { memory: Buffer.allocUnsafeSlow(bytes), start: 0 };
    }
    if (this.sharedEnd + bytes > this.shared.length) {
      this.shared = Buffer.allocUnsafeSlow(SHARED_BYTES);
      this.sharedEnd = 0;
    }
    const start = this.sharedEnd;
    this.sharedEnd += bytes;
    return { memory: this.shared, start };
  }

  private escapedPieces(text: string): void {
    for (let from = 0; from < text.length;) {
      const end = from + PIECE_UNITS;
      // The halves of a surrogate pair belong together.
      const isSplit = (text.charCodeAt(end) & 0xfc00) === 0xdc00;
      const to = isSplit ? end - 1 : end;
      this.escaped(text.slice(from, to));
      from = to;
    }
  }

  private escaped(text: string): void {
    const { piece } = this;
    const length = putText(piece, 0, text);
    this.reserve(length * LONG_ESCAPE_BYTES);
    const { memory } = this;
    let { at } = this;
    for (let i = 0; i < length; i++) {
      const byte = piece[i]!;
      const form = FORMS[byte]!;
      if (form === PLAIN) {
        memory[at++] = byte;
      } else if (form === SHORT_ESCAPE) {
        memory[at] = BACKSLASH;
        memory[at + 1] = LETTERS[byte]!;
        at += 2;
      } else {
        at = putLongEscape(memory, at, byte);
      }
    }
    this.at = at;
  }

  private reserve(bytes: number): void {
    const needed = this.at + bytes;
    if (needed <= this.memory.length) return;
    const grown = Buffer.allocUnsafeSlow(2 * needed);
    this.memory.copy(grown, 0, 0, this.at);
    this.memory = grown;
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
