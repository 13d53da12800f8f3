// Copies any value into plain data with marks where a part cannot be shown.
import { CutText } from './cut-text.js';
import { mayHoldDataUri } from './data-uris.js';
import {
  bigintMark,
  circularMark,
  functionMark,
  Mark,
  threwMark,
  truncatedMark,
} from './marks.js';
import type { Memo } from './memo.js';
import { hasLossyToJson, standIn } from './stand-ins.js';

type Key = string | number;

/** Plain data that is ours alone: no accessors, no prototypes, no cycles. */
export type PlainTree =
  | string
  | CutText
  | number
  | boolean
  | null
  | undefined
  | PlainTree[]
  | { [key: string]: PlainTree };

/** How much of a value is copied. */
export interface CopyLimits {
  /** Nested arrays and objects, the outermost counts one. */
  readonly maxDepth: number;
  /** Values of any type, the outermost counts one. */
  readonly maxNodes: number;
  /** Entries of each array and object. */
  readonly maxWidth: number;
  /** UTF-16 units of each key. */
  readonly maxKeyLength: number;
  /** UTF-16 units of each string, and an eighth of those of all together. */
  readonly maxTextLength: number;
  /** The limit that is named where entries are left out: `10000 nodes`. */
  readonly reason: string;
}

// Far above the limit for all strings together each may still keep this much.
const MIN_TEXT_LENGTH = 1_024;
const MAX_FULL_TEXTS = 8;

// The key under which an object says that entries are left out.
const MORE = '…';

/** One careful copy of one value: whatever throws costs one part only. */
export class Copy {
  /** Marks that were set. */
  marks = 0;
  /** UTF-16 units of all strings in the copy. */
  characters = 0;
  /** UTF-16 units of all keys in the copy. */
  keyCharacters = 0;
  /** Whether something was left out because of `maxNodes`. */
  overflowed = false;

  private nodesLeft: number;

  // From the root to the object that is being copied. A path entry is the
  // object's key in its parent, undefined for what stands in for the parent.
  private readonly open: object[] = [];
  private readonly path: (Key | undefined)[] = [];

  constructor(
    private readonly limits: CopyLimits,
    private readonly memo: Memo,
  ) {
    this.nodesLeft = limits.maxNodes;
  }

  /** The copy; `undefined` where `JSON.stringify` would return it, too. */
  of(value: unknown): PlainTree {
    return this.child({ '': value }, '', 0);
  }

  private child(source: object, key: Key, depth: number): PlainTree {
    const height = this.open.length;
    this.nodesLeft--;
    try {
      const value = (source as Record<Key, unknown>)[key];
      return this.value(value, depth, key);
    } catch (error) {
      this.open.length = height;
      this.path.length = height;
      return this.mark(threwMark(error));
    }
  }

  private value(value: unknown, depth: number, key: Key): PlainTree {
    switch (typeof value) {
      case 'string':
        return this.text(value);
      case 'number':
        return Number.isFinite(value) ? value : this.mark(String(value));
      case 'boolean':
      case 'undefined':
        return value;
      case 'bigint':
        return this.mark(bigintMark(value));
      case 'symbol':
        return this.mark(String(value));
      case 'function':
        return this.mark(functionMark(value));
      case 'object':
        if (value === null) return null;
        return this.object(value, depth + 1, key, jsonForm);
    }
  }

  private object(
    source: object,
    depth: number,
    key: Key | undefined,
    formOf: (source: object, key: string) => unknown,
  ): PlainTree {
    const mark = Mark.textOf(source);
    if (mark !== undefined) return this.mark(mark);
    const ancestor = this.open.indexOf(source);
    if (ancestor >= 0) return this.mark(circularMark(this.pathTo(ancestor)));
    this.open.push(source);
    this.path.push(key);
    const copy = this.form(source, formOf(source, String(key ?? '')), depth);
    this.open.pop();
    this.path.pop();
    return copy;
  }

