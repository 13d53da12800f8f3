// Base64 data URIs inside strings become a short description of the medium.
import { createHash } from 'node:crypto';

const BASE64_MARKER = ';base64,';
const SCHEME = 'data:';
const MAX_HEADER = 256;
const MIN_PAYLOAD = 64;
const MIN_LENGTH = SCHEME.length + BASE64_MARKER.length + MIN_PAYLOAD;

// Hashing 12 MB holds the event loop for about 15 ms; more is not worth it.
const MAX_HASHED_PAYLOAD = 16 * 1024 * 1024;

const MEDIA_TYPE = /^(?:[\w.+-]+\/[\w.+-]+)?(?:;[\w.+-]+=[^;,\s"']*)*$/;

// A search for the first other character cannot backtrack, however long the
// payload is.
const NOT_BASE64 = /[^A-Za-z0-9+/=_-]/g;

/** The beginning of a string as it is shown. */
export interface ShownText {
  /** At least the first `maxLength` UTF-16 units, when there are as many. */
  readonly head: string;
  /** UTF-16 units of the whole, of which `head` may be a part. */
  readonly length: number;
  /** Data URIs that were replaced in `head`. */
  readonly replaced: number;
}

/**
 * Whether something in a text may have to be replaced: a cheap test before
 * anything else. Most texts are too short to be searched at all.
 */
export function mayHoldDataUri(text: string): boolean {
  return text.length >= MIN_LENGTH && text.includes(BASE64_MARKER);
}

/**
 * Replaces data URIs (RFC 2397) by `[image/png, 123 kB, sha256 0123456789abcdef]`:
 * media type, size and the first 16 hex digits of the SHA-256 of the decoded
 * bytes; without the hash above 12 MB. Payloads under 64 characters stay.
 *
 * @param maxLength - Text behind so many UTF-16 units is not looked at: it is
 * cut anyway.
 */
export function replaceDataUris(text: string, maxLength: number): ShownText {
  let head = '';
  let from = 0;
  let searchFrom = 0;
  let replaced = 0;
  while (head.length < maxLength) {
    const end = from + (maxLength - head.length);
    const uri = findDataUri(text, from, searchFrom, end);
    if (uri === undefined) break;
    searchFrom = uri.end;
    if (uri.end - uri.payload < MIN_PAYLOAD) continue;
    head += text.slice(from, uri.start);
    head += describe(uri.mediaType, text.slice(uri.payload, uri.end));
    from = uri.end;
    replaced++;
  }
  const rest = text.slice(from, from + Math.max(0, maxLength - head.length));
  const length = head.length + text.length - from;
  return { head: head + rest, length, replaced };
}

interface DataUri {
  readonly start: number;
  readonly mediaType: string;
  readonly payload: number;
  readonly end: number;
}

function findDataUri(
  text: string,
  from: number,
  searchFrom: number,
  searchEnd: number,
): DataUri | undefined {
  const limit = searchEnd + MAX_HEADER;
  let at = searchFrom;
  for (;;) {
    const found = text.slice(at, limit).indexOf(BASE64_MARKER);
    if (found < 0) return undefined;
    const marker = at + found;
    at = marker + BASE64_MARKER.length;
    const lowest = Math.max(from, marker - MAX_HEADER);
    const scheme = text.slice(lowest, marker).lastIndexOf(SCHEME);
    if (scheme < 0) continue;
    const start = lowest + scheme;
    const header = text.slice(start + SCHEME.length, marker);
    if (!MEDIA_TYPE.test(header)) continue;
    const mediaType = header.split(';', 1)[0] || 'text/plain';
    return { start, mediaType, payload: at, end: endOfBase64(text, at) };
  }
}

function endOfBase64(text: string, from: number): number {
  NOT_BASE64.lastIndex = from;
  return NOT_BASE64.exec(text)?.index ?? text.length;
}

function describe(mediaType: string, payload: string): string {
  const size = sizeText(Buffer.byteLength(payload, 'base64'));
  if (payload.length > MAX_HASHED_PAYLOAD) return `[${mediaType}, ${size}]`;
  const hash = createHash('sha256').update(payload, 'base64').digest('hex');
  return `[${mediaType}, ${size}, sha256 ${hash.slice(0, 16)}]`;
}

function sizeText(bytes: number): string {
  if (bytes < 1_000) return `${bytes} B`;
  if (bytes < 999_500) return `${Math.round(bytes / 1_000)} kB`;
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}
