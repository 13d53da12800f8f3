/**
 * The metadata of an observation as span attributes: one for each key, so that
 * the server can filter by it.
 */
import { LangfuseAttribute } from '../wire/index.js';
import { hasFieldsOnly, threwMark, truncatedMark } from './capture/index.js';

/** Takes any value, and makes text of it. */
export interface Texts {
  text(key: string, value: unknown): void;
}

/** Half of the attributes of a span: what comes later finds room. */
const MAX_KEYS = 512;

/** In UTF-16 units, beyond the prefix. */
const MAX_KEY_LENGTH = 256;

/** The key that says that others are left out, as in captured objects. */
const MORE = '…';

/**
 * The attributes of the keys so far. One that is put together anew is a new
 * string, which has to be hashed for each map that it is looked up in; and the
 * keys of an application are mostly few. Bounded, since they can be anything.
 */
const knownAttributes = new Map<string, string>();
const MAX_KNOWN_ATTRIBUTES = 512;

/**
 * The server drops metadata that is no object, so that is given a key, and so
 * are objects that say themselves what is shown of them, such as a Map or one
 * with `toJSON`.
 */
export function describeMetadata(metadata: {}, texts: Texts): void {
  const keys = keysOf(metadata);
  if (keys === undefined) {
    texts.text(attributeOf('metadata'), metadata);
    return;
  }
  const count = Math.min(keys.length, MAX_KEYS);
  for (let index = 0; index < count; index++) {
    const key = keys[index]!;
    const attribute = attributeOf(shortKey(key, index + 1));
    texts.text(attribute, valueOf(metadata, key));
  }
  if (count < keys.length) {
    texts.text(attributeOf(MORE), truncatedMark(`${MAX_KEYS} keys`));
  }
}

/** Undefined for what is not shown as its own fields. */
function keysOf(metadata: {}): readonly string[] | undefined {
  try {
    return typeof metadata === 'object' && hasFieldsOnly(metadata)
      ? Object.keys(metadata)
      : undefined;
  } catch {
    // A Proxy that throws: the capture says so under one key.
    return undefined;
  }
}

function attributeOf(key: string): string {
  const known = knownAttributes.get(key);
  if (known !== undefined) return known;
  const attribute = interned(`${LangfuseAttribute.observationMetadata}.${key}`);
  if (knownAttributes.size < MAX_KNOWN_ATTRIBUTES) {
    knownAttributes.set(key, attribute);
  }
  return attribute;
}

/** The same text as V8 keeps the names of fields, which it compares at once. */
function interned(name: string): string {
  return Object.keys({ [name]: true })[0]!;
}

/** The position keeps keys apart that begin alike. */
function shortKey(key: string, position: number): string {
  return key.length <= MAX_KEY_LENGTH
    ? key
    : `${key.slice(0, MAX_KEY_LENGTH)}${MORE} ` +
        truncatedMark(`key ${position}`);
}

function valueOf(metadata: {}, key: string): unknown {
  try {
    return (metadata as Readonly<Record<string, unknown>>)[key];
  } catch (error) {
    return threwMark(error);
  }
}
