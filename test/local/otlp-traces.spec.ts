import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  startLangfuseLocal,
  type LangfuseLocalServer,
} from '../../lib/local/index.js';
import {
  encode,
  exportOf,
  SPAN_ID,
  START_MS,
  TRACE_ID,
} from './export-request.js';
import { basic, postTraces, request } from './local-client.js';

const PATH = '/api/public/otel/v1/traces';
const MAX_BODY_BYTES = 100_000;

let local: LangfuseLocalServer;

beforeEach(async () => {
  local = await startLangfuseLocal({ maxBodyBytes: MAX_BODY_BYTES });
});

afterEach(() => local.close());

describe('POST /api/public/otel/v1/traces', () => {
  it('answers an export with 200 and the JSON of the job', async () => {
    const answer = await postTraces(local, exportOf([{ name: 'ask' }]), {
      'x-langfuse-sdk-name': 'nestjs-langfuse',
      'x-langfuse-sdk-version': '0.1.0',
    });
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({
      name: 'otel-ingestion-job',
      data: { payload: { ingestionVersion: '4' } },
    });
    expect(local.observations()).toMatchObject([
      {
        id: SPAN_ID,
        traceId: TRACE_ID,
        name: 'ask',
        ingestionSdkName: 'nestjs-langfuse',
        ingestionSdkVersion: '0.1.0',
      },
    ]);
  });

  it('takes gzip, and content types that contain the protobuf one', async () => {
    const body = exportOf([{ name: 'zipped' }]);
    const zipped = gzipSync(body);
    const answer = await postTraces(local, zipped, {
      'content-encoding': 'gzip',
      'content-type': 'Application/X-Protobuf; charset=binary',
    });
    expect(answer.status).toBe(200);
    expect(local.observations()).toHaveLength(1);
    expect(local.requests[0]).toMatchObject({
      bytes: zipped.length,
      decodedBytes: body.length,
      spans: 1,
    });
  });

  it('answers an empty export with 200 {}', async () => {
    expect(await postTraces(local, Buffer.alloc(0))).toMatchObject({
      status: 200,
      body: {},
    });
    const zipped = await postTraces(local, gzipSync(''), {
      'content-encoding': 'gzip',
    });
    expect(zipped).toMatchObject({ status: 200, body: {} });
    expect(local.stats()).toMatchObject({ requests: 2, observations: 0 });
  });

  it('says unknown for an SDK that does not name itself, and reads underscores', async () => {
    await postTraces(local, exportOf([{}]));
    await postTraces(local, exportOf([{}]), { x_langfuse_sdk_name: 'mine' });
    expect(
      local.observations().map(({ ingestionSdkName }) => ingestionSdkName),
    ).toEqual(['unknown', 'mine']);
  });

  it.each([
    ['no', '', 'No authorization header'],
    ['another', 'Digest abc', 'Invalid authorization header'],
    [
      'a Basic one without a secret',
      `Basic ${Buffer.from('pk-lf-1:').toString('base64')}`,
      "Invalid authorization header. Confirm that you've configured the correct host.",
    ],
  ])('answers %s Authorization header with 401', async (_, header, message) => {
    const { hostname, port } = new URL(local.url);
    const answer = await new Promise<string>((resolve, reject) => {
      const socket = connect(Number(port), hostname);
      const authorization = header && `Authorization: ${header}\r\n`;
      let text = '';
      socket.on('data', (chunk) => (text += String(chunk)));
      socket.on('end', () => resolve(text));
      socket.on('error', reject);
      socket.end(
        `POST ${PATH} HTTP/1.1\r\nHost: local\r\n${authorization}Content-Length: 0\r\nConnection: close\r\n\r\n`,
      );
    });
    expect(answer).toMatch(/^HTTP\/1\.1 401 /);
    expect(answer.split('\r\n\r\n')[1]).toBe(JSON.stringify({ message }));
  });

  it('answers a Bearer key with 403', async () => {
    expect(
      await postTraces(local, exportOf([{}]), {
        authorization: 'Bearer pk-lf-1',
      }),
    ).toMatchObject({ status: 403, body: { error: 'ForbiddenError' } });
    expect(local.observations()).toEqual([]);
  });

  it('answers other methods with 405, before it looks at the keys', async () => {
    for (const method of ['GET', 'PUT', 'DELETE']) {
      expect(
        await request(local, PATH, { method, headers: { authorization: '' } }),
      ).toMatchObject({
        status: 405,
        body: { message: 'Method not allowed', error: 'MethodNotAllowedError' },
      });
    }
  });

  it.each(['application/protobuf', 'text/plain', ''])(
    'answers the content type "%s" with 400',
    async (contentType) => {
      expect(
        await postTraces(local, exportOf([{}]), {
          'content-type': contentType,
        }),
      ).toMatchObject({ status: 400, body: { error: 'Invalid content type' } });
    },
  );

  it('answers bytes that are no protobuf with 400 and notes why', async () => {
    expect(await postTraces(local, Buffer.from('garbage'))).toMatchObject({
      status: 400,
      body: { error: 'Failed to parse OTel Protobuf Trace' },
    });
    expect(local.requests[0]?.note).toContain('wire type 7');
  });

  it('answers broken gzip with 400', async () => {
    const cut = gzipSync(exportOf([{}])).subarray(0, 20);
    for (const body of [Buffer.from('no gzip'), cut]) {
      expect(
        await postTraces(local, body, { 'content-encoding': 'gzip' }),
      ).toMatchObject({
        status: 400,
        body: { error: 'Failed to decompress request body' },
      });
    }
  });

  it('looks at gzip before the content type, as the server does', async () => {
    expect(
      await postTraces(local, Buffer.from('no gzip'), {
        'content-encoding': 'gzip',
        'content-type': 'text/plain',
      }),
    ).toMatchObject({ body: { error: 'Failed to decompress request body' } });
  });

  it('answers a body over the limit with 413 and closes the connection', async () => {
    const atLimit = randomBytes(MAX_BODY_BYTES);
    expect((await postTraces(local, atLimit)).status).toBe(400);
    const response = await fetch(local.url + PATH, {
      method: 'POST',
      headers: {
        authorization: basic(),
        'content-type': 'application/x-protobuf',
      },
      body: randomBytes(MAX_BODY_BYTES * 20 + 1),
    });
    expect(response.status).toBe(413);
    expect(response.headers.get('connection')).toBe('close');
    expect(await response.json()).toEqual({
      message: 'Request body exceeds 100000 bytes',
      error: 'PayloadTooLargeError',
    });
    expect(local.requests[1]).toMatchObject({
      status: 413,
      bytes: MAX_BODY_BYTES * 20 + 1,
    });
  });

  it('answers a small body that unpacks to too much with 413', async () => {
    const bomb = gzipSync(Buffer.alloc(MAX_BODY_BYTES * 500));
    expect(bomb.length).toBeLessThan(MAX_BODY_BYTES);
    expect(
      await postTraces(local, bomb, { 'content-encoding': 'gzip' }),
    ).toMatchObject({ status: 413 });
  });

  it('refuses the whole request for one span without ids', async () => {
    const body = exportOf([
      { name: 'good', spanId: '00000000000000a1' },
      { name: 'bad', traceId: '' },
    ]);
    expect(await postTraces(local, body)).toMatchObject({
      status: 400,
      body: {
        error:
          'Invalid OTLP trace export: 1 of 2 span(s) cannot be processed (traceId:absent). ' +
          'traceId and spanId are required on every span, and each must be a string or a byte array. ' +
          'The entire export was rejected and no spans were ingested. ' +
          'Instrumentation scopes: langfuse-sdk. ' +
          'This endpoint accepts OpenTelemetry traces only — if you are exporting OpenTelemetry logs, point your log exporter elsewhere.',
      },
    });
    expect(local.observations()).toEqual([]);
    expect(local.requests[0]).toMatchObject({ spans: 2, status: 400 });
    expect(local.requests[0]?.note).toContain('1 of 2 span(s)');
  });

  it('names each missing id once', async () => {
    const body = exportOf([{ traceId: '', spanId: '' }, { spanId: '' }]);
    expect(await postTraces(local, body)).toMatchObject({
      body: {
        error: expect.stringContaining(
          '2 of 2 span(s) cannot be processed (traceId:absent, spanId:absent)',
        ),
      },
    });
  });

  it.each([
    ['5', 400],
    ['four', 400],
    ['4', 200],
    ['3', 200],
    ['4.9', 200],
  ])(
    'answers x-langfuse-ingestion-version %s with %i',
    async (version, status) => {
      const answer = await postTraces(local, exportOf([{}]), {
        'x-langfuse-ingestion-version': version,
      });
      expect(answer.status).toBe(status);
      if (status === 400) {
        expect(answer.body).toEqual({
          error: `Unsupported x-langfuse-ingestion-version: "${version}". Maximum supported: "4".`,
        });
        expect(local.observations()).toEqual([]);
      }
    },
  );

  it('checks ids before the ingestion version, and neither for an empty export', async () => {
    const headers = { 'x-langfuse-ingestion-version': '5' };
    expect(
      await postTraces(local, exportOf([{ spanId: '' }]), headers),
    ).toMatchObject({
      body: { error: expect.stringContaining('spanId:absent') },
    });
    expect(await postTraces(local, Buffer.alloc(0), headers)).toMatchObject({
      status: 200,
      body: {},
    });
  });

  it.each([
    ['a span', 'spans'],
    ['the resource', 'resource'],
    ['the scope', 'scope'],
  ])(
    'answers an attribute without a value on %s with 200 and loses the whole request',
    async (_, place) => {
      const at = (here: string): object[] =>
        place === here ? [{ key: 'no.value' }] : [];
      const ids = {
        traceId: Buffer.from(TRACE_ID, 'hex'),
        spanId: Buffer.from(SPAN_ID, 'hex'),
      };
      const body = encode({
        resourceSpans: [
          {
            resource: { attributes: at('resource') },
            scopeSpans: [
              {
                scope: { name: 'langfuse-sdk', attributes: at('scope') },
                spans: [{ ...ids }, { ...ids, attributes: at('spans') }],
              },
            ],
          },
        ],
      });
      const answer = await postTraces(local, body);
      expect(answer).toMatchObject({
        status: 200,
        body: { name: 'otel-ingestion-job' },
      });
      expect(local.observations()).toEqual([]);
      expect(local.stats()).toMatchObject({
        poisonedRequests: 1,
        observations: 0,
      });
      expect(local.requests[0]?.note).toBe(
        'answered 200, but the server\'s worker would lose all 2 span(s) of this request: attribute "no.value" has no value',
      );
    },
  );

  it('does not take an empty value for a missing one', async () => {
    const body = exportOf([{ rawAttributes: [{ key: 'nothing', value: {} }] }]);
    await postTraces(local, body);
    expect(local.stats()).toMatchObject({
      poisonedRequests: 0,
      observations: 1,
    });
  });

  it('keeps a span that comes twice as two rows and counts it', async () => {
    const span = { name: 'once', startMs: START_MS };
    await postTraces(local, exportOf([span]));
    await postTraces(local, exportOf([span]));
    await postTraces(local, exportOf([{ ...span, startMs: START_MS + 0.9 }]));
    await postTraces(local, exportOf([{ ...span, startMs: START_MS + 1 }]));
    expect(local.observations()).toHaveLength(4);
    expect(local.stats().duplicates).toBe(2);
  });
});

