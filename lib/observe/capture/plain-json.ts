// JSON of plain data in one walk; what is not plain is left to the careful copy.
import { JsonParts, TEXT_FOLLOWS } from '../../wire/index.js';
import { mayHoldDataUri } from './data-uris.js';
import type { Memo } from './memo.js';
import { isFieldsOnly, isIsoDate, isoText } from './stand-ins.js';

/** What a value may hold and still be plain. */
export interface PlainLimits {
  /** Nested arrays and objects, the outermost counts one. */
  readonly maxDepth: number;
  /** Values of any type, the outermost counts one. */
  readonly maxNodes: number;
  /** UTF-16 units of all strings and keys together. */
  readonly maxCharacters: number;
}

/**
 * The keys so far as JSON with what stands before them, behind an opening brace
 * and behind a comma: the keys of an application are mostly few. Bounded, since
 * they can be anything; longer ones are texts like any other.
 */
const firstKeys = new Map<string, string>();
const laterKeys = new Map<string, string>();
const MAX_KNOWN_KEYS = 512;
const MAX_KNOWN_KEY_LENGTH = 128;

/**
 * What `JSON.stringify` would make of one value: objects that JSON shows
 * as their own fields, arrays, ordinary dates, strings without data URIs, finite
 * numbers, booleans, null and undefined within the limits. A cycle needs no
 * bookkeeping: it ends at the depth limit. Getters and Proxy traps are asked
 * once, and what they throw passes through.
 */
export class PlainJson {
  private nodesLeft: number;
  private charactersLeft: number;
  private readonly maxDepth: number;
  private readonly parts: string[] = [];

  constructor(
    limits: PlainLimits,
    private readonly memo: Memo,
  ) {
    this.nodesLeft = limits.maxNodes;
    this.charactersLeft = limits.maxCharacters;
    this.maxDepth = limits.maxDepth;
  }

  /** Undefined for a value that is not plain. */
  of(value: {} | null): JsonParts | undefined {
    return this.add(value, 0) ? new JsonParts(this.parts) : undefined;
  }

  /** @param depth - How many arrays and objects are around `value`. */
  private add(value: unknown, depth: number): boolean {
    if (--this.nodesLeft < 0) return false;
    switch (typeof value) {
      case 'string':
        return this.addText(value);
      case 'number':
        this.parts.push(String(value));
        return Number.isFinite(value);
      case 'boolean':
        this.parts.push(value ? 'true' : 'false');
        return true;
      case 'undefined':
        // Only in arrays: objects leave it out.
        this.parts.push('null');
        return true;
      case 'object':
        if (value !== null) return this.addObject(value, depth + 1);
        this.parts.push('null');
        return true;
      default:
        return false;
    }
  }

  private addText(text: string): boolean {
    this.charactersLeft -= text.length;
    this.parts.push(TEXT_FOLLOWS, text);
    return this.charactersLeft >= 0 && !mayHoldDataUri(text);
  }

  private addObject(value: object, depth: number): boolean {
    if (depth > this.maxDepth) return false;
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype === Date.prototype) return this.addDate(value);
    if ((value as { toJSON?: unknown }).toJSON !== undefined) return false;
    if (prototype === Array.prototype && Array.isArray(value)) {
      return this.addItems(value, depth);
    }
    const isPlain = prototype === Object.prototype || prototype === null;
    return (isPlain || isFieldsOnly(value)) && this.addFields(value, depth);
  }

  private addDate(date: object): boolean {
    if (!isIsoDate(date)) return false;
    this.parts.push(TEXT_FOLLOWS, isoText(date));
    return true;
  }

  private addItems(items: readonly unknown[], depth: number): boolean {
    // A Proxy may answer with an object that would have to be converted.
    const length: unknown = items.length;
    if (typeof length !== 'number') return false;
    this.parts.push('[');
    for (let index = 0; index < length; index++) {
      if (index > 0) this.parts.push(',');
      if (!this.add(items[index], depth)) return false;
    }
    this.parts.push(']');
    return true;
  }

  private addFields(source: object, depth: number): boolean {
    // Not for…in: V8 lists all keys for that as well, and the careful copy
    // could not use the list again.
    const keys = this.memo.keysOf(source);
    const fields = source as Record<string, unknown>;
    let known = firstKeys;
    for (const key of keys) {
      this.charactersLeft -= key.length;
      if (this.charactersLeft < 0) return false;
      const value = fields[key];
      if (value === undefined) {
        if (--this.nodesLeft < 0) return false;
        continue;
      }
      this.addKey(key, known);
      known = laterKeys;
      if (!this.add(value, depth)) return false;
    }
    this.parts.push(known === firstKeys ? '{}' : '}');
    return true;
  }

  private addKey(key: string, known: Map<string, string>): void {
    const json = known.get(key);
    if (json !== undefined) {
      this.parts.push(json);
    } else if (key.length > MAX_KNOWN_KEY_LENGTH) {
      this.parts.push(known === firstKeys ? '{' : ',', TEXT_FOLLOWS, key, ':');
    } else {
      this.parts.push(keyJson(key, known));
    }
  }
}

function keyJson(key: string, known: Map<string, string>): string {
  const json = `${known === firstKeys ? '{' : ','}${JSON.stringify(key)}:`;
  if (known.size < MAX_KNOWN_KEYS) known.set(key, json);
  return json;
}
