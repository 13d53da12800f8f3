// JSON of plain data in one walk; what is not plain is left to the careful copy.
import type { JsonWriter } from '../../wire/index.js';
import { mayHoldDataUri } from './data-uris.js';
import type { Memo } from './memo.js';
import { isFieldsOnly, isIsoDate, isoText } from './stand-ins.js';

/** What a value may hold and still be plain. */
export interface PlainLimits {
  /** Nested arrays and objects, the outermost counts one. */
  readonly maxDepth: number;
  /** Values of any type, the outermost counts one. */
  readonly maxNodes: number;
  /** Bytes of the JSON. */
  readonly maxBytes: number;
}

const COMMA = 0x2c;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/**
 * Writes what `JSON.stringify` would make of one value: objects that JSON shows
 * as their own fields, arrays, ordinary dates, strings without data URIs, finite
 * numbers, booleans, null and undefined within the limits. A cycle needs no
 * bookkeeping: it ends at the depth limit. Getters and Proxy traps are asked
 * once, and what they throw passes through.
 */
export class PlainJson {
  private nodesLeft: number;
  private charactersLeft: number;
  private readonly maxDepth: number;
  private readonly end: number;

  constructor(
    limits: PlainLimits,
    private readonly memo: Memo,
    private readonly json: JsonWriter,
  ) {
    this.nodesLeft = limits.maxNodes;
    this.charactersLeft = limits.maxBytes;
    this.maxDepth = limits.maxDepth;
    this.end = json.position + limits.maxBytes;
  }

  /**
   * Returns false for a value that is not plain; part of it may be written then.
   *
   * @param depth - How many arrays and objects are around `value`.
   */
  write(value: unknown, depth = 0): boolean {
    if (--this.nodesLeft < 0) return false;
    switch (typeof value) {
      case 'string':
        return this.writeText(value);
      case 'number':
        if (!Number.isFinite(value)) return false;
        this.json.word(String(value));
        return true;
      case 'boolean':
        this.json.word(value ? 'true' : 'false');
        return true;
      case 'undefined':
        // Only in arrays: objects leave it out.
        this.json.word('null');
        return true;
      case 'object':
        if (value !== null) return this.writeObject(value, depth + 1);
        this.json.word('null');
        return true;
      default:
        return false;
    }
  }

  private writeText(text: string): boolean {
    this.charactersLeft -= text.length;
    if (this.charactersLeft < 0 || mayHoldDataUri(text)) return false;
    this.json.text(text);
    return this.json.position <= this.end;
  }

  private writeObject(value: object, depth: number): boolean {
    if (depth > this.maxDepth) return false;
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype === Date.prototype) return this.writeDate(value);
    if ((value as { toJSON?: unknown }).toJSON !== undefined) return false;
    if (prototype === Array.prototype && Array.isArray(value)) {
      return this.writeItems(value, depth);
    }
    const isPlain = prototype === Object.prototype || prototype === null;
    return (isPlain || isFieldsOnly(value)) && this.writeFields(value, depth);
  }

  private writeDate(date: object): boolean {
    if (!isIsoDate(date)) return false;
    this.json.text(isoText(date));
    return true;
  }

  private writeItems(items: readonly unknown[], depth: number): boolean {
    const { json } = this;
    // A Proxy may answer with an object that would have to be converted.
    const length: unknown = items.length;
    if (typeof length !== 'number') return false;
    json.byte(OPEN_BRACKET);
    for (let index = 0; index < length; index++) {
      if (index > 0) json.byte(COMMA);
      if (!this.write(items[index], depth)) return false;
    }
    json.byte(CLOSE_BRACKET);
    return true;
  }

  private writeFields(source: object, depth: number): boolean {
    const { json } = this;
    // Not for…in: V8 lists all keys for that as well, and the careful copy
    // could not use the list again.
    const keys = this.memo.keysOf(source);
    const fields = source as Record<string, unknown>;
    let isFirst = true;
    json.byte(OPEN_BRACE);
    for (const key of keys) {
      this.charactersLeft -= key.length;
      if (this.charactersLeft < 0) return false;
      const value = fields[key];
      if (value === undefined) {
        if (--this.nodesLeft < 0) return false;
        continue;
      }
      if (!isFirst) json.byte(COMMA);
      isFirst = false;
      json.key(key);
      if (!this.write(value, depth)) return false;
    }
    json.byte(CLOSE_BRACE);
    return true;
  }
}
