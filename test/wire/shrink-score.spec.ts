import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  encodeScoreEvent,
  frameScores,
  type ScoreEvent,
  shrinkScore,
} from '../../lib/wire/index.js';
import { cutPairs, expectFairCuts, leastOf } from './cut-texts.js';
import { text } from './wire-span.arbitrary.js';

const score = {
  eventId: 'event-1',
  timestamp: '2026-11-23T10:00:00.000Z',
  id: 'score-1',
  name: 'helpfulness',
  dataType: 'NUMERIC',
  value: 0.1,
  traceId: '0af7651916cd43dd8448eb211c80319c',
  environment: 'production',
} as const satisfies ScoreEvent;

interface DecodedEvent {
  readonly body: Readonly<Record<string, unknown>>;
}

function decode(event: Uint8Array): DecodedEvent {
  return JSON.parse(
    new TextDecoder('utf-8', { fatal: true }).decode(event),
  ) as DecodedEvent;
}

/** Bytes of a text inside of an event. */
function jsonSize(value: string): number {
  return Buffer.byteLength(JSON.stringify(value)) - 2;
}

function leastText(value: string): string {
  return leastOf(value, jsonSize(value));
}

/** All strings in a value but its keys, in order. */
function textsOf(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null
    ? Object.values(value).flatMap(textsOf)
    : [];
}

function replaceTexts(
  value: unknown,
  replace: (text: string) => string,
): unknown {
  if (typeof value === 'string') return replace(value);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) {
    return value.map((entry) => replaceTexts(entry, replace));
  }
  return Object.fromEntries(
    Object.entries(value).map(([key, entry]) => [
      key,
      replaceTexts(entry, replace),
    ]),
  );
}

/** The event with other texts in its comment and its metadata. */
function replaceDetails(
  { comment, metadata, ...rest }: ScoreEvent,
  replace: (text: string) => string,
): ScoreEvent {
  return {
    ...rest,
    ...(comment !== undefined && { comment: replace(comment) }),
    ...(metadata !== undefined && {
      metadata: JSON.stringify(replaceTexts(JSON.parse(metadata), replace)),
    }),
  };
}

