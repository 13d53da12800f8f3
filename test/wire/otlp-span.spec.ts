import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type BatchOrigin,
  encodeAttributes,
  encodeBatchFrame,
  frameSpans,
  SpanEncoder,
  type WireAttributes,
  type WireAttributeValue,
  type WireSpan,
  type WireTime,
} from '../../lib/wire/index.js';
import {
  attributesOf,
  decodeExport,
  encodeAgain,
  type OtlpRequest,
  type OtlpSpan,
  spansOf,
} from '../support/otlp.js';
import { serializeWithOtel } from './otel-oracle.js';
import { wireSpan } from './wire-span.arbitrary.js';

const origin: BatchOrigin = {
  resource: new Map<string, WireAttributeValue>([
    ['service.name', 'shop'],
    ['process.pid', 4711],
  ]),
  scope: { name: 'langfuse-sdk/test', version: '1.2.3' },
};

const bareSpan: WireSpan = {
  traceId: '0af7651916cd43dd8448eb211c80319c',
  spanId: 'b7ad6b7169203331',
  parentSpanId: undefined,
  parentIsRemote: false,
  traceFlags: 1,
  traceState: undefined,
  name: 'answer',
  kind: 0,
  startTime: [1_795_416_813, 519_000_001],
  endTime: [1_795_416_814, 0],
  attributes: new Map(),
  sharedAttributes: new Uint8Array(0),
  droppedAttributesCount: 0,
  events: [],
  droppedEventsCount: 0,
  links: [],
  droppedLinksCount: 0,
  statusCode: 0,
  statusMessage: undefined,
};

function exportOf(spans: readonly WireSpan[]): Uint8Array {
  const encoder = new SpanEncoder();
  const encoded = spans.map((span) => encoder.encode(span));
  return Buffer.concat(frameSpans(encodeBatchFrame(origin), encoded));
}

function roundTrip(span: WireSpan): OtlpSpan {
  return spansOf(decodeExport(exportOf([span])))[0]!;
}

function attributesAfter(
  entries: Iterable<readonly [string, unknown]>,
): Record<string, unknown> {
  const attributes = new Map(entries) as ReadonlyMap<
    string,
    WireAttributeValue
  >;
  return attributesOf(roundTrip({ ...bareSpan, attributes }).attributes);
}

/** Fields that protobufjs would not write, since their value is the default. */
function withoutDefaults(span: WireSpan): WireSpan {
  const named = <T extends { name: string }>(owner: T): T => ({
    ...owner,
    name: owner.name || 'name',
  });
  const keyed = <T extends { attributes: WireAttributes }>(owner: T): T => ({
    ...owner,
    attributes: new Map(
      [...owner.attributes].map(([key, value]) => [key || 'key', value]),
    ),
  });
  const later = ([seconds, nanos]: WireTime): WireTime => [seconds + 1, nanos];
  return {
    ...named(keyed(span)),
    startTime: later(span.startTime),
    endTime: later(span.endTime),
    links: span.links.map(keyed),
    events: span.events.map((event) => ({
      ...named(keyed(event)),
      time: later(event.time),
    })),
  };
}

/** A plain object, as OpenTelemetry has it, puts keys such as "1" first. */
function sortAttributes(request: OtlpRequest): OtlpRequest {
  for (const span of spansOf(request)) {
    for (const owner of [span, ...span.events, ...span.links]) {
      owner.attributes.sort((a, b) =>
        a.key < b.key ? -1 : Number(a.key > b.key),
      );
    }
  }
  return request;
}

