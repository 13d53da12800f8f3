import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  startLangfuseLocal,
  type LangfuseLocalServer,
} from '../../lib/local/index.js';
import { exportOf, SPAN_ID, START_MS, TRACE_ID } from './export-request.js';
import { postBatch, postTraces, request } from './local-client.js';

const OTHER_TRACE_ID = 'f'.repeat(32);

let local: LangfuseLocalServer;

beforeAll(async () => {
  local = await startLangfuseLocal();
  await postTraces(
    local,
    exportOf([
      {
        name: 'root',
        startMs: START_MS,
        endMs: START_MS + 1500,
        attributes: {
          'langfuse.observation.input': '{"q":1}',
          'langfuse.observation.metadata.long': 'x'.repeat(300),
          'langfuse.observation.metadata.list': JSON.stringify(
            Array<number>(300).fill(7),
          ),
          'langfuse.observation.cost_details': '{"input":1,"output":2}',
          'langfuse.observation.completion_start_time':
            '2026-11-23T09:00:00.250Z',
          'user.id': 'u-1',
        },
      },
      {
        name: 'child',
        spanId: '00000000000000c1',
        parentSpanId: SPAN_ID,
        startMs: START_MS + 10,
        attributes: { 'langfuse.observation.type': 'tool' },
      },
      { name: 'other', traceId: OTHER_TRACE_ID, startMs: START_MS + 20 },
    ]),
  );
  const score = (id: string, body: object, hour: number) => ({
    id: `e-${id}`,
    type: 'score-create',
    timestamp: `2026-11-23T0${hour}:00:00Z`,
    body: { id, name: 'quality', dataType: 'BOOLEAN', value: 1, ...body },
  });
  await postBatch(local, [
    score('s-1', { traceId: TRACE_ID, comment: 'good' }, 1),
    score('s-2', { traceId: TRACE_ID, observationId: SPAN_ID }, 2),
    score('s-3', { sessionId: 'session-1' }, 3),
    score('s-4', { datasetRunId: 'run-1', name: 'other' }, 4),
  ]);
});

afterAll(() => local.close());

interface Page {
  readonly data: readonly Record<string, unknown>[];
  readonly meta: { readonly cursor?: string };
}

async function page(path: string): Promise<Page> {
  const { status, body } = await request(local, path);
  expect(status).toBe(200);
  return body as Page;
}

const observations = (query: string) =>
  page(`/api/public/v2/observations?${query}`);
const scores = (query: string) => page(`/api/public/v3/scores?${query}`);

describe('GET /api/public/health and /projects', () => {
  it('says that the server is well, without keys', async () => {
    const response = await fetch(`${local.url}/api/public/health`);
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ status: 'OK', version: '4.16.0' });
  });

  it('names one project to a key pair, and nothing to others', async () => {
    expect(await request(local, '/api/public/projects')).toMatchObject({
      status: 200,
      body: { data: [{ id: 'local', name: 'local receiver', metadata: {} }] },
    });
    const refused = await fetch(`${local.url}/api/public/projects`);
    expect(refused.status).toBe(401);
    expect(await refused.json()).toEqual({
      message: 'No authorization header',
    });
    expect(
      (
        await request(local, '/api/public/projects', {
          headers: { authorization: 'Bearer pk' },
        })
      ).status,
    ).toBe(403);
  });
});

