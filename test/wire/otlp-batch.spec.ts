import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type BatchOrigin,
  encodeBatchFrame,
  frameOverheadBytes,
  frameSpans,
  SpanEncoder,
  type WireSpan,
} from '../../lib/wire/index.js';
import { attributesOf, decodeExport, spansOf } from '../support/otlp.js';
import { attributes, text, wireSpan } from './wire-span.arbitrary.js';

const origin: BatchOrigin = {
  resource: new Map([['service.name', 'shop']]),
  scope: { name: 'langfuse-sdk/test', version: '1.2.3' },
};
const frame = encodeBatchFrame(origin);

/** A span whose bytes are about `size`, told from others by its id. */
function spanOf(index: number, size: number): WireSpan {
  return {
    traceId: '0af7651916cd43dd8448eb211c80319c',
    spanId: index.toString(16).padStart(16, '0'),
    parentSpanId: undefined,
    parentIsRemote: false,
    traceFlags: 1,
    traceState: undefined,
    name: `span ${index}`,
    kind: 0,
    startTime: [1_795_416_813, 0],
    endTime: [1_795_416_814, 0],
    attributes: new Map([['input', String(index % 10).repeat(size)]]),
    sharedAttributes: new Uint8Array(0),
    droppedAttributesCount: 0,
    events: [],
    droppedEventsCount: 0,
    links: [],
    droppedLinksCount: 0,
    statusCode: 0,
    statusMessage: undefined,
  };
}

function encodeAll(sizes: readonly number[]): Uint8Array[] {
  const encoder = new SpanEncoder();
  return sizes.map((size, index) => encoder.encode(spanOf(index, size)));
}

function namesIn(chunks: readonly Uint8Array[]): string[] {
  const spans = spansOf(decodeExport(Buffer.concat(chunks)));
  return spans.map(({ name }) => name);
}

function bytesIn(chunks: readonly Uint8Array[]): number {
  return chunks.reduce((sum, chunk) => sum + chunk.length, 0);
}

