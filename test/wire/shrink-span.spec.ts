import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  JsonParts,
  encodeAttributes,
  encodeBatchFrame,
  frameSpans,
  shrinkSpan,
  SpanEncoder,
  type WireAttributes,
  type WireAttributeValue,
  type WireSpan,
} from '../../lib/wire/index.js';
import {
  attributesOf,
  decodeExport,
  encodeAgain,
  type OtlpResourceSpans,
  type OtlpSpan,
  spansOf,
} from '../support/otlp.js';
import { cutPairs, expectFairCuts, leastText } from './cut-texts.js';
import { wireSpan } from './wire-span.arbitrary.js';

const frame = encodeBatchFrame({
  resource: new Map([['service.name', 'shop']]),
  scope: { name: 'langfuse-sdk/test', version: '1.2.3' },
});

const bareSpan: WireSpan = {
  traceId: '0af7651916cd43dd8448eb211c80319c',
  spanId: 'b7ad6b7169203331',
  parentSpanId: '00f067aa0ba902b7',
  parentIsRemote: false,
  traceFlags: 1,
  traceState: 'vendor=1',
  name: 'answer',
  kind: 0,
  startTime: [1_795_416_813, 519_000_001],
  endTime: [1_795_416_814, 0],
  attributes: new Map(),
  sharedAttributes: new Uint8Array(0),
  droppedAttributesCount: 3,
  events: [],
  droppedEventsCount: 2,
  links: [],
  droppedLinksCount: 1,
  statusCode: 2,
  statusMessage: 'failed',
};

function encode(span: WireSpan): Uint8Array {
  return new SpanEncoder().encode(span);
}

function withAttributes(entries: Record<string, WireAttributeValue>): WireSpan {
  return { ...bareSpan, attributes: new Map(Object.entries(entries)) };
}

function exportOf(span: Uint8Array): Uint8Array {
  return Buffer.concat(frameSpans(frame, [span]));
}

function decode(span: Uint8Array): OtlpSpan {
  const spans = spansOf(decodeExport(exportOf(span)));
  expect(spans).toHaveLength(1);
  return spans[0]!;
}

/** The strings in attributes, in the order of the bytes. */
function textsOf(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, entry]) =>
    key === 'stringValue' ? [entry as string] : textsOf(entry),
  );
}

/** The span with other strings in its attributes. */
function replaceTexts(
  span: WireSpan,
  replace: (text: string) => string,
): WireSpan {
  const inValue = (value: WireAttributeValue): WireAttributeValue => {
    if (typeof value === 'string') return replace(value);
    if (JsonParts.is(value)) return replace(value.toString());
    return Array.isArray(value)
      ? (value.map(inValue) as unknown as WireAttributeValue)
      : value;
  };
  const inAttributes = (attributes: WireAttributes): WireAttributes =>
    new Map([...attributes].map(([key, value]) => [key, inValue(value)]));
  const inEach = <T extends { attributes: WireAttributes }>(
    all: readonly T[],
  ) => all.map((one) => ({ ...one, attributes: inAttributes(one.attributes) }));
  return {
    ...span,
    attributes: inAttributes(span.attributes),
    events: inEach(span.events),
    links: inEach(span.links),
  };
}

