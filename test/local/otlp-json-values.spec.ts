import { describe, expect, it } from 'vitest';
import type { LocalObservation } from '../../lib/local/index.js';
import { TRACE_ID } from './export-request.js';
import {
  expectUnharmed,
  jsonExport,
  jsonSpan,
  useFreshReceiver,
} from './json-export.js';
import { postJsonTraces } from './local-client.js';

const fresh = useFreshReceiver();

async function received(fields: object): Promise<LocalObservation> {
  const body = jsonExport([jsonSpan(fields)]);
  expect(await postJsonTraces(fresh.local, body)).toMatchObject({
    status: 200,
  });
  return fresh.local.observations().at(-1)!;
}

/** What becomes of a value: user ids keep strings and write the rest as JSON. */
async function stored(value: unknown): Promise<string | null> {
  const attributes = [{ key: 'langfuse.user.id', value }];
  return (await received({ attributes })).userId;
}

describe('ids', () => {
  it.each([
    ['lower-case hex', TRACE_ID],
    ['upper-case hex', TRACE_ID.toUpperCase()],
    ['a UUID', '0af76519-16cd-43dd-8448-eb211c80319c'],
    ['base64', 'CvdlGRbNQ92ESOshHIAxnA=='],
    ['words', 'my trace'],
    ['nothing at all', ''],
  ])('are kept when they are %s', async (_, id) => {
    expect(await received({ traceId: id, spanId: id })).toMatchObject({
      traceId: id,
      id,
    });
  });

  it('are hex when they came as bytes', async () => {
    const bytes = [...Buffer.from(TRACE_ID, 'hex')];
    const observation = await received({
      traceId: bytes,
      spanId: { type: 'Buffer', data: [0, 255, 16] },
      parentSpanId: ['7', 256, {}, { valueOf: 1, toString: 1 }, null],
    });
    expect(observation).toMatchObject({
      traceId: TRACE_ID,
      id: '00ff10',
      parentObservationId: '0700000000',
    });
  });

  it.each([[''], [null], [0], [false], [undefined]])(
    'make a root of the parent %j',
    async (parentSpanId) => {
      expect(await received({ parentSpanId })).toMatchObject({
        parentObservationId: null,
        isRootObservation: true,
      });
    },
  );
});

describe('times', () => {
  it.each([
    ['a decimal string', '1795424400123999999'],
    ['a number', 1_795_424_400_123_456_800],
    ['halves', { high: 418_029_818, low: -1_233_799_425 }],
    ['unsigned halves', { high: 418_029_818, low: 3_061_167_871 }],
  ])('are cut to milliseconds when they are %s', async (_, unixNano) => {
    const { startTime, endTime } = await received({
      startTimeUnixNano: unixNano,
      endTimeUnixNano: unixNano,
    });
    expect(startTime).toBe('2026-11-23T09:00:00.123Z');
    expect(endTime).toBe('2026-11-23T09:00:00.123Z');
  });

  it.each([
    ['absent', undefined],
    ['null', null],
    ['empty', ' '],
    ['a word', 'now'],
    ['an ISO date', '2026-11-23T09:00:00.123Z'],
    ['too large', '9'.repeat(30)],
    ['endless', `${'0'.repeat(1_000_000)}1795424400456000000`],
    ['an object', {}],
    ['halves of words', { high: 'a', low: 'b' }],
    ['a fraction', { high: 0.5, low: 1 }],
    ['a list', [1]],
    ['true', true],
  ])('are copied from the other edge when one is %s', async (_, unixNano) => {
    const time = '2026-11-23T09:00:00.123Z';
    const good = '1795424400123000000';
    for (const edges of [
      { startTimeUnixNano: good, endTimeUnixNano: unixNano },
      { startTimeUnixNano: unixNano, endTimeUnixNano: good },
    ]) {
      expect(await received(edges)).toMatchObject({
        startTime: time,
        endTime: time,
      });
    }
  });

  it('are the time of arrival without either edge', async () => {
    const { startTime, endTime, createdAt } = await received({
      startTimeUnixNano: 'now',
    });
    expect([startTime, endTime]).toEqual([createdAt, createdAt]);
  });
});