describe('frameSpans', () => {
  it('says where the spans come from', () => {
    const body = Buffer.concat(frameSpans(frame, encodeAll([1])));
    const [resourceSpans] = decodeExport(body).resourceSpans;
    expect(attributesOf(resourceSpans!.resource.attributes)).toEqual({
      'service.name': 'shop',
    });
    expect(resourceSpans!.scopeSpans).toHaveLength(1);
    expect(resourceSpans!.scopeSpans[0]!.scope).toMatchObject(origin.scope);
  });

  it('makes no bytes of no spans', () => {
    expect(frameSpans(frame, [])).toEqual([]);
  });

  it('holds all spans in order, whichever frame and slabs they have', () => {
    const origins = fc.record({
      resource: attributes,
      scope: fc.record({ name: text, version: text }),
    });
    fc.assert(
      fc.property(
        origins,
        fc.array(wireSpan, { minLength: 1, maxLength: 5 }),
        fc.array(fc.integer({ min: 0, max: 400_000 }), { maxLength: 8 }),
        (anyOrigin, spans, sizes) => {
          const encoder = new SpanEncoder();
          const all = [...spans, ...sizes.map((size, i) => spanOf(i, size))];
          const encoded = all.map((span) => encoder.encode(span));
          const anyFrame = encodeBatchFrame(anyOrigin);
          const chunks = frameSpans(anyFrame, encoded);
          const decoded = spansOf(decodeExport(Buffer.concat(chunks)));
          expect(decoded.map(({ spanId }) => spanId)).toEqual(
            all.map(({ spanId }) => spanId),
          );
          expect(bytesIn(chunks) - bytesIn(encoded)).toBeLessThanOrEqual(
            frameOverheadBytes(anyFrame),
          );
        },
      ),
      { numRuns: 100 },
    );
  });

  it('sends spans of another origin with their own resource and scope', () => {
    const encoder = new SpanEncoder();
    const other: BatchOrigin = {
      resource: new Map([['service.name', 'elsewhere']]),
      scope: { name: 'ai', attributes: new Map([['kind', 'sdk']]) },
    };
    const theirs = encodeBatchFrame(other);
    const spans = [
      spanOf(0, 10),
      { ...spanOf(1, 300), origin: theirs },
      spanOf(2, 30_000),
      { ...spanOf(3, 300_000), origin: theirs },
    ].map((span) => encoder.encode(span));
    const chunks = frameSpans(frame, spans);
    const { resourceSpans } = decodeExport(Buffer.concat(chunks));
    const found = resourceSpans.map(({ resource, scopeSpans }) => ({
      resource: attributesOf(resource.attributes),
      scope: scopeSpans[0]!.scope,
      names: scopeSpans.flatMap((each) => each.spans.map(({ name }) => name)),
    }));
    const elsewhere = {
      resource: { 'service.name': 'elsewhere' },
      scope: expect.objectContaining({ name: 'ai', version: '' }),
    };
    expect(found).toEqual([
      {
        resource: { 'service.name': 'shop' },
        scope: expect.objectContaining(origin.scope),
        names: ['span 0', 'span 2'],
      },
      { ...elsewhere, names: ['span 1'] },
      { ...elsewhere, names: ['span 3'] },
    ]);
    expect(decodeExport(Buffer.concat(frameSpans(frame, [spans[1]!])))).toEqual(
      {
        resourceSpans: [resourceSpans[1]],
      },
    );
  });

  it('merges spans that lie side by side into one chunk', () => {
    const spans = encodeAll(Array.from({ length: 100 }, () => 500));
    expect(frameSpans(frame, spans)).toHaveLength(2);
  });

  it('sends spans from many slabs as one chunk per slab', () => {
    // Ten of these fill a slab of 256 KiB, and the eleventh moves to the next.
    const spans = encodeAll(Array.from({ length: 30 }, () => 25_000));
    const chunks = frameSpans(frame, spans);
    expect(chunks).toHaveLength(4);
    expect(namesIn(chunks)).toEqual(spans.map((_, i) => `span ${i}`));
  });

  it('keeps apart what is not side by side', () => {
    const [a, b, c, d] = encodeAll([10, 20, 30, 40]) as [
      Uint8Array,
      Uint8Array,
      Uint8Array,
      Uint8Array,
    ];
    expect(frameSpans(frame, [a, c, d])).toHaveLength(3);
    expect(namesIn(frameSpans(frame, [a, c, d]))).toEqual([
      'span 0',
      'span 2',
      'span 3',
    ]);
    expect(namesIn(frameSpans(frame, [d, b, a]))).toEqual([
      'span 3',
      'span 1',
      'span 0',
    ]);
  });

  it('keeps apart spans of different slabs whose offsets meet', () => {
    const [first] = encodeAll([10, 10]);
    const [, second] = encodeAll([10, 10]);
    const chunks = frameSpans(frame, [first!, second!]);
    expect(chunks).toHaveLength(3);
    expect(namesIn(chunks)).toEqual(['span 0', 'span 1']);
  });

  it('leaves the bytes of a span as they are in every batch', () => {
    const spans = encodeAll([10, 300_000, 2_000_000, 10, 900_000]);
    const before = spans.map((span) => Buffer.from(span));
    const whole = Buffer.concat(frameSpans(frame, spans));
    const parts = [spans.slice(0, 2), spans.slice(2)].map((half) =>
      namesIn(frameSpans(frame, half)),
    );
    expect(namesIn([whole])).toEqual(parts.flat());
    expect(spans.every((span, i) => before[i]!.equals(span))).toBe(true);
  });

  it('holds spans larger than a slab, among small ones', () => {
    const sizes = [10, 5_000_000, 10, 1_048_576, 10];
    const chunks = frameSpans(frame, encodeAll(sizes));
    const decoded = spansOf(decodeExport(Buffer.concat(chunks)));
    const lengths = decoded.map(
      (span) => String(attributesOf(span.attributes)['input']).length,
    );
    expect(lengths).toEqual(sizes);
  });

  it('holds a span of many long texts that are not ASCII', () => {
    const entries = Array.from(
      { length: 40 },
      (_, i) => [`key ${i}`, `漢${i}`.repeat(30_000)] as const,
    );
    const span = { ...spanOf(0, 0), attributes: new Map(entries) };
    const bytes = new SpanEncoder().encode(span);
    const decoded = spansOf(
      decodeExport(Buffer.concat(frameSpans(frame, [bytes]))),
    );
    expect(attributesOf(decoded[0]!.attributes)).toEqual(
      Object.fromEntries(entries),
    );
  });
});
