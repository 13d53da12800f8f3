/**
 * Finds members and strings in JSON text as bytes of UTF-8, so that a part of
 * it can be replaced and the rest stays as it is. The text must be valid JSON.
 * Nothing here recurses: JSON may be nested deeper than the stack.
 */
import { utf8Boundary } from './truncated-text.js';

/** From the first byte to the one after the last. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_BRACKET = 0x5d;
const LOWER_U = 0x75;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const SPACE = 0x20;

/** Bytes of an escape such as `\n`, and of `\u000a`. */
const SHORT_ESCAPE = 2;
const LONG_ESCAPE = 6;

/** The values of an object by their keys; none when the value is no object. */
export function jsonMembers(
  json: Uint8Array,
  { start, end }: ByteRange,
): Map<string, ByteRange> {
  const members = new Map<string, ByteRange>();
  const open = skipSeparators(json, start, end);
  if (json[open] !== OPEN_BRACE) return members;
  let at = skipSeparators(json, open + 1, end);
  while (json[at] === QUOTE) {
    const keyEnd = stringEnd(json, at);
    const key = Buffer.from(json.subarray(at, keyEnd)).toString();
    const valueStart = skipSeparators(json, keyEnd, end);
    const value = { start: valueStart, end: valueEnd(json, valueStart, end) };
    members.set(JSON.parse(key) as string, value);
    at = skipSeparators(json, value.end, end);
  }
  return members;
}

/** What is between the quotes of all strings in a value but its keys. */
export function jsonStrings(
  json: Uint8Array,
  { start, end }: ByteRange,
): ByteRange[] {
  const strings: ByteRange[] = [];
  for (let at = start; at < end; at++) {
    if (json[at] !== QUOTE) continue;
    const after = stringEnd(json, at);
    if (!isBeforeColon(json, after, end)) {
      strings.push({ start: at + 1, end: after - 1 });
    }
    at = after - 1;
  }
  return strings;
}

/** Between two characters or escapes of a JSON string. */
export function jsonBoundary(text: Uint8Array, at: number): number {
  const boundary = utf8Boundary(text, at);
  const earliest = Math.max(0, boundary - LONG_ESCAPE + 1);
  for (let before = boundary - 1; before >= earliest; before--) {
    if (text[before] !== BACKSLASH) continue;
    const isWhole = escapeEnd(text, before) <= boundary;
    return isWhole ? boundary : before;
  }
  return boundary;
}

/** Where the escape ends that the backslash begins or is the second half of. */
function escapeEnd(text: Uint8Array, backslash: number): number {
  let runStart = backslash;
  while (text[runStart - 1] === BACKSLASH) runStart--;
  // A run of backslashes is read in pairs.
  if ((backslash - runStart) % 2 === 1) return backslash + 1;
  const isLong = text[backslash + 1] === LOWER_U;
  return backslash + (isLong ? LONG_ESCAPE : SHORT_ESCAPE);
}

function valueEnd(json: Uint8Array, start: number, end: number): number {
  if (json[start] === QUOTE) return stringEnd(json, start);
  let depth = 0;
  for (let at = start; at < end; at++) {
    switch (json[at]) {
      case QUOTE:
        at = stringEnd(json, at) - 1;
        break;
      case OPEN_BRACE:
      case OPEN_BRACKET:
        depth++;
        break;
      case CLOSE_BRACE:
      case CLOSE_BRACKET:
        // A number or a word ends where what holds it does.
        if (depth === 0) return at;
        if (--depth === 0) return at + 1;
        break;
      case COMMA:
        if (depth === 0) return at;
        break;
    }
  }
  return end;
}

/** The position after the closing quote. */
function stringEnd(json: Uint8Array, openingQuote: number): number {
  let at = openingQuote + 1;
  while (at < json.length && json[at] !== QUOTE) {
    at += json[at] === BACKSLASH ? SHORT_ESCAPE : 1;
  }
  return at + 1;
}

function isBeforeColon(json: Uint8Array, start: number, end: number): boolean {
  let at = start;
  while (at < end && json[at]! <= SPACE) at++;
  return json[at] === COLON;
}

function skipSeparators(json: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end) {
    const byte = json[at]!;
    if (byte > SPACE && byte !== COMMA && byte !== COLON) break;
    at++;
  }
  return at;
}
