/** Reads request bodies within a bound, and undoes gzip within the same one. */
import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';

/** The bytes, or why there are none. */
export type Body =
  | { readonly kind: 'read'; readonly bytes: Buffer }
  | { readonly kind: 'tooLarge' }
  | { readonly kind: 'broken' };

/** A body as it came over the wire, with the number of bytes that came. */
export type ReceivedBody = Body & { readonly size: number };

const gunzipAsync = promisify(gunzip);

/**
 * A body over the limit is still received to its end, without being kept: a
 * client that is busy writing when the answer comes would see a connection
 * reset instead of the answer.
 */
export async function readBody(
  request: IncomingMessage,
  maxBytes: number,
): Promise<ReceivedBody> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size <= maxBytes) {
        chunks.push(chunk);
      } else {
        chunks.length = 0;
      }
    }
  } catch {
    return { kind: 'broken', size };
  }
  return size > maxBytes
    ? { kind: 'tooLarge', size }
    : { kind: 'read', bytes: Buffer.concat(chunks, size), size };
}

/** Stops as soon as the output passes the limit: a zip bomb stays small. */
export async function gunzipWithin(
  bytes: Buffer,
  maxBytes: number,
): Promise<Body> {
  try {
    return {
      kind: 'read',
      bytes: await gunzipAsync(bytes, { maxOutputLength: maxBytes }),
    };
  } catch (error) {
    return error instanceof RangeError
      ? { kind: 'tooLarge' }
      : { kind: 'broken' };
  }
}
