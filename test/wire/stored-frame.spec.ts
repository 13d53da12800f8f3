import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  encodeBatchFrame,
  frameSpans,
  SpanEncoder,
  storedFrame,
  withStoredFrame,
} from '../../lib/wire/index.js';
import { decodeExport } from '../support/otlp.js';
import { attributes, text, wireSpan } from './wire-span.arbitrary.js';

const origins = fc.record({
  resource: attributes,
  scope: fc.record({ name: text, version: text }),
});

const here = encodeBatchFrame({
  resource: new Map([['service.name', 'here']]),
  scope: { name: 'langfuse-sdk/test', version: '2.0.0' },
});

describe('withStoredFrame', () => {
  it('sends a span elsewhere as it would have been sent', () => {
    fc.assert(
      fc.property(origins, wireSpan, (origin, span) => {
        const there = encodeBatchFrame(origin);
        const bytes = new SpanEncoder().encode(span);
        const restored = withStoredFrame(bytes, storedFrame(there));
        const sent = Buffer.concat(frameSpans(here, [restored]));
        const original = Buffer.concat(frameSpans(there, [bytes]));
        expect(decodeExport(sent)).toEqual(decodeExport(original));
      }),
      { numRuns: 200 },
    );
  });

  it('leaves a span alone that has an origin of its own', () => {
    fc.assert(
      fc.property(origins, wireSpan, (origin, span) => {
        const framed = { ...span, origin: encodeBatchFrame(origin) };
        const bytes = new SpanEncoder().encode(framed);
        expect(withStoredFrame(bytes, storedFrame(here))).toBe(bytes);
      }),
      { numRuns: 50 },
    );
  });

  it('leaves a span alone when the frame cannot be read', () => {
    fc.assert(
      fc.property(wireSpan, (span) => {
        const bytes = new SpanEncoder().encode(span);
        for (const stored of [new Uint8Array(), Uint8Array.of(0xff, 0xff)]) {
          expect(withStoredFrame(bytes, stored)).toBe(bytes);
        }
      }),
      { numRuns: 20 },
    );
  });
});