  private form(source: object, json: unknown, depth: number): PlainTree {
    const form =
      json === source && !isPlain(source)
        ? standIn(source, this.maxItems())
        : json;
    if (form === source) return this.container(source, depth);
    return typeof form === 'object' && form !== null
      ? this.object(form, depth, undefined, asItIs)
      : this.value(form, depth, '');
  }

  private container(source: object, depth: number): PlainTree {
    const { maxDepth } = this.limits;
    if (depth > maxDepth) return this.mark(truncatedMark(`depth ${maxDepth}`));
    return Array.isArray(source)
      ? this.items(source, depth)
      : this.fields(source, depth);
  }

  private items(source: readonly unknown[], depth: number): PlainTree {
    const items: PlainTree[] = [];
    // A Proxy may answer anything here.
    const length: unknown = source.length;
    const count = typeof length === 'number' ? length : 0;
    for (let index = 0; index < count; index++) {
      if (this.isFull(index)) {
        items.push(this.mark(truncatedMark(this.limits.reason)));
        break;
      }
      items.push(this.child(source, index, depth));
    }
    return items;
  }

  private fields(source: object, depth: number): PlainTree {
    // Without a prototype `__proto__` is a key like any other.
    const fields = Object.create(null) as Record<string, PlainTree>;
    let count = 0;
    for (const key of this.memo.readableKeysOf(source)) {
      if (this.isFull(count++)) {
        fields[MORE] = this.mark(truncatedMark(this.limits.reason));
        break;
      }
      const copy = this.child(source, key, depth);
      if (copy !== undefined) fields[this.key(key, count)] = copy;
    }
    return fields;
  }

  private isFull(width: number): boolean {
    if (width >= this.limits.maxWidth) return true;
    if (this.nodesLeft > 0) return false;
    this.overflowed = true;
    return true;
  }

  // One more than can be copied, so that the mark is set.
  private maxItems(): number {
    return Math.min(this.limits.maxWidth, this.nodesLeft) + 1;
  }

  private key(key: string, position: number): string {
    const { maxKeyLength } = this.limits;
    if (key.length <= maxKeyLength) {
      this.keyCharacters += key.length;
      return key;
    }
    // The position keeps keys apart that begin alike.
    const cut = `${key.slice(0, maxKeyLength)}… [Truncated: key ${position}]`;
    this.marks++;
    this.keyCharacters += cut.length;
    return cut;
  }

  private mark(text: string): PlainTree {
    this.marks++;
    return this.text(text);
  }

  private text(text: string): string | CutText {
    const { maxTextLength } = this.limits;
    const room = Math.max(
      MIN_TEXT_LENGTH,
      Math.min(maxTextLength, MAX_FULL_TEXTS * maxTextLength - this.characters),
    );
    if (text.length <= room && !mayHoldDataUri(text)) {
      this.characters += text.length;
      return text;
    }
    const { head, length, replaced } = this.memo.shown(text);
    const kept = head.slice(0, room);
    this.marks += replaced;
    this.characters += kept.length;
    return kept.length < length ? new CutText(kept, length) : kept;
  }

  private pathTo(ancestor: number): Key[] {
    // The first entry is the key of the root.
    const path = this.path.slice(1, ancestor + 1);
    return path.filter((key) => key !== undefined);
  }
}

function isPlain(source: object): boolean {
  if (Array.isArray(source)) return true;
  try {
    const prototype: unknown = Object.getPrototypeOf(source);
    return prototype === Object.prototype || prototype === null;
  } catch {
    return true;
  }
}

// An object that throws in `toJSON` may want to hide something: its own fields
// are not shown instead, the mark of the exception is.
function jsonForm(source: object, key: string): unknown {
  const toJson = toJsonOf(source);
  return typeof toJson === 'function' && !hasLossyToJson(source)
    ? Reflect.apply(toJson, source, [key])
    : source;
}

function toJsonOf(source: object): unknown {
  try {
    return (source as { toJSON?: unknown }).toJSON;
  } catch {
    return undefined;
  }
}

function asItIs(source: object): unknown {
  return source;
}
