import type { HttpAnswer } from './http-client.js';

/**
 * How many spans of an accepted export were rejected all the same
 * (`ExportTraceServiceResponse.partial_success`). Langfuse answers with a job
 * description and never says so, but a collector on the way may. What cannot be
 * read rejects nothing: the status has said that the export was taken.
 *
 * @see https://opentelemetry.io/docs/specs/otlp/#partial-success-1
 */
export function rejectedSpans({ headers, body }: HttpAnswer): number {
  const type = headers['content-type'] ?? '';
  if (body.length === 0) return 0;
  return type.includes('protobuf') ? fromProtobuf(body) : fromJson(body);
}

function fromJson(body: Buffer): number {
  try {
    const answer: unknown = JSON.parse(body.toString('utf8'));
    const partial = (answer as { partialSuccess?: { rejectedSpans?: unknown } })
      .partialSuccess;
    return count(Number(partial?.rejectedSpans));
  } catch {
    return 0;
  }
}

/** Field 1 of the answer is the message, whose field 1 is the number. */
function fromProtobuf(body: Buffer): number {
  const MESSAGE = 0x0a;
  const NUMBER = 0x08;
  if (body[0] !== MESSAGE) return 0;
  let at = 1;
  while (at < body.length && body[at]! >= 0x80) at += 1;
  // Behind the last byte of the message's length:
  at += 1;
  if (body[at] !== NUMBER) return 0;
  let value = 0;
  for (let factor = 1; (at += 1) < body.length; factor *= 128) {
    const byte = body[at]!;
    value += (byte & 0x7f) * factor;
    if (byte < 0x80) return count(value);
  }
  return 0;
}

function count(value: number): number {
  return Number.isSafeInteger(value) && value > 0 ? value : 0;
}
