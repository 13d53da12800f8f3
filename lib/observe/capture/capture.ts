// The text that goes on the wire for any value of the application.
import { JsonEncoder, JsonParts } from '../../wire/index.js';
import { Copy, type CopyLimits, type PlainTree } from './copy.js';
import { CutText, jsonSize, shorten, utf8Size } from './cut-text.js';
import { mayHoldDataUri } from './data-uris.js';
import { fit, type Fitted } from './fit.js';
import { threwMark, truncatedMark } from './marks.js';
import { Memo } from './memo.js';
import { PlainJson, type PlainLimits } from './plain-json.js';

/** Bounds of a captured value. */
export interface CaptureLimits {
  /** Bytes of the text in UTF-8, 5 or more. */
  readonly maxValueBytes: number;
  /**
   * Nested arrays and objects, the outermost counts one.
   * @default 64
   */
  readonly maxDepth?: number;
  /**
   * Values of any type inside a value, itself included.
   * @default 10_000
   */
  readonly maxNodes?: number;
}

/** What a value looks like on the wire. */
export type Captured = string | JsonParts;

/** For values that might be too large: how long they are going to be. */
const jsonEncoder = new JsonEncoder();

interface Shape {
  /** Entries of each array and object, as a share of `maxNodes`. */
  readonly width: number;
  readonly depth: number;
  readonly keyLength: number;
}

// What is tried one after the other until a copy is within the limits. Cutting
// everywhere a little keeps small neighbours of a large part whole.
const SHAPES: readonly Shape[] = [
  { width: Infinity, depth: Infinity, keyLength: Infinity },
  { width: 0.9, depth: Infinity, keyLength: 256 },
  { width: 0.3, depth: Infinity, keyLength: 128 },
  { width: 0.1, depth: Infinity, keyLength: 64 },
  { width: 0.03, depth: Infinity, keyLength: 64 },
  { width: 0.01, depth: 32, keyLength: 64 },
  { width: 0.001, depth: 8, keyLength: 32 },
  { width: 0.0003, depth: 3, keyLength: 16 },
  { width: 0, depth: 1, keyLength: 8 },
];

/**
 * Makes text of any value: a string stays as it is, everything else becomes
 * JSON. It never throws and never changes the value. It runs no code of the
 * application but getters, Proxy traps and `toJSON`; one that throws costs its
 * own part only. Plain data gives exactly the text of `JSON.stringify`; the
 * rest is shown so that a reader sees what was there:
 *
 * | value | text |
 * | --- | --- |
 * | reference to an ancestor | `[Circular ~.path]`, `~` is the outermost value |
 * | getter, `toJSON` or Proxy trap that throws | `[Threw: message]` |
 * | bigint | `10n`; `[Truncated: bigint of more than 4096 bits]` |
 * | NaN, ±Infinity | `NaN`, `Infinity`, `-Infinity` |
 * | symbol | `Symbol(x)`; symbol keys are ignored |
 * | function, class | `[Function name]`, `[Class Name]` |
 * | undefined, holes | left out of objects, null in arrays, as in JSON |
 * | class instance | what its `toJSON` returns, else its own enumerable fields |
 * | Date, Map, Error, Buffer and other built-ins | see `standIn()` |
 * | base64 data URI in a string | `[image/png, 123 kB, sha256 0123456789abcdef]` |
 * | string over the size limit | `… [Truncated: 1024 of 9000 characters]` at its end |
 * | more than `maxDepth` levels | `[Truncated: depth 64]` |
 * | more than `maxNodes` values | `[Truncated: 10000 nodes]` as last entry, in objects under the key `…` |
 *
 * Over `maxValueBytes` the longest strings are cut first, all to one length;
 * if that is not enough, each array and object loses its last entries
 * (`[Truncated: 1048576 bytes]`) and long keys are cut. More than `maxNodes`
 * values are handled in the same way. For that the value is read again.
 */
export class Capture {
  private readonly maxBytes: number;
  private readonly maxDepth: number;
  private readonly maxNodes: number;
  private readonly plain: PlainLimits;
  private markCount = 0;

