import { type JsonParts, TEXT_FOLLOWS } from './json-parts.js';
import { putText } from './protobuf-encoding.js';
import {
  type JsonQuoter,
  MAX_UNIT_BYTES,
  PIECE_UNITS,
  jsonQuoter,
} from './quoting/json-quoter.js';

const QUOTE = 0x22;
const QUOTES = 2;

/** What a text takes that is quoted in one go. */
const MAX_PIECE_BYTES = MAX_UNIT_BYTES * PIECE_UNITS + QUOTES;

/** Takes JSON, a part at a time. */
export interface JsonTarget {
  /** Takes the first `bytes` of `memory`, which is written over afterwards. */
  append(memory: Buffer, bytes: number): void;
}

/**
 * Makes JSON as UTF-8, byte for byte what `JSON.stringify` and an encoder would
 * make of it one after the other, in memory of a fixed size.
 */
export class JsonEncoder {
  /** @param given Default: that of the process, made when it is first needed. */
  constructor(private readonly given?: JsonQuoter) {}

  encode({ parts }: JsonParts, target: JsonTarget): void {
    const { memory } = this.quoter;
    const lastStart = memory.length - MAX_PIECE_BYTES;
    let at = 0;
    for (let i = 0; i < parts.length; i++) {
      if (at > lastStart) {
        target.append(memory, at);
        at = 0;
      }
      const part = parts[i]!;
      if (part === TEXT_FOLLOWS) at = this.quote(parts[++i]!, at, target);
      else at += putText(memory, at, part);
    }
    target.append(memory, at);
  }

  /** The bytes that it would take. */
  measure(json: JsonParts): number {
    let total = 0;
    this.encode(json, { append: (_, bytes) => (total += bytes) });
    return total;
  }

  private quote(text: string, start: number, target: JsonTarget): number {
    const { quoter } = this;
    quoter.memory[start] = QUOTE;
    const end =
      text.length <= PIECE_UNITS
        ? quoter.quote(text, start + 1)
        : this.quotePieces(text, start + 1, target);
    quoter.memory[end] = QUOTE;
    return end + 1;
  }

  private quotePieces(text: string, start: number, target: JsonTarget): number {
    const { quoter } = this;
    let at = start;
    for (let from = 0; from < text.length;) {
      target.append(quoter.memory, at);
      const to = pieceEnd(text, from);
      at = quoter.quote(text.slice(from, to), 0);
      from = to;
    }
    return at;
  }

  private get quoter(): JsonQuoter {
    return this.given ?? jsonQuoter();
  }
}

/** The halves of a surrogate pair belong together. */
function pieceEnd(text: string, from: number): number {
  const end = from + PIECE_UNITS;
  if (end >= text.length) return text.length;
  const isSplit =
    (text.charCodeAt(end - 1) & 0xfc00) === 0xd800 &&
    (text.charCodeAt(end) & 0xfc00) === 0xdc00;
  return isSplit ? end - 1 : end;
}