describe('shrinkSpan', () => {
  it('returns a span that is short enough itself', () => {
    const span = encode(withAttributes({ input: 'x'.repeat(100) }));
    expect(shrinkSpan(span, span.length)).toBe(span);
    expect(shrinkSpan(span, Number.POSITIVE_INFINITY)).toBe(span);
  });

  it('cuts the longest strings to one length and leaves the others', () => {
    const span = encode(
      withAttributes({
        input: 'i'.repeat(1_000_000),
        output: 'o'.repeat(20_000),
        model: 'm'.repeat(2_000),
        tags: ['t'.repeat(50_000), 'short'],
        tokens: 12,
      }),
    );
    const shrunk = shrinkSpan(span, 32_767)!;
    expect(shrunk.length).toBe(32_767);
    const { attributes, ...rest } = decode(shrunk);
    expect(rest).toEqual({ ...decode(span), attributes: undefined });
    expect(attributesOf(attributes)).toEqual({
      input: `${'i'.repeat(10_151)}… [Truncated: 10151 of 1000000 bytes]`,
      output: `${'o'.repeat(10_153)}… [Truncated: 10153 of 20000 bytes]`,
      model: 'm'.repeat(2_000),
      tags: [
        `${'t'.repeat(10_153)}… [Truncated: 10153 of 50000 bytes]`,
        'short',
      ],
      tokens: 12n,
    });
  });

  it('cuts in spans of another origin, and leaves who made them', () => {
    const origin = encodeBatchFrame({
      resource: new Map([['process.command_args', 'r'.repeat(1_000)]]),
      scope: { name: 'ai', attributes: new Map([['about', 's'.repeat(900)]]) },
    });
    const given = { ...withAttributes({ input: 'i'.repeat(50_000) }), origin };
    const span = encode(given);
    const shrunk = shrinkSpan(span, 10_000)!;
    expect(shrunk.length).toBe(10_000);
    const [before, after] = [span, shrunk].map(
      (bytes) => decodeExport(exportOf(bytes)).resourceSpans[0]!,
    );
    const frameOf = ({ resource, scopeSpans }: OtlpResourceSpans) => [
      resource,
      scopeSpans[0]!.scope,
    ];
    expect(frameOf(after!)).toEqual(frameOf(before!));
    const { input } = attributesOf(decode(shrunk).attributes);
    expect(input).toMatch(/^i+… \[Truncated: \d+ of 50000 bytes\]$/);
  });

  it('cuts in events, links and attributes shared by a trace', () => {
    const attributes = new Map([['text', 'é'.repeat(5_000)]]);
    const span = encode({
      ...bareSpan,
      sharedAttributes: encodeAttributes(attributes),
      events: [
        {
          name: 'e'.repeat(500),
          time: [1, 2],
          attributes,
          droppedAttributesCount: 4,
        },
      ],
      links: [
        {
          traceId: bareSpan.traceId,
          spanId: bareSpan.spanId,
          traceFlags: 1,
          traceState: undefined,
          isRemote: true,
          attributes,
          droppedAttributesCount: 5,
        },
      ],
    });
    const shrunk = decode(shrinkSpan(span, 2_000)!);
    expect(shrunk.events[0]).toMatchObject({
      name: 'e'.repeat(500),
      timeUnixNano: '1000000002',
      droppedAttributesCount: 4,
    });
    const texts = textsOf(shrunk);
    expect(texts).toHaveLength(3);
    for (const text of texts) {
      expect(text).toMatch(/^é{150,}… +\[Truncated: \d+ of 10000 bytes\]$/u);
    }
  });

  it('gives up a span that is too long without its attribute strings', () => {
    const long = 'n'.repeat(10_000);
    const span = { ...withAttributes({ input: long, [long]: 1 }), name: long };
    const least = encode(replaceTexts(span, leastText)).length;
    expect(shrinkSpan(encode(span), least)).toHaveLength(least);
    expect(shrinkSpan(encode(span), least - 1)).toBeUndefined();
    expect(shrinkSpan(encode(bareSpan), 10)).toBeUndefined();
    expect(shrinkSpan(encode(span), Number.NaN)).toBeUndefined();
  });

  it('can shrink what was shrunk before', () => {
    const span = encode(withAttributes({ input: 'i'.repeat(10_000) }));
    const again = shrinkSpan(shrinkSpan(span, 5_000)!, 1_000)!;
    expect(again.length).toBe(1_000);
    expect(textsOf(decode(again))).toEqual([
      expect.stringMatching(/^i+… \[Truncated: \d+ of \d+ bytes\]$/u),
    ]);
  });

  it('does for any span and limit what it says', () => {
    fc.assert(
      fc.property(wireSpan, fc.nat(1_000), (span, permille) => {
        const before = encode(span);
        const original = Buffer.from(before);
        const least = encode(replaceTexts(span, leastText)).length;
        const room = before.length - least + 1;
        const maxBytes = least - 2 + Math.floor((permille * room) / 1_000);

        const after = shrinkSpan(before, maxBytes);

        expect(original.equals(before)).toBe(true);
        if (after === undefined) {
          expect(least).toBeGreaterThan(maxBytes);
          return;
        }
        const texts = textsOf(decode(after));
        const pairs = cutPairs(textsOf(decode(before)), texts);
        expectFairCuts(pairs, after.length, maxBytes);

        // Nothing but those strings and the lengths around them has changed.
        let next = 0;
        const expected = encode(replaceTexts(span, () => texts[next++]!));
        expect(Buffer.compare(after, expected)).toBe(0);
      }),
      { numRuns: 1_000 },
    );
  });

  it('writes the shortest varints', () => {
    const span = encode(
      withAttributes({ input: 'x'.repeat(20_000), tags: ['y'.repeat(300)] }),
    );
    const least = encode(bareSpan).length + 100;
    for (let maxBytes = least; maxBytes < span.length; maxBytes += 61) {
      const shrunk = exportOf(shrinkSpan(span, maxBytes)!);
      expect(encodeAgain(shrunk)).toHaveLength(shrunk.length);
    }
  });
});

