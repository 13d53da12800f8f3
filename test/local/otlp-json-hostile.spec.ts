import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { startLangfuseLocal } from '../../lib/local/index.js';
import { SPAN_ID } from './export-request.js';
import {
  expectUnharmed,
  jsonExport,
  jsonSpan,
  OBSERVATIONS,
  useFreshReceiver,
} from './json-export.js';
import { postJsonTraces, request } from './local-client.js';

const MEBIBYTE = 1024 * 1024;
const fresh = useFreshReceiver();

function nested(depth: number, open: string, core: string, close: string) {
  return open.repeat(depth) + core + close.repeat(depth);
}

describe('hostile JSON', () => {
  it.each([
    ['lists', '[', ']'],
    ['objects', '{"resourceSpans":', '}'],
  ])('survives bodies of nothing but nested %s', async (_, open, close) => {
    for (const depth of [100, 500_000]) {
      const body = nested(depth, open, '[]', close);
      expect((await postJsonTraces(fresh.local, body)).status).toBe(200);
    }
    await expectUnharmed(fresh.local);
  });

  const DEEP = [
    ['a list', '{"arrayValue":{"values":[', '{}', ']}}'],
    ['a map', '{"kvlistValue":{"values":[{"key":"k","value":', '{}', '}]}}'],
    ['a string that is none', '{"stringValue":', '1', '}'],
  ] as const;
  const withValue = (value: string): string =>
    JSON.stringify(
      jsonExport([
        jsonSpan(),
        jsonSpan({
          spanId: 'deep',
          attributes: [
            {
              key: 'langfuse.observation.metadata.deep',
              value: { stringValue: 'VALUE' },
            },
          ],
        }),
      ]),
    ).replace('{"stringValue":"VALUE"}', () => value);

  it.each(DEEP)('reads %s 100 levels deep', async (_, open, core, close) => {
    const value = nested(100, open, core, close);
    expect((await postJsonTraces(fresh.local, withValue(value))).status).toBe(
      200,
    );
    expect(fresh.local.observations()).toHaveLength(2);
    expect((await request(fresh.local, OBSERVATIONS)).status).toBe(200);
  });

  it.each(DEEP)(
    'answers %s 50,000 levels deep with 500 and stores none of the request',
    async (_, open, core, close) => {
      const value = nested(50_000, open, core, close);
      expect(await postJsonTraces(fresh.local, withValue(value))).toMatchObject(
        {
          status: 500,
          body: { message: 'Internal Server Error' },
        },
      );
      await expectUnharmed(fresh.local);
    },
  );

  it('takes bodies of 5 MB, plain and zipped', async () => {
    const input = 'ä"\\'.repeat(MEBIBYTE);
    const large = JSON.stringify(
      jsonExport([
        jsonSpan({
          attributes: [
            {
              key: 'langfuse.observation.input',
              value: { stringValue: input },
            },
          ],
        }),
      ]),
    );
    const many = JSON.stringify(
      jsonExport(
        Array.from({ length: 20_000 }, (_, index) =>
          jsonSpan({ spanId: String(index), attributes: attributesOf(index) }),
        ),
      ),
    );
    for (const body of [large, many]) {
      expect(Buffer.byteLength(body)).toBeGreaterThan(5e6);
      for (const gzip of [false, true]) {
        const answer = gzip
          ? await postJsonTraces(fresh.local, gzipSync(body), {
              'content-encoding': 'gzip',
            })
          : await postJsonTraces(fresh.local, body);
        expect(answer.status).toBe(200);
      }
    }
    expect(fresh.local.stats().observations).toBe(2 + 40_000);
    expect(fresh.local.observations({ id: SPAN_ID })[0]?.input).toBe(input);
  });

  it('answers 5 MB of garbage with 400', async () => {
    const random = fc.sample(
      fc.uint8Array({ minLength: 1000, maxLength: 1000 }),
      { numRuns: 1, seed: 4 },
    )[0]!;
    const garbage = Buffer.alloc(5 * MEBIBYTE, random);
    const cut = JSON.stringify(
      jsonExport(Array.from({ length: 50_000 }, () => jsonSpan())),
    ).slice(0, -1);
    for (const body of [garbage, cut]) {
      expect(await postJsonTraces(fresh.local, body)).toMatchObject({
        status: 400,
        body: { error: 'Failed to parse OTel JSON Trace' },
      });
    }
    await expectUnharmed(fresh.local);
  });

  it('answers a body over its limit with 413', async () => {
    const small = await startLangfuseLocal({ maxBodyBytes: 1000 });
    const body = JSON.stringify(
      jsonExport([jsonSpan({ name: 'a'.repeat(1000) })]),
    );
    expect((await postJsonTraces(small, body)).status).toBe(413);
    expect(
      (
        await postJsonTraces(small, gzipSync(body), {
          'content-encoding': 'gzip',
        })
      ).status,
    ).toBe(413);
    await small.close();
  });

  it('answers any JSON in any place with 200 or 400, and stays readable', async () => {
    const good = jsonExport([
      jsonSpan({
        parentSpanId: '00f067aa0ba902b7',
        startTimeUnixNano: '1795424400123000000',
        endTimeUnixNano: '1795424400123000000',
        status: { code: 2, message: 'm' },
        events: [{ name: 'e', attributes: [] }],
        attributes: [
          'langfuse.observation.type',
          'langfuse.observation.level',
          'langfuse.observation.input',
          'langfuse.observation.metadata',
          'langfuse.observation.model.parameters',
          'langfuse.observation.usage_details',
          'langfuse.observation.cost_details',
          'langfuse.observation.completion_start_time',
          'langfuse.trace.tags',
          'langfuse.environment',
          'langfuse.user.id',
        ].map((key) => ({
          key,
          value: { arrayValue: { values: [{ stringValue: 'v' }] } },
        })),
      }),
      jsonSpan(),
    ]);
    const places = placesIn(good);
    const odd = fc.oneof(
      fc.jsonValue({ maxDepth: 3 }),
      fc.constantFrom(null, -1, 1e308, '', '{"a":1}', [null], [[]], {
        length: 9e9,
      }),
      fc.record({ stringValue: fc.jsonValue({ maxDepth: 2 }) }),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(places.length - 1), odd), {
          minLength: 1,
          maxLength: 3,
        }),
        async (changes) => {
          let body: unknown = good;
          for (const [index, value] of changes) {
            body = replaced(body, places[index]!, value);
          }
          const before = fresh.local.stats().observations;
          const { status } = await postJsonTraces(fresh.local, body);
          expect([200, 400]).toContain(status);
          const stored = fresh.local.stats().observations - before;
          const sent = fresh.local.requests.at(-1)!.spans;
          expect([0, status === 200 ? sent : 0]).toContain(stored);
        },
      ),
      { numRuns: 600 },
    );
    const read = await request(fresh.local, `${OBSERVATIONS}?limit=1000`);
    expect(read.status).toBe(200);
  });
});

function attributesOf(index: number): object[] {
  return Array.from({ length: 4 }, (_, number) => ({
    key: `langfuse.observation.metadata.key-${number}`,
    value: { stringValue: `value ${index}` },
  }));
}

type Path = readonly (string | number)[];

/** The paths of everything in a JSON value, the value itself included. */
function placesIn(value: unknown, path: Path = []): Path[] {
  const below =
    typeof value === 'object' && value !== null
      ? Object.entries(value).flatMap(([key, member]) =>
          placesIn(member, [...path, key]),
        )
      : [];
  return [path, ...below];
}

function replaced(value: unknown, path: Path, by: unknown): unknown {
  const [key, ...rest] = path;
  if (key === undefined) {
    return by;
  }
  if (typeof value !== 'object' || value === null) {
    return value;
  }
  const copy: Record<string, unknown> | unknown[] = Array.isArray(value)
    ? [...value]
    : { ...value };
  const members = copy as Record<string, unknown>;
  members[key] = replaced(members[key], rest, by);
  return copy;
}
