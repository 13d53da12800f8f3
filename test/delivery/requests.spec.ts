import { createRequire } from 'node:module';
import { gunzipSync } from 'node:zlib';
import { beforeEach, describe, expect, it } from 'vitest';
import type { LangfuseModuleOptions } from '../../lib/index.js';
import {
  PUBLIC_KEY,
  record,
  SECRET_KEY,
  startSendingTo,
} from '../support/application.js';
import { langfuseEnvironment } from '../support/environment.js';
import { decodeExport, spansOf } from '../support/otlp.js';
import { answer, RecordingServer } from '../support/recording-server.js';

const { version } = createRequire(import.meta.url)('../../package.json') as {
  version: string;
};

const CREDENTIALS = Buffer.from(`${PUBLIC_KEY}:${SECRET_KEY}`).toString(
  'base64',
);

beforeEach(() => langfuseEnvironment());

/** One request of each lane, as it came over the wire. */
async function requestsOf(options: LangfuseModuleOptions = {}, path = '') {
  const server = await RecordingServer.start();
  const { langfuse } = await startSendingTo(
    { url: server.url + path },
    options,
  );
  record(langfuse, 2, { question: 'Why?' });
  const traceId = langfuse.createTraceId('seed');
  langfuse.createScore({ traceId, name: 'helpful', value: true });
  await langfuse.flush();
  expect(server.requests).toHaveLength(2);
  const [scores, spans] = server.requests.toSorted((a, b) =>
    a.path.localeCompare(b.path),
  );
  return { spans: spans!, scores: scores! };
}

describe('every request', () => {
  it('carries the credentials and the name and version of this package', async () => {
    for (const request of Object.values(await requestsOf())) {
      expect(request.method).toBe('POST');
      expect(request.headers).toMatchObject({
        authorization: `Basic ${CREDENTIALS}`,
        'x-langfuse-public-key': PUBLIC_KEY,
        'x-langfuse-sdk-name': 'nestjs-langfuse',
        'x-langfuse-sdk-version': version,
        'content-length': `${request.body.byteLength}`,
      });
      expect(request.headers).not.toHaveProperty('transfer-encoding');
    }
  });

  it('carries additionalHeaders', async () => {
    const additionalHeaders = { 'x-team': 'search', 'X-Proxy-Key': 'k' };
    for (const { headers } of Object.values(
      await requestsOf({ additionalHeaders }),
    )) {
      expect(headers).toMatchObject({ 'x-team': 'search', 'x-proxy-key': 'k' });
      expect(headers.authorization).toBe(`Basic ${CREDENTIALS}`);
    }
  });

  it('goes below the path of baseUrl', async () => {
    const { spans, scores } = await requestsOf({}, '/langfuse/');
    expect(spans.path).toBe('/langfuse/api/public/otel/v1/traces');
    expect(scores.path).toBe('/langfuse/api/public/ingestion');
  });
});

describe('a request with observations', () => {
  it('is OTLP protobuf in gzip for version 4 of the ingestion', async () => {
    const { spans } = await requestsOf();
    expect(spans.path).toBe('/api/public/otel/v1/traces');
    expect(spans.headers).toMatchObject({
      'content-type': 'application/x-protobuf',
      'content-encoding': 'gzip',
      'x-langfuse-ingestion-version': '4',
    });
    const decoded = spansOf(decodeExport(gunzipSync(spans.body)));
    expect(decoded.map(({ name }) => name)).toEqual([
      'observation 0',
      'observation 1',
    ]);
  });

  it('is not compressed with compression: none', async () => {
    const { spans } = await requestsOf({ compression: 'none' });
    expect(spans.headers).not.toHaveProperty('content-encoding');
    expect(spansOf(decodeExport(spans.body))).toHaveLength(2);
  });
});

describe('a request with scores', () => {
  it('is JSON that is never compressed', async () => {
    const { scores } = await requestsOf();
    expect(scores.path).toBe('/api/public/ingestion');
    expect(scores.headers['content-type']).toBe('application/json');
    expect(scores.headers).not.toHaveProperty('content-encoding');
    expect(JSON.parse(scores.body.toString())).toMatchObject({
      batch: [
        {
          type: 'score-create',
          body: { name: 'helpful', value: 1, dataType: 'BOOLEAN' },
        },
      ],
    });
  });
});

describe('the log', () => {
  it.each([
    ['is refused', answer(401, {}, { message: 'Invalid credentials' })],
    ['fails', answer(503)],
    ['refuses the data', answer(400, {}, { error: 'bad' })],
  ])('tells no secret when the server %s', async (_, respond) => {
    const server = await RecordingServer.start(respond);
    const { app, langfuse, log } = await startSendingTo(server, {
      additionalHeaders: { 'x-proxy-key': 'proxy-secret' },
    });
    record(langfuse, 3, 'a question');
    await langfuse.flush({ timeoutMs: 100 });
    await app.close();
    expect(log.lines.length).toBeGreaterThan(0);
    for (const secret of [SECRET_KEY, CREDENTIALS, 'proxy-secret']) {
      expect(log.text).not.toContain(secret);
    }
    expect(log.text).not.toContain('a question');
  });
});
