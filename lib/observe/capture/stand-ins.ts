// What is shown in place of objects whose own fields do not say what they are.
import { types } from 'node:util';
import { classNameOf, Mark, threwMark } from './marks.js';

// 1,024 characters of base64.
const MAX_BINARY_BYTES = 768;

const { getTime, toISOString, toJSON } = Date.prototype;

const ERROR_FIELDS = ['name', 'message', 'stack', 'cause', 'errors'];

/**
 * A primitive, an array, a plain object or a {@link Mark} that shows `source`;
 * `source` itself when its own enumerable fields do. It calls no method that an
 * application can override and no iterator of the application.
 *
 * | value | shown as |
 * | --- | --- |
 * | Date | ISO 8601 text, `Invalid Date` |
 * | Buffer, typed array, DataView, ArrayBuffer | `{ type, bytes, base64 }`, the first 768 bytes in base64 |
 * | RegExp | its text |
 * | boxed primitive | the primitive |
 * | Error | `{ name, message, stack, cause, errors }` as far as set, then its own fields |
 * | Map | an object when all keys are strings, else a list of `[key, value]` |
 * | Set | a list |
 * | Promise, generator, iterator | `[Promise]`, `[Generator]`, `[Map Iterator]`; never consumed |
 * | Observable, stream, request, response, socket | `[ClassName]` |
 * | WeakMap, WeakRef, Headers, … (built in, without own fields) | `[WeakMap]`, … |
 *
 * @param maxItems - How many entries of a Map or Set are looked at.
 */
export function standIn(source: object, maxItems: number): unknown {
  const tag = tagOf(source);
  if (tag !== undefined) return builtIn(source, tag, maxItems);
  if (source instanceof Error) return errorFields(source);
  return isOpaque(source) ? new Mark(`[${classNameOf(source)}]`) : source;
}

/**
 * Whether an instance of a class without `toJSON` is shown by `JSON.stringify`
 * just as it is here: as its own fields.
 */
export function isFieldsOnly(source: object): boolean {
  return (
    tagOf(source) === undefined &&
    !(source instanceof Error) &&
    !isOpaque(source)
  );
}

/**
 * Whether an object is shown as its own enumerable fields: it is no list, has
 * no `toJSON`, and there is no other form for its kind. Throws what a getter or
 * a Proxy trap throws.
 */
export function hasFieldsOnly(source: object): boolean {
  if (Array.isArray(source)) return false;
  if (typeof (source as { toJSON?: unknown }).toJSON === 'function') {
    return false;
  }
  const prototype: unknown = Object.getPrototypeOf(source);
  const isPlain = prototype === Object.prototype || prototype === null;
  return isPlain || isFieldsOnly(source);
}

/** Whether `toJSON` is passed over: Date and Buffer inherit a lossy one. */
export function hasLossyToJson(source: object): boolean {
  return types.isDate(source) || isBinary(source);
}

/** Whether `JSON.stringify` makes ISO 8601 text of it, and nothing else. */
export function isIsoDate(date: object): boolean {
  return (
    isValidDate(date) &&
    date.toJSON === toJSON &&
    date.toISOString === toISOString
  );
}

/** The ISO 8601 text of what {@link isIsoDate} accepts. */
export function isoText(date: object): string {
  return toISOString.call(date);
}

function builtIn(source: object, tag: string, maxItems: number): unknown {
  if (types.isDate(source)) return dateText(source);
  if (isBinary(source)) return binaryFields(source);
  if (types.isRegExp(source)) return RegExp.prototype.toString.call(source);
  if (types.isBoxedPrimitive(source)) return unboxed(source);
  if (types.isNativeError(source) || source instanceof Error) {
    return errorFields(source);
  }
  if (types.isMap(source)) return mapEntries(source, maxItems);
  if (types.isSet(source)) {
    return firstOf(Set.prototype.values.call(source), maxItems);
  }
  if (types.isPromise(source) || types.isGeneratorObject(source)) {
    return new Mark(`[${tag}]`);
  }
  // Other built-in and Web classes hold their state where nobody can list it.
  return isOpaque(source) || Object.keys(source).length === 0
    ? new Mark(`[${tag}]`)
    : source;
}

