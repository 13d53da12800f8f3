/**
 * Makes an encoded score event small enough for a server or proxy that refuses
 * it for its size. What explains the score is cut before what it is: comment
 * and metadata first, the value last, and everything else is copied.
 */
import {
  type ByteRange,
  jsonBoundary,
  jsonMembers,
  jsonStrings,
} from './json-text.js';
import type { ScoreDataType } from './score-event.js';
import { findCutBytes, truncate, truncatedBytes } from './truncated-text.js';

/** The types whose value is a text that may be of any length. */
const LONG_VALUES: readonly ScoreDataType[] = ['CATEGORICAL', 'CORRECTION'];

/** Bytes around a JSON string. */
const QUOTES = 2;

/**
 * The event with its longest texts cut until it has at most `maxBytes`. A cut
 * text ends in `… [Truncated: 1234 of 987654 bytes]`, of the bytes that it has
 * in the event. As far as needed, in this order:
 *
 * 1. the comment and the strings in the metadata, all to one length;
 * 2. the comment and the metadata as one text, which was its JSON;
 * 3. the value of a CATEGORICAL score or of a CORRECTION.
 *
 * @param event What `encodeScoreEvent()` returned. It is not changed.
 * @param maxBytes Upper bound of the result's length.
 * @returns An event like the given one; the given one itself when it is short
 * enough; undefined when it cannot be made short enough or is no event.
 */
export function shrinkScore(
  event: Uint8Array,
  maxBytes: number,
): Uint8Array | undefined {
  if (event.length <= maxBytes) return event;
  if (!isJson(event)) return undefined;
  const shrunk = shrinkTexts(event, detailTexts(event), maxBytes);
  if (shrunk !== undefined) return shrunk;
  const flat = withMetadataAsText(event);
  const details = detailTexts(flat);
  const shrunkFlat = shrinkTexts(flat, details, maxBytes);
  if (shrunkFlat !== undefined) return shrunkFlat;
  const bare = cutTexts(flat, details, 0);
  return shrinkTexts(bare, valueTexts(bare), maxBytes);
}

/** @param maxBytes Less than the event has. */
function shrinkTexts(
  event: Uint8Array,
  texts: readonly ByteRange[],
  maxBytes: number,
): Uint8Array | undefined {
  const lengths = texts.map(({ start, end }) => end - start);
  const cutBytes = findCutBytes(
    (bytes) => event.length - savedBytes(lengths, bytes),
    event.length,
    maxBytes,
  );
  return cutBytes === undefined ? undefined : cutTexts(event, texts, cutBytes);
}

function savedBytes(lengths: readonly number[], cutBytes: number): number {
  let bytes = 0;
  for (const length of lengths) {
    bytes += length - truncatedBytes(length, cutBytes);
  }
  return bytes;
}

/** @param texts In their order in the event. */
function cutTexts(
  event: Uint8Array,
  texts: readonly ByteRange[],
  cutBytes: number,
): Uint8Array {
  const chunks: Uint8Array[] = [];
  let copyFrom = 0;
  for (const { start, end } of texts) {
    const text = event.subarray(start, end);
    const cut = truncate(text, cutBytes, jsonBoundary);
    if (cut === text) continue;
    chunks.push(event.subarray(copyFrom, start), cut);
    copyFrom = end;
  }
  chunks.push(event.subarray(copyFrom));
  return Buffer.concat(chunks);
}

function detailTexts(event: Uint8Array): ByteRange[] {
  const body = bodyMembers(event);
  return [body.get('comment'), body.get('metadata')]
    .filter((range) => range !== undefined)
    .toSorted((a, b) => a.start - b.start)
    .flatMap((range) => jsonStrings(event, range));
}

function valueTexts(event: Uint8Array): ByteRange[] {
  const body = bodyMembers(event);
  const dataType = body.get('dataType');
  const value = body.get('value');
  if (dataType === undefined || value === undefined) return [];
  const type = textOf(event, dataType);
  return LONG_VALUES.some((long) => type === JSON.stringify(long))
    ? jsonStrings(event, value)
    : [];
}

/** The event itself when metadata is a text already or would not get shorter. */
function withMetadataAsText(event: Uint8Array): Uint8Array {
  const metadata = bodyMembers(event).get('metadata');
  if (metadata === undefined) return event;
  const { start, end } = metadata;
  const json = textOf(event, metadata);
  const text = Buffer.from(JSON.stringify(json));
  const leastBytes = truncatedBytes(text.length - QUOTES, 0) + QUOTES;
  return json.startsWith('"') || end - start <= leastBytes
    ? event
    : Buffer.concat([event.subarray(0, start), text, event.subarray(end)]);
}

function bodyMembers(event: Uint8Array): Map<string, ByteRange> {
  const members = jsonMembers(event, { start: 0, end: event.length });
  const body = members.get('body');
  return body === undefined ? new Map() : jsonMembers(event, body);
}

function textOf(event: Uint8Array, { start, end }: ByteRange): string {
  return Buffer.from(event.subarray(start, end)).toString();
}

function isJson(bytes: Uint8Array): boolean {
  try {
    JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    return true;
  } catch {
    return false;
  }
}
