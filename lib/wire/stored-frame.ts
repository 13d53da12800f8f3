/** What spans of one origin have in common, kept beside spans that are stored. */
import { frameSpans, isBare } from './otlp-batch.js';
import type { BatchFrame } from './otlp-frame.js';
import { readField } from './protobuf-fields.js';

/** A frame as bytes: the resource, then the scope, each with tag and length. */
export function storedFrame({ resource, scope }: BatchFrame): Uint8Array {
  return Buffer.concat([resource, scope]);
}

/**
 * A span that was stored with a frame, such that it keeps its origin in a batch
 * with another one: the whole `ResourceSpans` entry. One that has its own origin
 * stays as it is, and so does each where the frame cannot be read.
 *
 * @param stored What {@link storedFrame} returned.
 */
export function withStoredFrame(
  span: Uint8Array,
  stored: Uint8Array,
): Uint8Array {
  const resource = readField(stored, 0, stored.length);
  if (!isBare(span) || resource === undefined) return span;
  const frame: BatchFrame = {
    resource: stored.subarray(0, resource.end),
    scope: stored.subarray(resource.end),
  };
  return Buffer.concat(frameSpans(frame, [span]));
}