  constructor(limits: CaptureLimits) {
    this.maxBytes = limits.maxValueBytes;
    this.maxDepth = limits.maxDepth ?? 64;
    this.maxNodes = limits.maxNodes ?? 10_000;
    this.plain = {
      maxDepth: this.maxDepth,
      maxNodes: this.maxNodes,
      maxCharacters: this.maxBytes,
    };
  }

  /**
   * How many parts of the values so far were replaced, shortened or left out.
   * Other forms that lose nothing (Date, Map, Error, …) do not count.
   */
  get marks(): number {
    return this.markCount;
  }

  /**
   * The text for a value; `undefined` for `undefined` and for an object whose
   * `toJSON` returns it: the attribute is absent then.
   */
  text(value: unknown): string | undefined {
    const captured = this.value(value);
    return captured?.toString();
  }

  /** The same, where the text need not be put together yet. */
  value(value: unknown): Captured | undefined {
    try {
      if (value === undefined) return undefined;
      if (typeof value === 'string') return this.string(value);
      if (Number.isFinite(value) || typeof value === 'boolean') {
        const text = String(value);
        if (text.length <= this.maxBytes) return text;
      }
      if (JsonParts.is(value)) return value;
      const memo = new Memo(this.maxBytes);
      return this.plainJson(value, memo) ?? this.markedJson(value, memo);
    } catch (error) {
      // The stack of the caller was nearly full: even a guard needs some.
      return this.onlyMark(threwMark(error));
    }
  }

  private string(text: string): string {
    const { maxBytes } = this;
    if (text.length * 3 <= maxBytes && !mayHoldDataUri(text)) {
      return text;
    }
    const { head, length, replaced } = new Memo(maxBytes).shown(text);
    this.markCount += replaced;
    if (head.length === length && isWithin(head, maxBytes)) return head;
    this.markCount++;
    return shorten(new CutText(head, length), maxBytes, utf8Size);
  }

  private plainJson(value: {} | null, memo: Memo): JsonParts | undefined {
    const { maxBytes } = this;
    try {
      const json = new PlainJson(this.plain, memo).of(value);
      if (json === undefined || json.maxBytes <= maxBytes) return json;
      return jsonEncoder.measure(json) <= maxBytes ? json : undefined;
    } catch {
      return undefined;
    }
  }

  private markedJson(value: unknown, memo: Memo): string | undefined {
    const tooManyBytes = `${this.maxBytes} bytes`;
    let reason = `${this.maxNodes} nodes`;
    for (const shape of SHAPES) {
      const copy = new Copy(this.limitsOf(shape, reason), memo);
      const tree = copy.of(value);
      if (tree === undefined) return undefined;
      if (copy.overflowed) continue;
      const fitted = this.fitted(tree, copy);
      if (fitted !== undefined) {
        this.markCount += copy.marks + fitted.shortened;
        return fitted.text;
      }
      reason = tooManyBytes;
    }
    return this.onlyMark(truncatedMark(reason));
  }

  private limitsOf(shape: Shape, reason: string): CopyLimits {
    return {
      maxDepth: Math.min(this.maxDepth, shape.depth),
      maxNodes: this.maxNodes,
      maxWidth: Math.max(1, Math.floor(this.maxNodes * shape.width)),
      maxKeyLength: shape.keyLength,
      maxTextLength: this.maxBytes,
      reason,
    };
  }

  private fitted(tree: PlainTree, copy: Copy): Fitted | undefined {
    const { maxBytes } = this;
    if (copy.keyCharacters > maxBytes) return undefined;
    // A text that the copy had to cut makes `characters` reach the limit.
    if (copy.characters < maxBytes) {
      const text = JSON.stringify(tree);
      if (isWithin(text, maxBytes)) return { text, shortened: 0 };
    }
    return fit(tree, maxBytes);
  }

  private onlyMark(mark: string): string {
    this.markCount++;
    const text = JSON.stringify(mark);
    if (isWithin(text, this.maxBytes)) return text;
    const cut = new CutText(mark, mark.length);
    return `"${shorten(cut, this.maxBytes - 2, jsonSize)}"`;
  }
}

// A UTF-16 unit takes three bytes of UTF-8 at most.
function isWithin(text: string, maxBytes: number): boolean {
  return (
    text.length * 3 <= maxBytes ||
    (text.length <= maxBytes && Buffer.byteLength(text) <= maxBytes)
  );
}
