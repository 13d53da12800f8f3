/** JSON that came from outside: parsing it never throws. */

/** Any object that JSON can hold, lists included. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** How every JSON text begins. A failed parse costs more than this look. */
const JSON_START = /^\s*(?:[[{"]|-?\d|true|false|null)/;

/** The parsed text, or undefined when it is no JSON. */
export function parseJson(text: string): unknown {
  if (!JSON_START.test(text)) {
    return undefined;
  }
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null;
}

/** A member of an object; undefined of anything else. */
export function member(value: unknown, name: string): unknown {
  return isObject(value) ? value[name] : undefined;
}

/** A list as it is; empty in place of anything else. */
export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
