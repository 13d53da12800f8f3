import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { SPAN_ID, TRACE_ID } from './export-request.js';
import {
  expectUnharmed,
  jsonExport,
  jsonSpan,
  useFreshReceiver,
} from './json-export.js';
import { postJsonTraces } from './local-client.js';

const fresh = useFreshReceiver();

describe('POST /api/public/otel/v1/traces with JSON', () => {
  it('answers with 200 and the JSON of the job, and stores the spans', async () => {
    expect(
      await postJsonTraces(fresh.local, jsonExport([jsonSpan()])),
    ).toMatchObject({
      status: 200,
      body: { name: 'otel-ingestion-job' },
    });
    expect(fresh.local.observations()).toMatchObject([
      { id: SPAN_ID, traceId: TRACE_ID, name: 'ask', isRootObservation: true },
    ]);
    expect(fresh.local.requests[0]).toMatchObject({ status: 200, spans: 1 });
  });

  it('takes gzip, and content types that contain the one of JSON', async () => {
    const body = JSON.stringify(jsonExport([jsonSpan()]));
    const zipped = gzipSync(body);
    const answer = await postJsonTraces(fresh.local, zipped, {
      'content-encoding': 'gzip',
      'content-type': 'Application/JSON; charset=utf-8',
    });
    expect(answer.status).toBe(200);
    expect(fresh.local.observations()).toHaveLength(1);
    expect(fresh.local.requests[0]).toMatchObject({
      bytes: zipped.length,
      decodedBytes: body.length,
    });
  });

  it.each([
    ['{}'],
    ['{"resourceSpans":[]}'],
    ['{"resourceSpans":null}'],
    ['{"resourceSpans":""}'],
    ['{"resourceSpans":0}'],
    ['{"resourceLogs":[{}]}'],
    ['[]'],
    ['"text"'],
    ['7'],
  ])('answers %s, which has no spans, with 200 {}', async (body) => {
    const answer = await postJsonTraces(fresh.local, body, {
      'x-langfuse-ingestion-version': '5',
    });
    expect(answer).toMatchObject({ status: 200 });
    expect(answer.body).toEqual({});
  });

  it.each([
    [''],
    ['null'],
    ['{"resourceSpans":[}'],
    ['{"resourceSpans":[]'],
    ["{'resourceSpans':[]}"],
    ['{"resourceSpans":[NaN]}'],
    ['\uFEFF{}'],
    ['resourceSpans'],
  ])('answers %j, which is no request, with 400', async (body) => {
    const answer = await postJsonTraces(fresh.local, body);
    expect(answer.status).toBe(400);
    expect(answer.body).toEqual({ error: 'Failed to parse OTel JSON Trace' });
    expect(fresh.local.requests[0]?.note).toContain('Error: ');
  });

  it('takes bytes for what the content type says they are', async () => {
    const json = jsonExport([jsonSpan()]);
    expect(
      await postJsonTraces(fresh.local, json, {
        'content-type': 'application/x-protobuf',
      }),
    ).toMatchObject({
      status: 400,
      body: { error: 'Failed to parse OTel Protobuf Trace' },
    });
    for (const contentType of ['application/protobuf', 'text/json', '']) {
      expect(
        await postJsonTraces(fresh.local, json, {
          'content-type': contentType,
        }),
      ).toMatchObject({ status: 400, body: { error: 'Invalid content type' } });
    }
    await expectUnharmed(fresh.local);
  });

  it('checks the ingestion version after the spans', async () => {
    const headers = { 'x-langfuse-ingestion-version': '5' };
    expect(
      await postJsonTraces(fresh.local, jsonExport([jsonSpan()]), headers),
    ).toMatchObject({
      status: 400,
      body: { error: expect.stringContaining('Unsupported x-langfuse') },
    });
    expect(
      await postJsonTraces(fresh.local, jsonExport([{}]), headers),
    ).toMatchObject({
      status: 400,
      body: { error: expect.stringContaining('traceId:absent') },
    });
  });

  it('says nothing is stored of resourceSpans that are no list', async () => {
    const answer = await postJsonTraces(fresh.local, {
      resourceSpans: { a: 1 },
    });
    expect(answer).toMatchObject({
      status: 200,
      body: { name: 'otel-ingestion-job' },
    });
    expect(fresh.local.requests[0]?.note).toContain(
      'resourceSpans is not a list',
    );
  });

  it('needs keys', async () => {
    const answer = await fetch(`${fresh.local.url}/api/public/otel/v1/traces`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(jsonExport([jsonSpan()])),
    });
    expect(answer.status).toBe(401);
  });
});
