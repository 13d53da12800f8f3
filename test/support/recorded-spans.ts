/** Spans as they leave the recorder: what is enqueued, decoded. */
import { vi } from 'vitest';
import { LangfuseQueue } from '../../lib/index.js';
import { encodeBatchFrame, frameSpans } from '../../lib/wire/index.js';
import { decodeExport, type OtlpSpan, spansOf } from './otlp.js';

const frame = encodeBatchFrame({
  resource: new Map(),
  scope: { name: 'test', version: '' },
});

/**
 * Listens to what is enqueued from now on; it is enqueued all the same.
 *
 * @returns what gives the spans so far, in the order in which they ended
 */
export function recordSpans(queue: LangfuseQueue): () => OtlpSpan[] {
  const encoded: Uint8Array[] = [];
  vi.spyOn(queue, 'enqueue').mockImplementation((record) => {
    // Its memory is used again as soon as it is settled.
    if (record.lane === 'spans') encoded.push(record.bytes.slice());
    // Of the class: on the object another spy may sit.
    LangfuseQueue.prototype.enqueue.call(queue, record);
  });
  return () => decodeSpans(encoded);
}

/** Encoded spans, in their order. */
export function decodeSpans(encoded: readonly Uint8Array[]): OtlpSpan[] {
  return spansOf(decodeExport(Buffer.concat(frameSpans(frame, encoded))));
}