describe('GET /api/public/v2/observations', () => {
  it('returns a trace, newest first, with what the server computes', async () => {
    const { data, meta } = await observations(`traceId=${TRACE_ID}`);
    expect(meta).toEqual({});
    expect(data).toMatchObject([
      {
        name: 'child',
        type: 'TOOL',
        parentObservationId: SPAN_ID,
        latency: 0,
        timeToFirstToken: null,
        totalCost: null,
      },
      {
        name: 'root',
        projectId: 'local',
        input: '{"q":1}',
        userId: 'u-1',
        latency: 1.5,
        timeToFirstToken: 0.25,
        totalCost: 3,
      },
    ]);
    expect(data[1]?.updatedAt).toBe(data[1]?.createdAt);
  });

  it('cuts metadata to 200 characters unless told otherwise', async () => {
    const metadataOf = async (query: string) => {
      const { data } = await observations(`name=root&${query}`);
      return data[0]?.metadata;
    };
    expect(await metadataOf('')).toMatchObject({
      long: 'x'.repeat(200),
      list: expect.stringMatching(/^\[7,7,.{195}$/),
    });
    expect(await metadataOf('expandMetadata=long,list')).toMatchObject({
      long: 'x'.repeat(300),
      list: Array<number>(300).fill(7),
    });
  });

  it('returns only the field groups that were asked for', async () => {
    const { data } = await observations('name=root&fields=core,io,metrics');
    expect(Object.keys(data[0]!).toSorted()).toEqual([
      'endTime',
      'id',
      'ingestionSdkName',
      'ingestionSdkVersion',
      'input',
      'latency',
      'output',
      'parentObservationId',
      'projectId',
      'startTime',
      'timeToFirstToken',
      'traceId',
      'type',
    ]);
  });

  it.each([
    ['', ['other', 'child', 'root']],
    ['name=child', ['child']],
    ['type=SPAN&userId=u-1', ['root']],
    [`parentObservationId=${SPAN_ID}`, ['child']],
    ['parentObservationId=', ['other', 'root']],
    ['environment=default&environment=prod', ['other', 'child', 'root']],
    ['environment=prod', []],
    ['traceId=unknown', []],
  ])('filters by %j', async (query, names) => {
    const { data } = await observations(query);
    expect(data.map(({ name }) => name)).toEqual(names);
  });

  it('pages with a cursor', async () => {
    const first = await observations('limit=2');
    expect(first.data.map(({ name }) => name)).toEqual(['other', 'child']);
    const second = await observations(`limit=2&cursor=${first.meta.cursor}`);
    expect(second.data.map(({ name }) => name)).toEqual(['root']);
    expect(second.meta).toEqual({});
  });

  it.each(['limit=0', 'limit=1001', 'limit=x', 'cursor=nonsense'])(
    'answers %s with 400',
    async (query) => {
      expect(
        await request(local, `/api/public/v2/observations?${query}`),
      ).toMatchObject({
        status: 400,
        body: { message: 'Invalid request data' },
      });
    },
  );
});

describe('GET /api/public/v3/scores', () => {
  it('returns the scores of a trace with their subjects', async () => {
    expect(await scores(`traceId=${TRACE_ID}`)).toMatchObject({
      data: [
        {
          id: 's-2',
          value: true,
          subject: { kind: 'observation', id: SPAN_ID, traceId: TRACE_ID },
        },
        {
          id: 's-1',
          dataType: 'BOOLEAN',
          value: true,
          comment: 'good',
          timestamp: '2026-11-23T01:00:00.000Z',
          projectId: 'local',
          subject: { kind: 'trace', id: TRACE_ID },
        },
      ],
      meta: { limit: 50 },
    });
  });

  it.each([
    ['sessionId=session-1', ['s-3']],
    ['name=quality,other', ['s-4', 's-3', 's-2', 's-1']],
    ['id=s-1', ['s-1']],
    ['dataType=NUMERIC', []],
  ])('filters by %s', async (query, ids) => {
    const { data } = await scores(query);
    expect(data.map(({ id }) => id)).toEqual(ids);
  });

  it('names sessions and dataset runs as subjects', async () => {
    const { data } = await scores('limit=2');
    expect(data.map(({ subject }) => subject)).toEqual([
      { kind: 'experiment', id: 'run-1' },
      { kind: 'session', id: 'session-1' },
    ]);
  });

  it('answers a limit above 100 with 400', async () => {
    expect(
      (await request(local, '/api/public/v3/scores?limit=101')).status,
    ).toBe(400);
  });
});

describe('a document that cannot be written', () => {
  it('is answered with 500, and the receiver goes on', async () => {
    const fragile = await startLangfuseLocal();
    const deep = '['.repeat(100_000) + ']'.repeat(100_000);
    const metadata = { 'langfuse.observation.metadata.deep': deep };
    await postTraces(fragile, exportOf([{ attributes: metadata }]));
    const path = '/api/public/v2/observations?expandMetadata=deep';
    expect(await request(fragile, path)).toMatchObject({
      status: 500,
      body: { message: 'Internal Server Error' },
    });
    expect((await request(fragile, '/api/public/health')).status).toBe(200);
    await fragile.close();
  });
});

describe('everything else', () => {
  it.each(['/', '/api/public/traces', '/api/public/otel/v1/logs', '//'])(
    'answers %s with 404 and tells what there is',
    async (path) => {
      expect(await request(local, path, { method: 'POST' })).toMatchObject({
        status: 404,
        body: {
          message: expect.stringContaining('/api/public/v2/observations'),
        },
      });
    },
  );

  it.each([
    '/api/public/health',
    '/api/public/projects',
    '/api/public/v2/observations',
    '/api/public/v3/scores',
  ])('answers POST %s with 405', async (path) => {
    expect((await request(local, path, { method: 'POST' })).status).toBe(405);
  });
});
