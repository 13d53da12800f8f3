/** Spans as they leave the recorder: what is enqueued, decoded. */
import { vi } from 'vitest';
import type { LangfuseQueue } from '../../lib/index.js';
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
  const enqueue = vi.spyOn(queue, 'enqueue');
  return () => {
    const encoded = enqueue.mock.calls
      .map(([record]) => record)
      .filter(({ lane }) => lane === 'spans')
      .map(({ bytes }) => bytes);
    return spansOf(decodeExport(Buffer.concat(frameSpans(frame, encoded))));
  };
}
