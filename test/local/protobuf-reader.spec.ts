import fc from 'fast-check';
import protobuf from 'protobufjs';
import { describe, expect, it } from 'vitest';
import { decodeExportRequest } from '../../lib/local/otlp-protobuf.js';
import { encode, ExportTraceServiceRequest } from './export-request.js';

const bytes = (length: number) =>
  fc
    .uint8Array({ minLength: length, maxLength: length })
    .map((array) => Buffer.from(array));
const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String);
const uint64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(String);
const uint32 = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const text = fc.string({ unit: 'grapheme' });

const { keyValue } = fc.letrec<{
  anyValue: object;
  keyValue: object;
}>((tie) => ({
  anyValue: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    fc.record({ stringValue: text }),
    fc.record({ boolValue: fc.boolean() }),
    fc.record({ intValue: int64 }),
    fc.record({ doubleValue: fc.double() }),
    fc.record({ bytesValue: bytes(3) }),
    fc.constant({}),
    fc.record({
      arrayValue: fc.record({
        values: fc.array(tie('anyValue'), { maxLength: 3 }),
      }),
    }),
    fc.record({
      kvlistValue: fc.record({
        values: fc.array(tie('keyValue'), { maxLength: 3 }),
      }),
    }),
  ),
  keyValue: fc.record(
    { key: text, value: tie('anyValue') },
    { requiredKeys: [] },
  ),
}));

const attributes = fc.array(keyValue, { maxLength: 4 });
const span = fc.record(
  {
    traceId: bytes(16),
    spanId: bytes(8),
    traceState: text,
    parentSpanId: bytes(8),
    name: text,
    kind: fc.integer({ min: 0, max: 5 }),
    startTimeUnixNano: uint64,
    endTimeUnixNano: uint64,
    attributes,
    droppedAttributesCount: uint32,
    events: fc.array(
      fc.record(
        {
          timeUnixNano: uint64,
          name: text,
          attributes,
          droppedAttributesCount: uint32,
        },
        { requiredKeys: [] },
      ),
      { maxLength: 2 },
    ),
    droppedEventsCount: uint32,
    links: fc.array(
      fc.record(
        {
          traceId: bytes(16),
          spanId: bytes(8),
          traceState: text,
          attributes,
          droppedAttributesCount: uint32,
          flags: uint32,
        },
        { requiredKeys: [] },
      ),
      { maxLength: 2 },
    ),
    droppedLinksCount: uint32,
    status: fc.record(
      { message: text, code: fc.integer({ min: 0, max: 2 }) },
      { requiredKeys: [] },
    ),
    flags: uint32,
  },
  { requiredKeys: [] },
);
const exportRequest = fc.record({
  resourceSpans: fc.array(
    fc.record(
      {
        resource: fc.record(
          { attributes, droppedAttributesCount: uint32 },
          { requiredKeys: [] },
        ),
        scopeSpans: fc.array(
          fc.record(
            {
              scope: fc.record(
                {
                  name: text,
                  version: text,
                  attributes,
                  droppedAttributesCount: uint32,
                },
                { requiredKeys: [] },
              ),
              spans: fc.array(span, { maxLength: 3 }),
              schemaUrl: text,
            },
            { requiredKeys: [] },
          ),
          { maxLength: 2 },
        ),
        schemaUrl: text,
      },
      { requiredKeys: [] },
    ),
    { maxLength: 2 },
  ),
});

/** As the server turns a request into an object, with buffers as bytes. */
function asServer(body: Buffer): unknown {
  return ExportTraceServiceRequest.toObject(
    ExportTraceServiceRequest.decode(body),
    { longs: String },
  );
}

function decoded(body: Buffer): unknown {
  const result = decodeExportRequest(body);
  if (!result.ok) {
    throw new Error(result.reason);
  }
  return result.request;
}

