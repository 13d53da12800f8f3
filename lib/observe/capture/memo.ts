// What one capture remembers, so that a second attempt does not pay again.
import { replaceDataUris, type ShownText } from './data-uris.js';

// Listing 200,000 keys takes 45 ms; a few keys cost less than a look-up here.
const MIN_REMEMBERED_KEYS = 1_000;

const isEnumerable = Object.prototype.propertyIsEnumerable;

/** Key lists of wide objects and strings whose data URIs are replaced. */
export class Memo {
  private keys: Map<object, readonly string[]> | undefined;
  private texts: Map<string, ShownText> | undefined;

  /** @param maxTextLength - UTF-16 units of a string that can be shown. */
  constructor(private readonly maxTextLength: number) {}

  /**
   * The own enumerable string keys in the order of `JSON.stringify`, which
   * ignores symbol keys, too. Traps of a Proxy may throw.
   */
  keysOf(source: object): readonly string[] {
    const known = this.keys?.get(source);
    if (known !== undefined) return known;
    const keys = Object.keys(source);
    if (keys.length >= MIN_REMEMBERED_KEYS) {
      this.keys ??= new Map();
      this.keys.set(source, keys);
    }
    return keys;
  }

  /** The same, but keys stay for which the trap of a Proxy throws. */
  readableKeysOf(source: object): readonly string[] {
    try {
      return this.keysOf(source);
    } catch {
      return keysOfProxy(source);
    }
  }

  /** The string without its data URIs. */
  shown(text: string): ShownText {
    const known = this.texts?.get(text);
    if (known !== undefined) return known;
    const shown = replaceDataUris(text, this.maxTextLength);
    if (shown.replaced > 0) {
      this.texts ??= new Map();
      this.texts.set(text, shown);
    }
    return shown;
  }
}

function keysOfProxy(source: object): string[] {
  const keys = Reflect.ownKeys(source);
  return keys.filter(
    (key): key is string => typeof key === 'string' && isShown(source, key),
  );
}

function isShown(source: object, key: string): boolean {
  try {
    return isEnumerable.call(source, key);
  } catch {
    return true;
  }
}