describe('attribute values', () => {
  it.each([
    [{ stringValue: 'text' }, 'text'],
    [{ boolValue: true }, 'true'],
    [{ intValue: 7 }, '7'],
    [{ intValue: '-7' }, '-7'],
    [{ intValue: '1721000000000' }, '1721000000000'],
    [{ intValue: { low: -1_294_967_296, high: 0 } }, '3000000000'],
    [{ intValue: { low: -1, high: -1 } }, '-1'],
    [{ doubleValue: 0.5 }, '0.5'],
    [{ doubleValue: 'NaN' }, 'NaN'],
    [{ doubleValue: '-Infinity' }, '-Infinity'],
    [
      { arrayValue: { values: [{ stringValue: 'a' }, { intValue: '2' }, {}] } },
      '["a",2,"{}"]',
    ],
    [{ arrayValue: { values: [] } }, '[]'],
  ])('take %j', async (value, plain) => {
    expect(await stored(value)).toBe(plain);
  });

  it.each([
    [{}],
    [{ kvlistValue: { values: [{ key: 'a', value: { intValue: 1 } }] } }],
    [{ bytesValue: 'AQI=' }],
    [{ arrayValue: {} }],
    [{ arrayValue: null }],
    [{ intValue: 'seven' }],
    [{ intValue: null }],
    [{ intValue: { high: 1 } }],
    [{ intValue: '9'.repeat(400) }],
    [{ somethingNew: 1 }],
    ['text'],
    [7],
    [true],
    [[1, 2]],
  ])('are the JSON of their wrapper for %j', async (value) => {
    expect(await stored(value)).toBe(JSON.stringify(value));
  });

  it.each([
    [{ stringValue: { a: 1 } }, '{"a":1}'],
    [{ boolValue: 'yes' }, 'yes'],
    [{ doubleValue: [1] }, '[1]'],
  ])('take the wrong type in %j', async (value, plain) => {
    expect(await stored(value)).toBe(plain);
  });

  it('lose a number that is too large for JSON', async () => {
    const body = JSON.stringify(
      jsonExport([
        jsonSpan({
          attributes: [
            {
              key: 'langfuse.observation.metadata.ratio',
              value: { doubleValue: 12345 },
            },
          ],
        }),
      ]),
    );
    await postJsonTraces(fresh.local, body.replace('12345', '1e999'));
    expect(fresh.local.observations()[0]?.metadata).toMatchObject({
      ratio: null,
    });
  });

  it('have keys of any type', async () => {
    const value = { stringValue: 'v' };
    const attributes = [
      { key: '__proto__', value },
      { key: 5, value },
      { value },
      { key: { toString: 1 }, value },
    ];
    const spans = [jsonSpan({ attributes })];
    await postJsonTraces(fresh.local, jsonExport(spans, { name: 'other' }));
    const { metadata } = fresh.local.observations()[0]!;
    expect(metadata).toMatchObject({
      'attributes.5': 'v',
      'attributes.undefined': 'v',
      'attributes.{"toString":1}': 'v',
    });
    expect(Object.keys(metadata)).toContain('attributes.__proto__');
  });

  it.each([
    [{ key: 'user.id' }, 'attribute "user.id" has no value'],
    [{ key: 'user.id', value: null }, 'attribute "user.id" has no value'],
    [null, 'attribute "undefined" has no value'],
    ['user.id', 'attribute "undefined" has no value'],
    [
      { key: 'k', value: { arrayValue: { values: [{}, null] } } },
      'attribute "k" has an arrayValue that is no list of values',
    ],
    [
      { key: 'k', value: { arrayValue: { values: {} } } },
      'attribute "k" has an arrayValue that is no list of values',
    ],
  ])('lose the whole request over %j', async (attribute, reason) => {
    const spans = [jsonSpan(), jsonSpan({ attributes: [attribute] })];
    expect((await postJsonTraces(fresh.local, jsonExport(spans))).status).toBe(
      200,
    );
    expect(fresh.local.stats()).toMatchObject({ poisonedRequests: 1 });
    expect(fresh.local.requests[0]?.note).toBe(
      `answered 200, but the server's worker would lose all 2 span(s) of this request: ${reason}`,
    );
    await expectUnharmed(fresh.local);
  });
});

describe('other fields of a span', () => {
  it.each([
    [{ code: 2, message: 'broken' }, 'ERROR', 'broken'],
    [{ code: '2' }, 'DEFAULT', null],
    [{ code: 'STATUS_CODE_ERROR', message: '' }, 'DEFAULT', ''],
    [{ message: { text: 'odd' } }, 'DEFAULT', '{"text":"odd"}'],
    [{}, 'DEFAULT', null],
    [null, 'DEFAULT', null],
    [2, 'DEFAULT', null],
  ])('read the status %j', async (status, level, statusMessage) => {
    expect(await received({ status })).toMatchObject({ level, statusMessage });
  });

  it.each([
    [undefined, ''],
    [null, ''],
    [5, '5'],
    [['a'], '["a"]'],
  ])('read the name %j', async (name, text) => {
    expect((await received({ name })).name).toBe(text);
  });

  it('take scopes and resources of any type', async () => {
    for (const odd of [undefined, null, 5, 'x', [], { name: 7, version: {} }]) {
      const body = {
        resourceSpans: [
          null,
          7,
          { resource: odd },
          {
            resource: odd,
            scopeSpans: [null, { scope: odd, spans: [jsonSpan()] }],
          },
        ],
      };
      expect(await postJsonTraces(fresh.local, body)).toMatchObject({
        status: 200,
      });
    }
    expect(fresh.local.observations()).toHaveLength(6);
  });
});