describe('decodeExportRequest', () => {
  it('reads every message as protobufjs reads it', () => {
    fc.assert(
      fc.property(exportRequest, (request) => {
        const body = encode(request);
        expect(decoded(body)).toEqual(asServer(body));
      }),
      { numRuns: 300 },
    );
  });

  it('takes any bytes without throwing', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (garbage) => {
        expect(decodeExportRequest(Buffer.from(garbage))).toHaveProperty('ok');
      }),
      { numRuns: 2000 },
    );
  });

  it('takes a message with flipped or missing bytes without throwing', () => {
    fc.assert(
      fc.property(
        exportRequest,
        fc.nat(),
        fc.integer({ min: 0, max: 255 }),
        fc.nat(),
        (request, at, byte, cut) => {
          const body = encode(request);
          fc.pre(body.length > 0);
          body[at % body.length] = byte;
          const part = body.subarray(0, body.length - (cut % body.length));
          expect(decodeExportRequest(part)).toHaveProperty('ok');
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('refuses a message that ends too early, wherever it is cut inside', () => {
    const body = encode({
      resourceSpans: [{ scopeSpans: [{ spans: [{ name: 'a span' }] }] }],
    });
    for (let length = 1; length < body.length; length += 1) {
      expect(decodeExportRequest(body.subarray(0, length)).ok).toBe(false);
    }
    expect(decodeExportRequest(body).ok).toBe(true);
  });

  it('steps over unknown fields of every wire type, groups included', () => {
    const unknown = protobuf.Writer.create();
    unknown.uint32((1000 << 3) | 0).uint32(7);
    unknown.uint32((1001 << 3) | 1).fixed64(7);
    unknown.uint32((1002 << 3) | 2).string('seven');
    unknown.uint32((1003 << 3) | 5).fixed32(7);
    unknown.uint32((1004 << 3) | 3);
    unknown.uint32((1005 << 3) | 3).uint32((1005 << 3) | 4);
    unknown.uint32((1 << 3) | 2).string('inside the group');
    unknown.uint32((1004 << 3) | 4);
    const known = encode({ resourceSpans: [{ schemaUrl: 'here' }] });
    expect(
      decoded(Buffer.concat([unknown.finish(), known, unknown.finish()])),
    ).toEqual({ resourceSpans: [{ schemaUrl: 'here' }] });
  });

  it('steps over a known field that has another wire type', () => {
    const number = protobuf.Writer.create()
      .uint32((1 << 3) | 0)
      .uint32(7);
    expect(decoded(Buffer.from(number.finish()))).toEqual({});
  });

  it.each([
    ['field number 0', [0x02, 0x00]],
    ['a wire type that does not exist', [0x0e]],
    ['the end of a group that was not open', [0x0c]],
    ['a group that never ends', [0x0b, 0x08, 0x01]],
    ['a number without an end', Array<number>(11).fill(0xff)],
    ['a length beyond the end', [0x0a, 0x05, 0x00]],
    ['a length beyond its message', [0x0a, 2, 0x1a, 3, 0x10, 0x80, 1]],
    ['an enormous length', [0x0a, ...Array<number>(9).fill(0xff), 0x01]],
    ['a tag beyond 32 bits', [0xff, 0xff, 0xff, 0xff, 0x7f, 0x00]],
  ])('refuses %s', (_, garbage) => {
    expect(decodeExportRequest(Buffer.from(garbage)).ok).toBe(false);
  });

  it('refuses values that nest deeper than protobuf allows', () => {
    const wrapped = (field: number, inner: Uint8Array): Uint8Array =>
      protobuf.Writer.create()
        .uint32((field << 3) | 2)
        .bytes(inner)
        .finish();
    const nestedTo = (depth: number): Buffer => {
      let value: Uint8Array = new Uint8Array();
      for (let level = 0; level < depth; level += 1) {
        const arrayValue = wrapped(1, value);
        value = wrapped(5, arrayValue);
      }
      const attribute = wrapped(2, value);
      const resource = wrapped(1, attribute);
      return Buffer.from(wrapped(1, wrapped(1, resource)));
    };
    expect(decodeExportRequest(nestedTo(40)).ok).toBe(true);
    expect(decodeExportRequest(nestedTo(60))).toEqual({
      ok: false,
      reason: 'nested deeper than 100',
    });
  });

  it('refuses groups that nest deeper than protobuf allows', () => {
    expect(decodeExportRequest(Buffer.alloc(5000, 0x0b))).toEqual({
      ok: false,
      reason: 'nested deeper than 100',
    });
  });
});