describe('SpanEncoder', () => {
  it('writes every field of a span', () => {
    const span = roundTrip({
      ...bareSpan,
      parentSpanId: '00f067aa0ba902b7',
      parentIsRemote: true,
      traceState: 'vendor=1',
      kind: 2,
      attributes: new Map<string, WireAttributeValue>([
        ['text', 'né 😀'],
        ['empty', ''],
        ['yes', true],
        ['no', false],
        ['count', 7],
        ['negative', -7],
        ['largest', Number.MAX_SAFE_INTEGER],
        ['smallest', Number.MIN_SAFE_INTEGER],
        ['zero', 0],
        ['ratio', 0.25],
        ['tags', ['a', 'b']],
        ['scores', [1, -0.5]],
        ['flags', [true, false]],
      ]),
      droppedAttributesCount: 3,
      events: [
        {
          name: 'exception',
          time: [1_795_416_813, 7],
          attributes: new Map([['exception.type', 'TypeError']]),
          droppedAttributesCount: 4,
        },
      ],
      droppedEventsCount: 5,
      links: [
        {
          traceId: 'ffffffffffffffffffffffffffffffff',
          spanId: 'eeeeeeeeeeeeeeee',
          traceFlags: 0,
          traceState: 'a=b',
          isRemote: true,
          attributes: new Map([['link', 'yes']]),
          droppedAttributesCount: 6,
        },
      ],
      droppedLinksCount: 128,
      statusCode: 2,
      statusMessage: 'broken',
    });
    const { attributes, events, links, ...fields } = span;

    expect(fields).toEqual({
      traceId: '0af7651916cd43dd8448eb211c80319c',
      spanId: 'b7ad6b7169203331',
      parentSpanId: '00f067aa0ba902b7',
      traceState: 'vendor=1',
      flags: 0x301,
      name: 'answer',
      kind: 3,
      startTimeUnixNano: '1795416813519000001',
      endTimeUnixNano: '1795416814000000000',
      droppedAttributesCount: 3,
      droppedEventsCount: 5,
      droppedLinksCount: 128,
      status: { message: 'broken', code: 2 },
    });
    expect(attributesOf(attributes)).toEqual({
      text: 'né 😀',
      empty: '',
      yes: true,
      no: false,
      count: 7n,
      negative: -7n,
      largest: 9007199254740991n,
      smallest: -9007199254740991n,
      zero: 0n,
      ratio: 0.25,
      tags: ['a', 'b'],
      scores: [1n, -0.5],
      flags: [true, false],
    });
    expect(events).toHaveLength(1);
    expect(events[0]).toMatchObject({
      name: 'exception',
      timeUnixNano: '1795416813000000007',
      droppedAttributesCount: 4,
    });
    expect(attributesOf(events[0]!.attributes)).toEqual({
      'exception.type': 'TypeError',
    });
    expect(links).toHaveLength(1);
    expect(links[0]).toMatchObject({
      traceId: 'ffffffffffffffffffffffffffffffff',
      spanId: 'eeeeeeeeeeeeeeee',
      traceState: 'a=b',
      flags: 0x300,
      droppedAttributesCount: 6,
    });
    expect(attributesOf(links[0]!.attributes)).toEqual({ link: 'yes' });
  });

  it('decodes to what OpenTelemetry makes of the same spans', () => {
    fc.assert(
      fc.property(
        fc.array(wireSpan, { minLength: 1, maxLength: 4 }),
        (spans) => {
          const ours = decodeExport(exportOf(spans));
          const theirs = decodeExport(serializeWithOtel(origin, spans));
          expect(sortAttributes(ours)).toEqual(sortAttributes(theirs));
        },
      ),
      { numRuns: 300 },
    );
  });

  it('writes the shortest prefixes, with fields in the order of numbers', () => {
    fc.assert(
      fc.property(wireSpan.map(withoutDefaults), (span) => {
        const bytes = exportOf([span]);
        expect(Buffer.compare(bytes, encodeAgain(bytes))).toBe(0);
      }),
      { numRuns: 300 },
    );
  });

  it.each([
    ['ASCII', 'a', 1],
    ['two bytes a character', 'é', 2],
    ['three bytes a character', '漢', 3],
    ['four bytes a character', '😀', 4],
  ])('holds texts whose length prefix just grows: %s', (_, character, each) => {
    for (const boundary of [127, 128, 16_383, 16_384, 2_097_151, 2_097_152]) {
      for (const shift of [-64, -48, -32, -16, -8, -4, -3, -2, -1, 0, 1]) {
        const count = Math.floor(boundary / each) + shift;
        const text = character.repeat(Math.max(0, count));
        const bytes = exportOf([
          { ...bareSpan, attributes: new Map([['input', text]]) },
        ]);
        const [span] = spansOf(decodeExport(bytes));
        expect(attributesOf(span!.attributes)['input'] === text).toBe(true);
        expect(Buffer.compare(bytes, encodeAgain(bytes))).toBe(0);
      }
    }
  });

  it('writes lone surrogates as U+FFFD', () => {
    expect(
      attributesAfter([
        ['short', 'a\ud800b'],
        ['long', `${'x'.repeat(100)}\udc00`],
        ['pair', '\ud83d\ude00'],
      ]),
    ).toEqual({
      short: 'a\ufffdb',
      long: `${'x'.repeat(100)}\ufffd`,
      pair: '😀',
    });
  });

  it('writes numbers that JSON does not have as text', () => {
    expect(
      attributesAfter([
        ['nan', Number.NaN],
        ['up', Number.POSITIVE_INFINITY],
        ['down', Number.NEGATIVE_INFINITY],
        ['list', [1.5, Number.NaN]],
      ]),
    ).toEqual({
      nan: 'NaN',
      up: 'Infinity',
      down: '-Infinity',
      list: [1.5, 'NaN'],
    });
  });

  it('writes integers that are not safe as doubles', () => {
    expect(
      attributesAfter([
        ['above', 2 ** 53],
        ['below', -(2 ** 53)],
        ['huge', 1e300],
      ]),
    ).toEqual({ above: 2 ** 53, below: -(2 ** 53), huge: 1e300 });
  });

  it('leaves out whatever would have no value, and keeps its neighbours', () => {
    const sparse: unknown[] = ['a'];
    sparse[2] = 'c';
    expect(
      attributesAfter([
        ['before', 1],
        ['undefined', undefined],
        ['null', null],
        ['empty', []],
        ['nothing', [null, undefined]],
        ['object', { a: 1 }],
        ['nested', [['a']]],
        ['bytes', new Uint8Array(3)],
        ['date', new Date(0)],
        ['bigint', 1n],
        ['symbol', Symbol('s')],
        ['function', () => 1],
        ['some', ['a', null, undefined, {}, 'b']],
        ['sparse', sparse],
        ['after', 2],
      ]),
    ).toEqual({ before: 1n, some: ['a', 'b'], sparse: ['a', 'c'], after: 2n });
  });

  it('puts shared attributes beside those of the span', () => {
    const sharedAttributes = encodeAttributes(
      new Map<string, WireAttributeValue>([
        ['user.id', 'u1'],
        ['langfuse.trace.tags', ['a']],
        ['none', []],
      ]),
    );
    const attributes = new Map([['input', 'hello']]);
    const span = roundTrip({ ...bareSpan, sharedAttributes, attributes });
    expect(attributesOf(span.attributes)).toEqual({
      'user.id': 'u1',
      'langfuse.trace.tags': ['a'],
      input: 'hello',
    });
  });

  it('writes ids of 16 and 8 bytes, whatever it is given', () => {
    const span = roundTrip({
      ...bareSpan,
      traceId: 'ABC',
      spanId: 'f'.repeat(40),
    });
    expect(span.traceId).toBe(`abc${'0'.repeat(29)}`);
    expect(span.spanId).toBe('f'.repeat(16));
  });

  it.each([
    ['before the epoch', [-1, 0]],
    ['no number', [Number.NaN, 0]],
  ] as const)('writes a time that is %s as the epoch', (_, startTime) => {
    expect(roundTrip({ ...bareSpan, startTime }).startTimeUnixNano).toBe('0');
  });

  it('goes on after a span that it could not encode', () => {
    const encoder = new SpanEncoder();
    const first = encoder.encode(bareSpan);
    const broken = { ...bareSpan, endTime: undefined } as unknown as WireSpan;
    expect(() => encoder.encode(broken)).toThrow(TypeError);
    const second = encoder.encode({ ...bareSpan, name: 'second' });
    const body = frameSpans(encodeBatchFrame(origin), [first, second]);
    const spans = spansOf(decodeExport(Buffer.concat(body)));
    expect(spans.map(({ name }) => name)).toEqual(['answer', 'second']);
  });

  it('remembers only so many keys, and writes the others all the same', () => {
    const keys = Array.from({ length: 2000 }, (_, i) => `bound.key.${i}`);
    keys.push('k'.repeat(20_000), '');
    const entries = keys.map((key) => [key, key] as const);
    for (let round = 0; round < 2; round++) {
      expect(attributesAfter(entries)).toEqual(Object.fromEntries(entries));
    }
  });
});
