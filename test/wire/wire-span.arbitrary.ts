/** Spans of every shape that both our encoder and OpenTelemetry's can say. */
import fc from 'fast-check';
import {
  JsonParts,
  TEXT_FOLLOWS,
  type WireAttributes,
  type WireAttributeValue,
  type WireEvent,
  WireId,
  type WireLink,
  type WireSpan,
  type WireTime,
} from '../../lib/wire/index.js';

/** Lengths at which a length prefix grows, in bytes of UTF-8. */
const BOUNDARIES = [24, 25, 42, 127, 128, 16_383, 16_384];

/** ASCII, two, three and four bytes a character, and a lone surrogate. */
const ALPHABET = ['a', 'é', '漢', '😀', '\ud800', '\udc00'];

const anyText = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: 'binary' }),
  fc.string({ unit: fc.constantFrom(...ALPHABET), maxLength: 60 }),
);

const boundaryText = fc
  .tuple(
    fc.constantFrom(...BOUNDARIES),
    fc.constantFrom(...ALPHABET),
    fc.integer({ min: -8, max: 2 }),
  )
  .map(([bytes, character, difference]) => {
    const each = Buffer.byteLength(character);
    const count = Math.floor(bytes / each) + difference;
    return character.repeat(Math.max(0, count));
  });

export const text = fc.oneof(
  { weight: 6, arbitrary: anyText },
  { weight: 1, arbitrary: boundaryText },
);

const number = fc.oneof(
  fc.maxSafeInteger(),
  fc.integer({ min: -200, max: 200 }),
  fc
    .double({ noNaN: true, noDefaultInfinity: true })
    // Beyond safe integers the two encoders differ on purpose.
    .filter((value) => !Number.isInteger(value) || Number.isSafeInteger(value)),
);

const json = text.map((quoted) => new JsonParts([TEXT_FOLLOWS, quoted]));

const value: fc.Arbitrary<WireAttributeValue> = fc.oneof(
  text,
  json,
  number,
  fc.boolean(),
  fc.array(text, { minLength: 1, maxLength: 5 }),
  fc.array(number, { minLength: 1, maxLength: 20 }),
  fc.array(fc.boolean(), { minLength: 1, maxLength: 200 }),
);

export const attributes: fc.Arbitrary<WireAttributes> = fc
  .array(fc.tuple(text, value), { maxLength: 12 })
  .map((entries) => new Map(entries));

const time: fc.Arbitrary<WireTime> = fc.tuple(
  fc.oneof(
    fc.integer({ min: 0, max: 2 ** 31 }),
    // The last second whose nanoseconds fit into 64 bits.
    fc.integer({ min: 0, max: 18_446_744_072 }),
  ),
  fc.integer({ min: 0, max: 999_999_999 }),
);

function hex(digits: number): fc.Arbitrary<string> {
  const unit = fc.constantFrom(...'0123456789abcdef');
  return fc.string({ unit, minLength: digits, maxLength: digits });
}

const count = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 2 ** 31 }));
const traceFlags = fc.integer({ min: 0, max: 255 });
const traceState = fc.option(fc.constantFrom('vendor=1', 'a=b,c=d'), {
  nil: undefined,
});

const event: fc.Arbitrary<WireEvent> = fc.record({
  name: text,
  time,
  attributes,
  droppedAttributesCount: count,
});

const link: fc.Arbitrary<WireLink> = fc.record({
  traceId: hex(32),
  spanId: hex(16),
  traceFlags,
  traceState,
  isRemote: fc.boolean(),
  attributes,
  droppedAttributesCount: count,
});

export const wireSpan: fc.Arbitrary<WireSpan> = fc
  .record({
    traceId: hex(32),
    spanId: hex(16),
    parentSpanId: fc.option(hex(16), { nil: undefined }),
    parentIsRemote: fc.boolean(),
    traceFlags,
    traceState,
    name: text,
    kind: fc.integer({ min: 0, max: 4 }),
    startTime: time,
    endTime: time,
    attributes,
    sharedAttributes: fc.constant(new Uint8Array(0)),
    droppedAttributesCount: count,
    events: fc.array(event, { maxLength: 3 }),
    droppedEventsCount: count,
    links: fc.array(link, { maxLength: 3 }),
    droppedLinksCount: count,
    statusCode: fc.integer({ min: 0, max: 2 }),
    statusMessage: fc.option(text, { nil: undefined }),
  })
  // Only a parent can be remote.
  .map((span) => ({
    ...span,
    parentIsRemote: span.parentIsRemote && span.parentSpanId !== undefined,
  }))
  .chain((span) => fc.constantFrom(span, { ...span, ids: idsOf(span) }));

/** Some ids are at hand as bytes, others only as digits. */
function idsOf({ traceId, spanId, parentSpanId }: Omit<WireSpan, 'ids'>) {
  const bytes = Buffer.from(spanId, 'hex');
  return {
    trace: WireId.ofHex(traceId),
    span: WireId.ofBytes(bytes, 0, bytes.length),
    parent: parentSpanId === undefined ? undefined : WireId.ofHex(parentSpanId),
  };
}