describe('shrinkSpan, of bytes that are no span', () => {
  it.each([
    ['text', Buffer.from('no protobuf at all, but long enough')],
    ['zeros', new Uint8Array(100)],
    ['an endless varint', new Uint8Array(100).fill(0xff)],
    ['a group', Buffer.from([0x0b, ...new Uint8Array(99).fill(0x0c)])],
    ['a length beyond the end', Buffer.from([0x12, 0x7f, 0x00, 0x00])],
    ['a length beyond 32 bits', Buffer.from([0x12, 255, 255, 255, 255, 0x7f])],
  ])('returns nothing: %s', (_name, bytes) => {
    expect(shrinkSpan(bytes, 3)).toBeUndefined();
  });

  it('returns nothing for the beginning of a span', () => {
    const span = encode(
      withAttributes({ input: 'x'.repeat(300), tags: ['y'.repeat(50)] }),
    );
    for (let end = 201; end < span.length; end++) {
      expect(shrinkSpan(span.subarray(0, end), 200)).toBeUndefined();
    }
  });

  it('returns nothing for a span with a field that has no number', () => {
    const span = encode(withAttributes({ input: 'x'.repeat(300) }));
    const fieldZero = Buffer.from([0x02, 0x00]);
    expect(shrinkSpan(Buffer.concat([span, fieldZero]), 200)).toBeUndefined();
  });

  it('returns nothing for a span with a broken attribute', () => {
    const span = Buffer.from(
      encode(withAttributes({ key: 1, input: 'x'.repeat(300) })),
    );
    const keyLength = span.indexOf('key') - 1;
    expect(span[keyLength]).toBe(3);
    span[keyLength] = 100;
    expect(shrinkSpan(span, 200)).toBeUndefined();
  });

  it('never throws and never returns more than the limit', () => {
    const spoilt = fc
      .tuple(
        wireSpan,
        fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 4 }),
      )
      .map(([span, changes]) => {
        const bytes = Uint8Array.from(encode(span));
        for (const [at, byte] of changes) bytes[at % bytes.length] = byte;
        return bytes;
      });
    const bytes = fc.oneof(fc.uint8Array({ maxLength: 300 }), spoilt);
    fc.assert(
      fc.property(bytes, fc.nat(400), (garbage, maxBytes) => {
        const shrunk = shrinkSpan(garbage, maxBytes);
        expect(shrunk?.length ?? 0).toBeLessThanOrEqual(maxBytes);
      }),
      { numRuns: 2_000 },
    );
  });
});
