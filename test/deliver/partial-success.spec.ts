import { describe, expect, it } from 'vitest';
import protobuf from 'protobufjs';
import { rejectedSpans } from '../../lib/deliver/partial-success.js';
import type { HttpAnswer } from '../../lib/deliver/http-client.js';

function answer(type: string, body: Uint8Array | string): HttpAnswer {
  const headers = { 'content-type': type };
  return { kind: 'answer', status: 200, headers, body: Buffer.from(body) };
}

/** `ExportTraceServiceResponse` with what the specification names. */
const { root } = protobuf.parse(`
  syntax = "proto3";
  message Partial { int64 rejected_spans = 1; string error_message = 2; }
  message Response { Partial partial_success = 1; string other = 15; }
`);
const Response = root.lookupType('Response');

function inProtobuf(message: object): number {
  const bytes = Response.encode(Response.create(message)).finish();
  return rejectedSpans(answer('application/x-protobuf', bytes));
}

function inJson(body: string): number {
  return rejectedSpans(answer('application/json', body));
}

describe('rejected spans in protobuf', () => {
  it.each([1, 127, 128, 255, 256, 16_383, 16_384, 2_000_000])(
    'are %i',
    (count) => {
      const partialSuccess = { rejectedSpans: count };
      expect(inProtobuf({ partialSuccess })).toBe(count);
    },
  );

  it.each([10, 123, 124, 125, 126, 127, 128, 300, 20_000])(
    'are found before a reason of %i bytes',
    (length) => {
      const errorMessage = 'x'.repeat(length);
      const partialSuccess = { rejectedSpans: 3, errorMessage };
      expect(inProtobuf({ partialSuccess })).toBe(3);
    },
  );

  it.each([
    [{}],
    [{ partialSuccess: {} }],
    [{ partialSuccess: { errorMessage: '\n\n\n' } }],
    [{ other: '\b\u0007' }],
    [{ partialSuccess: { rejectedSpans: -1 } }],
  ])('are none in %j', (message) => {
    expect(inProtobuf(message)).toBe(0);
  });

  it('are none in an answer that breaks off', () => {
    for (const bytes of [[0x0a], [0x0a, 2, 8], [0x0a, 3, 8, 0x80], [0x80]]) {
      const body = Uint8Array.from(bytes);
      expect(rejectedSpans(answer('application/x-protobuf', body))).toBe(0);
    }
  });
});

describe('rejected spans in JSON', () => {
  it.each([
    ['{"partialSuccess":{"rejectedSpans":"7"}}', 7],
    ['{"partialSuccess":{"rejectedSpans":7}}', 7],
    ['{"partialSuccess":{"rejectedSpans":1.5}}', 0],
    ['{"partialSuccess":{"rejectedSpans":-7}}', 0],
    ['{"partialSuccess":{"rejectedSpans":"many"}}', 0],
    ['{"partialSuccess":{}}', 0],
    ['{"partialSuccess":null}', 0],
    ['{}', 0],
    ['null', 0],
    ['ok', 0],
    ['', 0],
  ])('in %s are %i', (body, count) => {
    expect(inJson(body)).toBe(count);
  });
});
