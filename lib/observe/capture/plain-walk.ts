// Decides, without copying anything, whether JSON.stringify alone is enough.
import { mayHoldDataUri } from './data-uris.js';
import type { Memo } from './memo.js';
import { isFieldsOnly, isIsoDate } from './stand-ins.js';

/** What a value may hold and still go straight to `JSON.stringify`. */
export interface PlainLimits {
  /** Nested arrays and objects, the outermost counts one. */
  readonly maxDepth: number;
  /** Values of any type, the outermost counts one. */
  readonly maxNodes: number;
  /** UTF-16 units of all strings and keys together. */
  readonly maxCharacters: number;
}

/**
 * One walk over one value. It accepts objects that JSON shows as their own
 * fields, arrays, ordinary dates, strings without data URIs, finite numbers,
 * booleans, null and undefined within the limits. A cycle needs no
 * bookkeeping: it ends at the depth limit. Exceptions of getters and Proxy
 * traps pass through.
 */
export class PlainWalk {
  private nodesLeft: number;
  private charactersLeft: number;
  private readonly maxDepth: number;

  constructor(
    limits: PlainLimits,
    private readonly memo: Memo,
  ) {
    this.nodesLeft = limits.maxNodes;
    this.charactersLeft = limits.maxCharacters;
    this.maxDepth = limits.maxDepth;
  }

  /** @param depth - How many arrays and objects are around `value`. */
  accepts(value: unknown, depth: number): boolean {
    if (--this.nodesLeft < 0) return false;
    switch (typeof value) {
      case 'string':
        this.charactersLeft -= value.length;
        return this.charactersLeft >= 0 && !mayHoldDataUri(value);
      case 'number':
        return Number.isFinite(value);
      case 'boolean':
      case 'undefined':
        return true;
      case 'object':
        return value === null || this.acceptsObject(value, depth + 1);
      default:
        return false;
    }
  }

  private acceptsObject(value: object, depth: number): boolean {
    if (depth > this.maxDepth) return false;
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype === Date.prototype) return isIsoDate(value);
    if ((value as { toJSON?: unknown }).toJSON !== undefined) return false;
    if (prototype === Array.prototype && Array.isArray(value)) {
      return this.acceptsItems(value, depth);
    }
    const isPlain = prototype === Object.prototype || prototype === null;
    return (isPlain || isFieldsOnly(value)) && this.acceptsFields(value, depth);
  }

  private acceptsItems(items: readonly unknown[], depth: number): boolean {
    // A Proxy may answer with an object that would have to be converted.
    const length: unknown = items.length;
    if (typeof length !== 'number') return false;
    for (let index = 0; index < length; index++) {
      if (!this.accepts(items[index], depth)) return false;
    }
    return true;
  }

  private acceptsFields(source: object, depth: number): boolean {
    // Not for…in: V8 lists all keys for that as well, and the careful copy
    // could not use the list again.
    const keys = this.memo.keysOf(source);
    const fields = source as Record<string, unknown>;
    for (const key of keys) {
      this.charactersLeft -= key.length;
      if (this.charactersLeft < 0 || !this.accepts(fields[key], depth)) {
        return false;
      }
    }
    return true;
  }
}
