import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { HttpRequest } from '../../lib/deliver/http-client.js';
import { RequestBuilder } from '../../lib/deliver/request-builder.js';
import type { LaneName } from '../../lib/queue/index.js';
import { SETTINGS } from './scripted-http.js';

const { destination } = SETTINGS;
const plain = new RequestBuilder(destination);
const packing = new RequestBuilder({ ...destination, compression: 'gzip' });

function recordsOf(lane: LaneName, ...texts: string[]) {
  return texts.map((text, index) => ({
    lane,
    id: `${index}`,
    bytes: Buffer.from(text),
  }));
}

function bodyOf({ body, headers }: HttpRequest): Buffer {
  const bytes = Buffer.concat(body);
  expect(headers['content-length']).toBe(`${bytes.byteLength}`);
  return bytes;
}

describe('a request with spans', () => {
  it('goes to the OTLP route below the path of baseUrl', async () => {
    const request = await plain.build('spans', recordsOf('spans', 'A', 'B'));
    expect(request).toMatchObject({
      method: 'POST',
      url: new URL('http://langfuse.test/base/api/public/otel/v1/traces'),
      headers: {
        'content-type': 'application/x-protobuf',
        'x-langfuse-ingestion-version': '4',
        'x-langfuse-sdk-name': 'test-sdk',
        'x-langfuse-sdk-version': '1.2.3',
        'x-team': 'search',
      },
    });
    expect(request.headers).not.toHaveProperty('content-encoding');
    expect(bodyOf(request).toString()).toContain('AB');
    expect(plain.endpoint('spans')).toBe(request.url.href);
  });

  it('has the same bytes in gzip', async () => {
    const records = recordsOf('spans', 'A', 'B');
    const request = await packing.build('spans', records);
    expect(request.headers['content-encoding']).toBe('gzip');
    const body = bodyOf(await plain.build('spans', records));
    expect(gunzipSync(bodyOf(request)).equals(body)).toBe(true);
  });
});

describe('a request with scores', () => {
  it('is JSON that is not compressed', async () => {
    const records = recordsOf('scores', '{"id":"a"}', '{"id":"b"}');
    const request = await packing.build('scores', records);
    expect(request.url.pathname).toBe('/base/api/public/ingestion');
    expect(request.headers['content-type']).toBe('application/json');
    expect(request.headers).not.toHaveProperty('content-encoding');
    expect(JSON.parse(bodyOf(request).toString())).toEqual({
      batch: [{ id: 'a' }, { id: 'b' }],
    });
  });
});

describe('a probe', () => {
  it('of spans is zero bytes, compressed or not', async () => {
    for (const builder of [plain, packing]) {
      const request = await builder.probe('spans');
      expect(bodyOf(request)).toHaveLength(0);
      expect(request.headers).not.toHaveProperty('content-encoding');
      expect(request.url.pathname).toBe('/base/api/public/otel/v1/traces');
    }
  });

  it('of scores is an empty batch', async () => {
    const request = await packing.probe('scores');
    expect(request.url.pathname).toBe('/base/api/public/ingestion');
    expect(JSON.parse(bodyOf(request).toString())).toEqual({ batch: [] });
  });
});

describe('the question for the project', () => {
  it('is a GET without a body', () => {
    expect(plain.projects()).toMatchObject({
      method: 'GET',
      url: new URL('http://langfuse.test/base/api/public/projects'),
      body: [],
    });
  });
});