describe('shrinkScore', () => {
  it('returns an event that is short enough itself', () => {
    const event = encodeScoreEvent({ ...score, comment: 'c'.repeat(100) });
    expect(shrinkScore(event, event.length)).toBe(event);
    expect(shrinkScore(event, Number.POSITIVE_INFINITY)).toBe(event);
  });

  it('cuts the longest of comment and metadata to one length', () => {
    const event = encodeScoreEvent({
      ...score,
      comment: 'c'.repeat(100_000),
      metadata: JSON.stringify({
        ['k'.repeat(100)]: 'short',
        log: ['l'.repeat(50_000), 'm'.repeat(200)],
        tokens: 1.5,
      }),
    });
    const shrunk = shrinkScore(event, 2_683)!;
    expect(shrunk.length).toBe(2_683);
    const { body, ...envelope } = decode(event);
    expect(decode(shrunk)).toEqual({
      ...envelope,
      body: {
        ...body,
        comment: `${'c'.repeat(1_009)}… [Truncated: 1009 of 100000 bytes]`,
        metadata: {
          ['k'.repeat(100)]: 'short',
          log: [
            `${'l'.repeat(1_010)}… [Truncated: 1010 of 50000 bytes]`,
            'm'.repeat(200),
          ],
          tokens: 1.5,
        },
      },
    });
  });

  it('makes metadata of too many values a text', () => {
    const metadata = JSON.stringify({
      'a"b': Array.from({ length: 5_000 }, (_, index) => index),
    });
    const event = encodeScoreEvent({ ...score, comment: 'good', metadata });
    const shrunk = shrinkScore(event, 1_000)!;
    expect(shrunk.length).toBe(1_000);
    const { body } = decode(shrunk);
    expect(body).toMatchObject({
      ...decode(event).body,
      metadata: body['metadata'],
    });
    expect(body['metadata']).toMatch(
      /^\{"a\\"b":\[0,1,2,[\d,]+… +\[Truncated: \d+ of \d+ bytes\]$/u,
    );
  });

  it.each(['CATEGORICAL', 'CORRECTION'] as const)(
    'cuts the value of a %s score last',
    (dataType) => {
      const value = 'v'.repeat(10_000);
      const comment = 'c'.repeat(10_000);
      const metadata = JSON.stringify({ log: 'l'.repeat(10_000) });
      const event = encodeScoreEvent({
        ...score,
        dataType,
        value,
        comment,
        metadata,
      });
      const least = '… [Truncated: 0 of 10000 bytes]';
      const details = decode(shrinkScore(event, 11_000)!).body;
      expect(details['value']).toBe(value);
      expect(details['comment']).toMatch(/^c+… \[/);

      const shrunk = shrinkScore(event, 5_000)!;
      expect(shrunk.length).toBe(5_000);
      expect(decode(shrunk).body).toMatchObject({
        dataType,
        value: expect.stringMatching(
          /^v{4,}… \[Truncated: \d{4} of 10000 bytes\]$/u,
        ),
        comment: least,
        metadata: expect.stringMatching(/^… \[Truncated: 0 of \d+ bytes\]$/u),
      });
    },
  );

  it('gives up an event that is too long without its texts', () => {
    const long = 'n'.repeat(5_000);
    const comment = 'c'.repeat(1_000);
    for (const event of [
      { ...score, comment, name: long },
      { ...score, comment, dataType: 'TEXT', value: long },
      { ...score, comment, queueId: long },
    ] as const) {
      expect(shrinkScore(encodeScoreEvent(event), 5_000)).toBeUndefined();
    }
    const event = encodeScoreEvent({ ...score, comment });
    const least = encodeScoreEvent({ ...score, comment: leastText(comment) });
    expect(shrinkScore(event, least.length)).toEqual(least);
    expect(shrinkScore(event, least.length - 1)).toBeUndefined();
    expect(shrinkScore(event, Number.NaN)).toBeUndefined();
  });

  it('leaves small metadata as it is when only the value is too long', () => {
    const event = encodeScoreEvent({
      ...score,
      dataType: 'CATEGORICAL',
      value: 'v'.repeat(5_000),
      metadata: '{"by":"me","n":[1,2,3,4]}',
    });
    const { body } = decode(shrinkScore(event, 1_000)!);
    expect(body['metadata']).toEqual({ by: 'me', n: [1, 2, 3, 4] });
  });

  it('cuts metadata that is a text like a comment', () => {
    const event = encodeScoreEvent({
      ...score,
      dataType: 'CATEGORICAL',
      value: 'v'.repeat(5_000),
      metadata: 'm'.repeat(5_000),
    });
    expect(decode(shrinkScore(event, 7_000)!).body['metadata']).toMatch(
      /^m+… \[Truncated: \d+ of 5000 bytes\]$/u,
    );
    expect(decode(shrinkScore(event, 2_000)!).body['metadata']).toBe(
      '… [Truncated: 0 of 5000 bytes]',
    );
  });

  it('takes no text for the structure of the event', () => {
    const brackets = '"}]}},{[":\\';
    const event = encodeScoreEvent({
      ...score,
      name: brackets,
      comment: brackets,
      metadata: JSON.stringify({ [brackets]: [brackets, 'l'.repeat(1_000)] }),
    });
    expect(decode(shrinkScore(event, 600)!).body).toMatchObject({
      ...decode(event).body,
      metadata: {
        [brackets]: [brackets, expect.stringMatching(/^l+… \[Truncated: /u)],
      },
    });
  });

  it('finds its texts whatever their order and the space between', () => {
    const texts = { metadata: ['m'.repeat(500)], comment: 'c'.repeat(500) };
    const json = JSON.stringify(
      { body: { ...texts, id: '1' }, id: '2' },
      null,
      2,
    );
    const shrunk = shrinkScore(Buffer.from(json), 300)!;
    expect(shrunk.length).toBeLessThanOrEqual(300);
    expect(decode(shrunk)).toEqual({
      body: {
        metadata: [expect.stringMatching(/^m+… \[Truncated: /u)],
        comment: expect.stringMatching(/^c+… \[Truncated: /u),
        id: '1',
      },
      id: '2',
    });
  });

  it('splits no character and no escape', () => {
    const unit = String.raw`\"` + '\n\u0001é漢😀/';
    const event = encodeScoreEvent({ ...score, comment: unit.repeat(50) });
    const least = encodeScoreEvent(score).length + 60;
    for (let maxBytes = least; maxBytes < event.length; maxBytes++) {
      const shrunk = shrinkScore(event, maxBytes)!;
      expect(shrunk.length).toBe(maxBytes);
      const before = decode(event).body['comment'] as string;
      const after = decode(shrunk).body['comment'] as string;
      const pairs = cutPairs([before], [after], jsonSize);
      expectFairCuts(pairs, shrunk.length, maxBytes, jsonSize);
    }
  });

  it('shrinks metadata that is nested deeper than the stack', () => {
    const depth = 200_000;
    const json = (metadata: string) =>
      Buffer.from(
        Buffer.from(encodeScoreEvent({ ...score, metadata: '"here"' }))
          .toString()
          .replace('"here"', metadata),
      );
    const comment = 'c'.repeat(1_000);
    const nested = '['.repeat(depth) + `"${comment}"` + ']'.repeat(depth);
    const shrunk = Buffer.from(shrinkScore(json(nested), 2 * depth + 500)!);
    expect(shrunk.includes('[[["ccc')).toBe(true);
    expect(shrunk.includes('… [Truncated: ')).toBe(true);
    expect(shrinkScore(json(nested), 1_000)).toHaveLength(1_000);
  });

  it('does for any texts and limit what it says', () => {
    const anyText = fc.oneof(
      // A lone surrogate is six bytes before and three when encoded again.
      text.map((value) => Buffer.from(value).toString()),
      fc.string({ unit: fc.constantFrom('"', '\\', '\n', 'u', '\0', 'é') }),
      fc.string({ unit: fc.constantFrom('\\', 'a', '😀'), minLength: 60 }),
    );
    const metadata = fc.oneof(
      anyText,
      fc.array(anyText),
      fc.dictionary(anyText, fc.oneof(anyText, fc.array(fc.double()))),
      fc.jsonValue({ stringUnit: 'binary' }),
    );
    const details = fc.record({ comment: anyText, metadata, name: anyText });
    fc.assert(
      fc.property(details, fc.nat(1_000), (given, permille) => {
        const event: ScoreEvent = {
          ...score,
          ...given,
          metadata: JSON.stringify(given.metadata),
        };
        const before = encodeScoreEvent(event);
        const least = encodeScoreEvent(replaceDetails(event, leastText)).length;
        if (least === before.length) return;
        const room = before.length - least;
        const maxBytes = least + Math.floor((permille * (room - 1)) / 1_000);

        const after = shrinkScore(before, maxBytes)!;

        const { body } = decode(after);
        const texts = textsOf([body['comment'], body['metadata']]);
        const pairs = cutPairs(
          textsOf([given.comment, given.metadata]),
          texts,
          jsonSize,
        );
        expectFairCuts(pairs, after.length, maxBytes, jsonSize);

        // Nothing but those texts has changed.
        let next = 0;
        const expected = encodeScoreEvent(
          replaceDetails(event, () => texts[next++]!),
        );
        expect(Buffer.compare(after, expected)).toBe(0);
      }),
      { numRuns: 1_000 },
    );
  });

  it('takes a lone surrogate for the escape that it is in the event', () => {
    const comment = '\ud800'.repeat(100);
    const event = encodeScoreEvent({ ...score, comment });
    const shrunk = shrinkScore(event, event.length - 1)!;
    expect(decode(shrunk).body['comment']).toMatch(
      /^\ufffd+… +\[Truncated: \d+ of 600 bytes\]$/u,
    );
  });

  it('keeps the frame of a batch intact', () => {
    const event = encodeScoreEvent({ ...score, comment: '"'.repeat(1_000) });
    const batch = frameScores([shrinkScore(event, 600)!, event]);
    expect(JSON.parse(Buffer.concat(batch).toString())).toMatchObject({
      batch: [{ body: { id: 'score-1' } }, decode(event)],
    });
  });
});

describe('shrinkScore, of bytes that are no event', () => {
  it.each([
    ['no JSON', 'not JSON, but long enough'],
    ['half of an event', '{"id":"1","body":{"comment":"cccccccccccccccc'],
    ['a list', `["${'c'.repeat(100)}"]`],
    ['a text', `"${'c'.repeat(100)}"`],
    ['a body that is a text', `{"body":"${'c'.repeat(100)}"}`],
    ['a body of something else', `{"body":{"x":"${'c'.repeat(100)}"}}`],
    ['an empty body', `{"x":"${'c'.repeat(100)}","body":{}}`],
  ])('returns nothing: %s', (_name, json) => {
    expect(shrinkScore(Buffer.from(json), 20)).toBeUndefined();
  });

  it('returns nothing for what is no UTF-8', () => {
    const event = Buffer.from(
      encodeScoreEvent({ ...score, comment: 'c'.repeat(500) }),
    );
    event[event.indexOf('ccc')] = 0xff;
    expect(shrinkScore(event, 400)).toBeUndefined();
  });

  it('never throws and never returns more than the limit', () => {
    const event = Buffer.from(
      encodeScoreEvent({
        ...score,
        comment: '"\\é'.repeat(60),
        metadata: '{"a":["b",{"c":"d"}]}',
      }),
    );
    const spoilt = fc
      .array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 3 })
      .map((changes) => {
        const bytes = Uint8Array.from(event);
        for (const [at, byte] of changes) bytes[at % bytes.length] = byte;
        return bytes;
      });
    const json = fc.json().map((value) => Buffer.from(value));
    const bytes = fc.oneof(fc.uint8Array({ maxLength: 300 }), json, spoilt);
    fc.assert(
      fc.property(bytes, fc.nat(700), (garbage, maxBytes) => {
        const shrunk = shrinkScore(garbage, maxBytes);
        expect(shrunk?.length ?? 0).toBeLessThanOrEqual(maxBytes);
        if (shrunk !== undefined && shrunk !== garbage) decode(shrunk);
      }),
      { numRuns: 2_000 },
    );
  });
});
