import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  startLangfuseLocal,
  type LangfuseLocalServer,
} from '../../lib/local/index.js';
import { TRACE_ID } from './export-request.js';
import { basic, postBatch, postJson, request } from './local-client.js';

const PATH = '/api/public/ingestion';
const TIMESTAMP = '2026-11-23T09:00:00.000Z';

let local: LangfuseLocalServer;

beforeEach(async () => {
  local = await startLangfuseLocal();
});

afterEach(() => local.close());

type Fields = Readonly<Record<string, unknown>>;

function scoreEvent(body: Fields = {}, envelope: Fields = {}): Fields {
  return {
    id: 'e-1',
    type: 'score-create',
    timestamp: TIMESTAMP,
    body: {
      id: 'score-1',
      name: 'helpful',
      traceId: TRACE_ID,
      dataType: 'NUMERIC',
      value: 0.5,
      ...body,
    },
    ...envelope,
  };
}

const ACCEPTED = {
  status: 207,
  body: { successes: [{ id: 'e-1', status: 201 }], errors: [] },
};

describe('POST /api/public/ingestion', () => {
  it('stores every field of a score', async () => {
    const answer = await postBatch(local, [
      scoreEvent({
        observationId: 'b7ad6b7169203331',
        dataType: 'CATEGORICAL',
        value: 'good',
        source: 'EVAL',
        comment: 'clear',
        configId: 'config-1',
        queueId: 'queue-1',
        environment: 'PRODUCTION',
        metadata: { judge: { model: 'm' }, note: 'x', n: 5 },
        unknown: 'stripped',
      }),
    ]);
    expect(answer).toMatchObject(ACCEPTED);
    expect(local.scores()).toEqual([
      {
        id: 'score-1',
        name: 'helpful',
        traceId: TRACE_ID,
        observationId: 'b7ad6b7169203331',
        sessionId: null,
        datasetRunId: null,
        dataType: 'CATEGORICAL',
        value: 'good',
        source: 'EVAL',
        timestamp: TIMESTAMP,
        environment: 'production',
        comment: 'clear',
        configId: 'config-1',
        queueId: 'queue-1',
        metadata: { 'judge.model': 'm', note: 'x', n: 5 },
        createdAt: expect.any(String),
        updatedAt: expect.any(String),
      },
    ]);
    expect(local.requests[0]).toMatchObject({
      status: 207,
      scores: 1,
      note: undefined,
    });
  });

  it.each([
    [{ dataType: 'NUMERIC', value: -1.5 }, -1.5],
    [{ dataType: 'BOOLEAN', value: 1 }, true],
    [{ dataType: 'BOOLEAN', value: 0 }, false],
    [{ dataType: 'CATEGORICAL', value: '' }, ''],
    [{ dataType: 'TEXT', value: 'x'.repeat(500) }, 'x'.repeat(500)],
    [{ dataType: undefined, value: 3 }, 3],
    [{ dataType: undefined, value: 'label' }, 'label'],
  ])('reads %j with its type', async (body, value) => {
    expect(await postBatch(local, [scoreEvent(body)])).toMatchObject(ACCEPTED);
    expect(local.scores()[0]?.value).toBe(value);
  });

  it('stores a correction under the name output', async () => {
    const correction = { dataType: 'CORRECTION', value: 'better' };
    expect(await postBatch(local, [scoreEvent(correction)])).toMatchObject(
      ACCEPTED,
    );
    expect(local.scores()).toMatchObject([{ name: 'output', value: 'better' }]);
  });

  it.each<[string, Fields, string]>([
    ['a boolean', { value: true, dataType: 'BOOLEAN' }, 'BOOLEAN takes 0 or 1'],
    ['an untyped boolean', { value: true, dataType: undefined }, 'value:'],
    ['text as a number', { value: '1' }, 'NUMERIC takes a finite number'],
    ['an empty text', { value: '', dataType: 'TEXT' }, 'TEXT takes 1 to 500'],
    ['a long text', { value: 'x'.repeat(501), dataType: 'TEXT' }, 'TEXT takes'],
    ['a number as category', { dataType: 'CATEGORICAL' }, 'takes a string'],
    ['an unknown type', { dataType: 'STARS' }, 'dataType: expected NUMERIC'],
    ['no name', { name: '' }, 'name:'],
    ['a long id', { id: 'x'.repeat(801) }, 'id: expected 1 to 800'],
    ['a carriage return in its id', { id: 'a\rb' }, 'id: expected 1 to 800'],
    ['no subject', { traceId: undefined }, 'Provide exactly one of'],
    ['two subjects', { sessionId: 's' }, 'Provide exactly one of'],
    ['a subject that is no string', { traceId: 5 }, 'expected strings'],
    [
      'an observation without a trace',
      { traceId: undefined, sessionId: 's', observationId: 'o' },
      'Provide exactly one of',
    ],
    ['an unknown source', { source: 'ME' }, 'source: expected one of API'],
    ['a comment that is no string', { comment: 5 }, 'comment, configId'],
    [
      'a correction with a config',
      { dataType: 'CORRECTION', value: 'x', configId: 'c' },
      'configId: CORRECTION takes none',
    ],
    [
      'a correction of a session',
      {
        dataType: 'CORRECTION',
        value: 'x',
        traceId: undefined,
        sessionId: 's',
      },
      'traceId: CORRECTION needs it',
    ],
  ])('refuses a score with %s', async (_, body, error) => {
    expect(await postBatch(local, [scoreEvent(body)])).toMatchObject({
      status: 207,
      body: {
        successes: [],
        errors: [
          {
            id: 'e-1',
            status: 400,
            message: 'Invalid request data',
            error: expect.stringContaining(error),
          },
        ],
      },
    });
    expect(local.scores()).toEqual([]);
    expect(local.requests[0]?.note).toContain(error);
  });

  it.each<[string, Fields, string]>([
    ['no id', { id: undefined }, 'unknown'],
    ['an empty id', { id: '' }, ''],
    ['a time without a zone', { timestamp: '2026-11-23T09:00:00' }, 'e-1'],
    ['a time in numbers', { timestamp: 1_795_416_813_519 }, 'e-1'],
    ['a day that does not exist', { timestamp: '2026-13-01T00:00:00Z' }, 'e-1'],
    ['no body', { body: undefined }, 'e-1'],
  ])('refuses an envelope with %s', async (_, envelope, id) => {
    expect(await postBatch(local, [scoreEvent({}, envelope)])).toMatchObject({
      status: 207,
      body: { successes: [], errors: [{ id, status: 400 }] },
    });
  });

  it('judges each event, accepts in order of time, refuses other types', async () => {
    const answer = await postBatch(local, [
      scoreEvent(
        { id: 's-late' },
        { id: 'late', timestamp: '2026-11-23T11:00:00+01:00' },
      ),
      { id: 'trace', type: 'trace-create', timestamp: TIMESTAMP, body: {} },
      scoreEvent({ value: 'x' }, { id: 'wrong' }),
      { id: 'log', type: 'sdk-log', timestamp: TIMESTAMP, body: {} },
      scoreEvent({ id: 's-early' }, { id: 'early' }),
      'no event',
    ]);
    expect(answer).toMatchObject({
      status: 207,
      body: {
        successes: [
          { id: 'early', status: 201 },
          { id: 'late', status: 201 },
        ],
        errors: [
          {
            id: 'trace',
            status: 400,
            message: 'Event type not accepted',
            error: expect.stringMatching(
              /^Event type "trace-create" is not accepted by \/api\/public\/ingestion when LANGFUSE_MIGRATION_V4_WRITE_MODE is events_only\. /,
            ),
          },
          { id: 'wrong', status: 400, message: 'Invalid request data' },
          { id: 'unknown', status: 400, message: 'Event type not accepted' },
        ],
      },
    });
    expect(local.scores().map(({ id }) => id)).toEqual(['s-early', 's-late']);
  });

  it.each<[string, Fields, string]>([
    ['no body.id', { id: undefined }, 'score "helpful" has no body.id'],
    ['a null body.id', { id: null }, 'score "helpful" has no body.id'],
    [
      'the source ANNOTATION and no config',
      { source: 'ANNOTATION' },
      'score "helpful" has the source ANNOTATION but no configId',
    ],
  ])('answers 201 to a score with %s, and loses it', async (_, body, why) => {
    expect(await postBatch(local, [scoreEvent(body)])).toMatchObject(ACCEPTED);
    expect(local.scores()).toEqual([]);
    expect(local.stats()).toMatchObject({ lostScores: 1, scores: 0 });
    expect(local.requests[0]?.note).toBe(
      `answered 201, but the server would not store it: ${why}`,
    );
  });

  it('merges a score with the same id, name and day', async () => {
    await postBatch(local, [scoreEvent({ comment: 'first', value: 1 })]);
    await postBatch(local, [
      scoreEvent(
        { value: 2, environment: 'other', metadata: { a: 1 } },
        { timestamp: '2026-11-23T23:59:59Z' },
      ),
    ]);
    expect(local.scores()).toMatchObject([
      {
        value: 2,
        comment: 'first',
        metadata: { a: 1 },
        environment: 'default',
        timestamp: TIMESTAMP,
      },
    ]);
    await postBatch(local, [scoreEvent({ comment: null, metadata: null })]);
    expect(local.scores()).toMatchObject([{ comment: null, metadata: {} }]);
    expect(local.stats().scores).toBe(3);
  });

  it('keeps a second row for another name or another day', async () => {
    await postBatch(local, [
      scoreEvent(),
      scoreEvent({ name: 'other' }),
      scoreEvent({}, { timestamp: '2026-11-24T00:00:00Z' }),
    ]);
    expect(local.scores()).toHaveLength(3);
  });

  it('keeps metadata that is no object under the key metadata', async () => {
    await postBatch(local, [scoreEvent({ metadata: ['a', 1] })]);
    expect(local.scores()[0]?.metadata).toEqual({ metadata: ['a', 1] });
  });

  it('takes scores of sessions and dataset runs', async () => {
    await postBatch(local, [
      scoreEvent({ traceId: undefined, sessionId: 's-1' }),
      scoreEvent({ traceId: undefined, datasetRunId: 'r-1' }),
    ]);
    expect(local.scores({ sessionId: 's-1' })).toHaveLength(1);
    expect(local.scores({ datasetRunId: 'r-1' })).toHaveLength(1);
    expect(local.traces()).toEqual([]);
  });

  it('answers an empty batch with 207', async () => {
    expect(await postBatch(local, [])).toMatchObject({
      status: 207,
      body: { successes: [], errors: [] },
    });
  });

  it.each(['{}', '{"batch":{}}', '[]', '5', ''])(
    'answers %j with 400',
    async (json) => {
      expect(await postJson(local, json)).toMatchObject({
        status: 400,
        body: {
          message: 'Invalid request data',
          errors: ['batch: expected an array'],
        },
      });
    },
  );

  it('answers a body that is not declared as JSON with 400', async () => {
    expect(
      await postJson(local, '{"batch":[]}', { 'content-type': 'text/plain' }),
    ).toMatchObject({ status: 400, body: { message: 'Invalid request data' } });
  });

  it('answers broken JSON and gzip with 400 and plain text', async () => {
    expect(await postJson(local, '{"batch":')).toMatchObject({
      status: 400,
      contentType: 'text/plain; charset=utf-8',
      body: 'Invalid JSON',
    });
    expect(
      await request(local, PATH, {
        method: 'POST',
        body: new Uint8Array(gzipSync('{"batch":[]}')),
        headers: {
          'content-type': 'application/json',
          'content-encoding': 'gzip',
        },
      }),
    ).toMatchObject({ status: 400, body: 'Invalid JSON' });
  });

  it('answers more than 4,718,592 bytes with 413 and plain text', async () => {
    const frame = '{"batch":[],"metadata":""}';
    const atLimit = frame.replace(
      '""',
      `"${'x'.repeat(4_718_592 - frame.length)}"`,
    );
    expect((await postJson(local, atLimit)).status).toBe(207);
    expect(await postJson(local, `${atLimit} `)).toMatchObject({
      status: 413,
      contentType: 'text/plain; charset=utf-8',
      body: 'Body exceeded 4.5mb limit',
    });
  });

  it('answers other methods with 405 and wrong keys with 401', async () => {
    expect(await request(local, PATH)).toMatchObject({
      status: 405,
      body: { message: 'Method not allowed', error: 'MethodNotAllowedError' },
    });
    expect(
      await postBatch(local, [], { authorization: 'Basic !' }),
    ).toMatchObject({
      status: 401,
      body: {
        error: 'UnauthorizedError',
        message:
          "Invalid authorization header. Confirm that you've configured the correct host.",
      },
    });
  });

  it('lets a Bearer public key send scores', async () => {
    const guarded = await startLangfuseLocal({ publicKey: 'pk-lf-a' });
    expect(
      await postBatch(guarded, [scoreEvent()], {
        authorization: 'Bearer pk-lf-a',
      }),
    ).toMatchObject(ACCEPTED);
    expect(
      (await postBatch(guarded, [], { authorization: basic('pk-lf-a', 'x') }))
        .status,
    ).toBe(401);
    await guarded.close();
  });
});