function dateText(date: Date): unknown {
  return isValidDate(date) ? toISOString.call(date) : new Mark('Invalid Date');
}

function isValidDate(date: object): date is Date {
  return types.isDate(date) && !Number.isNaN(getTime.call(date));
}

function isBinary(source: object): source is ArrayBufferView | ArrayBuffer {
  return ArrayBuffer.isView(source) || types.isAnyArrayBuffer(source);
}

function binaryFields(source: ArrayBufferView | ArrayBuffer): object {
  const bytes = source.byteLength;
  const shown = Math.min(bytes, MAX_BINARY_BYTES);
  const base64 = ArrayBuffer.isView(source)
    ? Buffer.from(source.buffer, source.byteOffset, shown).toString('base64')
    : Buffer.from(source, 0, shown).toString('base64');
  return {
    type: classNameOf(source),
    bytes,
    base64: shown < bytes ? new Mark(base64) : base64,
  };
}

function unboxed(box: object): unknown {
  if (types.isNumberObject(box)) return Number.prototype.valueOf.call(box);
  if (types.isStringObject(box)) return String.prototype.valueOf.call(box);
  if (types.isBooleanObject(box)) return Boolean.prototype.valueOf.call(box);
  if (types.isBigIntObject(box)) return BigInt.prototype.valueOf.call(box);
  return Symbol.prototype.valueOf.call(box);
}

function errorFields(error: Error): object {
  const fields = Object.create(null) as Record<string, unknown>;
  for (const key of [...ERROR_FIELDS, ...Object.keys(error)]) {
    const value = fieldOf(error, key);
    if (value !== undefined) fields[key] = value;
  }
  return fields;
}

function fieldOf(source: object, key: string): unknown {
  try {
    return (source as Record<string, unknown>)[key];
  } catch (error) {
    return new Mark(threwMark(error));
  }
}

function mapEntries(map: Map<unknown, unknown>, maxItems: number): object {
  const entries = firstOf(Map.prototype.entries.call(map), maxItems);
  const fields = Object.create(null) as Record<string, unknown>;
  for (const [key, value] of entries) {
    if (typeof key !== 'string') return entries;
    fields[key] = value;
  }
  return fields;
}

function firstOf<T>(items: Iterable<T>, maxItems: number): T[] {
  const first: T[] = [];
  for (const item of items) {
    if (first.length >= maxItems) break;
    first.push(item);
  }
  return first;
}

// Iterators, which nobody may consume; Observables; Node's streams, requests
// and responses; sockets that are no streams (datagram, WebSocket).
function isOpaque(source: object): boolean {
  return (
    (hasMethod(source, 'next') &&
      (hasMethod(source, Symbol.iterator) ||
        hasMethod(source, Symbol.asyncIterator))) ||
    (hasMethod(source, 'pipe') &&
      (hasMethod(source, 'subscribe') || hasMethod(source, 'on'))) ||
    (hasMethod(source, 'send') && hasMethod(source, 'on'))
  );
}

function hasMethod(source: object, key: PropertyKey): boolean {
  try {
    const value = (source as Record<PropertyKey, unknown>)[key];
    return typeof value === 'function';
  } catch {
    return false;
  }
}

// `Date`, `Map`, …: what the language or `Symbol.toStringTag` calls an object.
// One call that spares ten checks for instances of the application's classes.
function tagOf(source: object): string | undefined {
  try {
    const tag = Object.prototype.toString.call(source);
    return tag === '[object Object]' ? undefined : tag.slice(8, -1);
  } catch {
    return undefined;
  }
}
