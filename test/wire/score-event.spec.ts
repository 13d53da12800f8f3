import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  encodeScoreEvent,
  frameScores,
  type ScoreEvent,
} from '../../lib/wire/index.js';
import { text } from './wire-span.arbitrary.js';

const score: ScoreEvent = {
  eventId: 'event-1',
  timestamp: '2026-11-23T10:00:00.000Z',
  id: 'score-1',
  name: 'helpfulness',
  dataType: 'NUMERIC',
  value: 0.5,
  traceId: '0af7651916cd43dd8448eb211c80319c',
};

function decode(event: ScoreEvent): Record<string, unknown> {
  return JSON.parse(
    new TextDecoder('utf-8', { fatal: true }).decode(encodeScoreEvent(event)),
  ) as Record<string, unknown>;
}

/** What has no lone surrogates any more. */
function wellFormed(value: string): string {
  return Buffer.from(value).toString();
}

describe('encodeScoreEvent', () => {
  it('writes a score with all its fields', () => {
    expect(
      decode({
        ...score,
        observationId: 'b7ad6b7169203331',
        comment: 'good',
        metadata: '{"by":{"id":7}}',
        environment: 'production',
        configId: 'config-1',
        queueId: 'queue-1',
      }),
    ).toEqual({
      id: 'event-1',
      type: 'score-create',
      timestamp: '2026-11-23T10:00:00.000Z',
      body: {
        id: 'score-1',
        name: 'helpfulness',
        dataType: 'NUMERIC',
        value: 0.5,
        traceId: '0af7651916cd43dd8448eb211c80319c',
        observationId: 'b7ad6b7169203331',
        comment: 'good',
        metadata: { by: { id: 7 } },
        environment: 'production',
        configId: 'config-1',
        queueId: 'queue-1',
      },
    });
  });

  it('writes nothing that was not given or that a score has not', () => {
    const untyped = {
      ...score,
      comment: null,
      sessionId: undefined,
      source: 'ANNOTATION',
      unknown: 1n,
    };
    expect(decode(untyped as unknown as ScoreEvent)['body']).toEqual({
      id: 'score-1',
      name: 'helpfulness',
      dataType: 'NUMERIC',
      value: 0.5,
      traceId: '0af7651916cd43dd8448eb211c80319c',
    });
  });

  it.each([0, 1] as const)('keeps the boolean %d', (value) => {
    expect(decode({ ...score, dataType: 'BOOLEAN', value })['body']).toEqual(
      expect.objectContaining({ dataType: 'BOOLEAN', value }),
    );
  });

  it.each([
    ['null', null],
    ['[1,{"a":"b"}]', [1, { a: 'b' }]],
    ['"text"', 'text'],
    ['not JSON', 'not JSON'],
    ['{"cut":', '{"cut":'],
    ['', ''],
    ['},{"type":"trace-create"', '},{"type":"trace-create"'],
  ])('keeps the metadata %s apart from the event', (metadata, expected) => {
    expect(decode({ ...score, metadata })['body']).toMatchObject({
      id: 'score-1',
      metadata: expected,
    });
  });

  it('keeps metadata that is nested too deep to read as a text', () => {
    const metadata = '['.repeat(200_000) + ']'.repeat(200_000);
    const body = decode({ ...score, metadata })['body'];
    expect((body as { metadata: unknown }).metadata === metadata).toBe(true);
  });

  it('is valid UTF-8 and JSON, whatever the texts', () => {
    const keys = fc.constantFrom('name', 'comment', 'sessionId');
    fc.assert(
      fc.property(text, text, keys, (value, inside, key) => {
        const event = decode({
          ...score,
          dataType: 'CATEGORICAL',
          value,
          metadata: JSON.stringify({ [inside]: inside }),
          [key]: value,
        } as ScoreEvent);
        expect(event['body']).toMatchObject({
          value: wellFormed(value),
          [key]: wellFormed(value),
          metadata: { [wellFormed(inside)]: wellFormed(inside) },
        });
      }),
    );
  });

  it('tells a lone surrogate from a text that looks like one', () => {
    const value = String.raw`\ud800 \\ud800 ` + '\ud800\ud801';
    expect(
      decode({ ...score, dataType: 'CATEGORICAL', value })['body'],
    ).toMatchObject({
      value: String.raw`\ud800 \\ud800 ` + '\ufffd\ufffd',
    });
  });
});

describe('frameScores', () => {
  it('makes one request of the events, in order', () => {
    fc.assert(
      fc.property(fc.array(text, { maxLength: 5 }), (names) => {
        const events = names.map((name) => ({ ...score, name }));
        const chunks = frameScores(events.map(encodeScoreEvent));
        const body: unknown = JSON.parse(Buffer.concat(chunks).toString());
        expect(body).toEqual({ batch: events.map(decode) });
      }),
    );
  });
});