describe('keys', () => {
  it('lets the secret key decide, and says so to others', async () => {
    const guarded = await startLangfuseLocal({
      publicKey: 'pk-lf-a',
      secretKey: 'sk-lf-a',
    });
    const post = (authorization: string) =>
      postTraces(guarded, exportOf([{}]), { authorization });
    expect(await post(basic('pk-lf-a', 'sk-lf-wrong'))).toMatchObject({
      status: 401,
      body: {
        message:
          "Invalid credentials. Confirm that you've configured the correct host.",
      },
    });
    expect(await post('Bearer pk-lf-wrong')).toMatchObject({
      status: 401,
      body: {
        message:
          "Invalid public key. Confirm that you've configured the correct host.",
      },
    });
    expect((await post('Bearer pk-lf-a')).status).toBe(403);
    expect((await post(basic('pk-lf-a', 'sk-lf-a'))).status).toBe(200);
    expect((await post(basic('pk-lf-other', 'sk-lf-a'))).status).toBe(200);
    expect(guarded).toMatchObject({
      publicKey: 'pk-lf-a',
      secretKey: 'sk-lf-a',
    });
    await guarded.close();
  });

  it('accepts its own default pair and any other when none was set', async () => {
    const pair = basic(local.publicKey, local.secretKey);
    for (const authorization of [pair, basic('pk-any', 'sk-any')]) {
      expect(
        (await postTraces(local, exportOf([{}]), { authorization })).status,
      ).toBe(200);
    }
  });
});
