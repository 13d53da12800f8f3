/**
 * From the body of an export to its `resourceSpans`. Protobuf and JSON, gzip'd
 * or not, end in the same shape: JSON that nobody has looked at yet.
 */
import type { Exchange, Reply } from './http-exchange.js';
import { decodeExportRequest } from './otlp-protobuf.js';
import { gunzipWithin } from './request-body.js';

/** What a request holds, or the answer that refuses it. */
export type ReadBody = { readonly resourceSpans: unknown } | Reply;

/**
 * The checks come in the server's order.
 *
 * @param maxBodyBytes - Bound for the body as sent and with gzip undone.
 */
export async function readResourceSpans(
  exchange: Exchange,
  maxBodyBytes: number,
): Promise<ReadBody> {
  let body = await exchange.readBody(maxBodyBytes);
  if (body.kind === 'broken') {
    return badRequest('Failed to read request body');
  }
  if (
    body.kind === 'read' &&
    exchange.headers['content-encoding']?.includes('gzip')
  ) {
    body = await gunzipWithin(body.bytes, maxBodyBytes);
    if (body.kind === 'broken') {
      return badRequest('Failed to decompress request body');
    }
  }
  if (body.kind === 'tooLarge') {
    return {
      status: 413,
      body: {
        message: `Request body exceeds ${maxBodyBytes} bytes`,
        error: 'PayloadTooLargeError',
      },
      close: true,
    };
  }
  exchange.decodedBytes = body.bytes.length;
  const contentType = exchange.headers['content-type']?.toLowerCase() ?? '';
  if (contentType.includes('application/x-protobuf')) {
    return fromProtobuf(body.bytes, exchange);
  }
  return contentType.includes('application/json')
    ? fromJson(body.bytes, exchange)
    : badRequest('Invalid content type');
}

/** A 400 as this route words it. */
export function badRequest(error: string): Reply {
  return { status: 400, body: { error } };
}

function fromProtobuf(bytes: Buffer, exchange: Exchange): ReadBody {
  const decoded = decodeExportRequest(bytes);
  if (decoded.ok) {
    return { resourceSpans: decoded.request.resourceSpans };
  }
  exchange.note = decoded.reason;
  return badRequest('Failed to parse OTel Protobuf Trace');
}

function fromJson(bytes: Buffer, exchange: Exchange): ReadBody {
  try {
    const request = JSON.parse(bytes.toString('utf8')) as {
      readonly resourceSpans?: unknown;
    };
    // Of null there is nothing to read: that throws here as on the server.
    return { resourceSpans: request.resourceSpans };
  } catch (error) {
    exchange.note = String(error);
    return badRequest('Failed to parse OTel JSON Trace');
  }
}
