/** The same spans, as OpenTelemetry's own serializers write them. */
import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { text } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import {
  ROOT_CONTEXT,
  SpanStatusCode,
  trace,
  type Attributes,
  type SpanStatus,
} from '@opentelemetry/api';
import {
  JsonTraceSerializer,
  ProtobufTraceSerializer,
} from '@opentelemetry/otlp-transformer';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
  type ReadableSpan,
} from '@opentelemetry/sdk-trace-base';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  startLangfuseLocal,
  type LangfuseLocalServer,
} from '../../lib/local/index.js';
import { START_MS } from './export-request.js';
import { basic, postJsonTraces, postTraces, request } from './local-client.js';

interface SpanSketch {
  readonly name: string;
  readonly attributes: Attributes;
  readonly status: SpanStatus;
  readonly startMs: number;
  readonly durationMs: number;
  readonly scope: readonly [name: string, version: string | undefined];
}

let viaJson: LangfuseLocalServer;
let viaProtobuf: LangfuseLocalServer;

beforeAll(async () => {
  // A read looks at everything that is kept.
  viaJson = await startLangfuseLocal({ maxTraces: 2 });
  viaProtobuf = await startLangfuseLocal({ maxTraces: 2 });
});

afterAll(() => Promise.all([viaJson.close(), viaProtobuf.close()]));

/** One trace: the first span is the root, the others are its children. */
function record([root, ...children]: readonly SpanSketch[]): ReadableSpan[] {
  const exporter = new InMemorySpanExporter();
  const provider = new BasicTracerProvider({
    spanProcessors: [new SimpleSpanProcessor(exporter)],
  });
  const start = (sketch: SpanSketch, context = ROOT_CONTEXT) =>
    provider
      .getTracer(...sketch.scope)
      .startSpan(
        sketch.name,
        { attributes: sketch.attributes, startTime: sketch.startMs },
        context,
      )
      .setStatus(sketch.status);
  if (root === undefined) {
    return [];
  }
  const parent = start(root);
  const context = trace.setSpan(ROOT_CONTEXT, parent);
  for (const child of children) {
    start(child, context).end(child.startMs + child.durationMs);
  }
  parent.addEvent('gen_ai.choice', { index: 0 });
  parent.end(root.startMs + root.durationMs);
  return exporter.getFinishedSpans();
}

function json(spans: ReadableSpan[]): Buffer {
  return Buffer.from(JsonTraceSerializer.serializeRequest(spans)!);
}

function protobuf(spans: ReadableSpan[]): Buffer {
  return Buffer.from(ProtobufTraceSerializer.serializeRequest(spans)!);
}

/** What the read API and the handle say of a trace, but for when it came. */
async function read(
  local: LangfuseLocalServer,
  traceId: string,
): Promise<unknown> {
  const { body } = await request(
    local,
    `/api/public/v2/observations?traceId=${traceId}&limit=1000`,
  );
  const traces = local.traces().filter(({ id }) => id === traceId);
  return JSON.parse(
    JSON.stringify({ body, traces }, (key, value: unknown) =>
      key === 'createdAt' || key === 'updatedAt' ? undefined : value,
    ),
  );
}

const KEYS = [
  'langfuse.observation.type',
  'langfuse.observation.level',
  'langfuse.observation.status_message',
  'langfuse.observation.input',
  'langfuse.observation.output',
  'langfuse.observation.metadata',
  'langfuse.observation.metadata.key',
  'langfuse.observation.model.name',
  'langfuse.observation.model.parameters',
  'langfuse.observation.usage_details',
  'langfuse.observation.cost_details',
  'langfuse.observation.completion_start_time',
  'langfuse.observation.prompt.name',
  'langfuse.observation.prompt.version',
  'langfuse.internal.is_app_root',
  'langfuse.trace.name',
  'langfuse.trace.tags',
  'langfuse.trace.metadata.tenant',
  'langfuse.trace.public',
  'langfuse.user.id',
  'langfuse.session.id',
  'langfuse.environment',
  'langfuse.version',
  'langfuse.release',
  'gen_ai.request.model',
  'gen_ai.usage.input_tokens',
  'gen_ai.operation.name',
  'gen_ai.tool.name',
];
const LIKELY_TEXTS = [
  'generation',
  'tool',
  'warn',
  'chat',
  '{"input":10,"output":5}',
  '{"a":{"b":[1,"c"]}}',
  '2026-11-23T09:00:00.500Z',
  'production',
];

// A lone surrogate survives JSON and becomes U+FFFD in protobuf.
const words = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.constantFrom(...LIKELY_TEXTS),
);
const integers = fc.maxSafeInteger();
// Protobuf has no room for whole numbers beyond 64 bits.
const doubles = fc
  .double()
  .filter(
    (number) => !Number.isInteger(number) || Number.isSafeInteger(number),
  );
// An empty list and an empty status message are what the encodings tell apart.
const values = fc.oneof(
  words,
  integers,
  doubles,
  fc.boolean(),
  fc.array(words, { minLength: 1, maxLength: 4 }),
  fc.array(fc.option(integers), { minLength: 1, maxLength: 4 }),
  fc.array(doubles, { minLength: 1, maxLength: 4 }),
  fc.array(fc.boolean(), { minLength: 1, maxLength: 4 }),
);
const sketches = fc.array(
  fc.record<SpanSketch>({
    name: words,
    attributes: fc.dictionary(
      fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...KEYS) }, words),
      values,
      { maxKeys: 12 },
    ) as fc.Arbitrary<Attributes>,
    status: fc.record({
      code: fc.constantFrom(
        SpanStatusCode.UNSET,
        SpanStatusCode.OK,
        SpanStatusCode.ERROR,
      ),
      message: words.filter((message) => message !== ''),
    }),
    startMs: fc
      .integer({ min: 0, max: 1e9 })
      .map((micros) => START_MS + micros / 1000),
    durationMs: fc.double({ min: 0, max: 1e7, noNaN: true }),
    scope: fc.constantFrom(
      ['langfuse-sdk', '5.11.1'] as const,
      ['ai', undefined] as const,
      ['my-tracer', '1.0.0'] as const,
    ),
  }),
  { minLength: 1, maxLength: 4 },
);

describe('JSON and protobuf', () => {
  it('give the same traces of the same spans', async () => {
    await fc.assert(
      fc.asyncProperty(sketches, async (sketched) => {
        const spans = record(sketched);
        const answers = await Promise.all([
          postJsonTraces(viaJson, json(spans)),
          postTraces(viaProtobuf, protobuf(spans)),
        ]);
        expect(answers.map(({ status }) => status)).toEqual([200, 200]);
        const { traceId } = spans[0]!.spanContext();
        const [fromJson, fromProtobuf] = await Promise.all([
          read(viaJson, traceId),
          read(viaProtobuf, traceId),
        ]);
        expect(fromJson).toEqual(fromProtobuf);
        expect(viaJson.observations({ traceId })).toHaveLength(spans.length);
      }),
      { numRuns: 300 },
    );
  });

  it('differ in what an empty list and an empty message become', async () => {
    const spans = record([
      {
        name: 'untagged',
        attributes: { 'langfuse.trace.tags': [] },
        status: { code: SpanStatusCode.ERROR, message: '' },
        startMs: START_MS,
        durationMs: 1,
        scope: ['langfuse-sdk', undefined],
      },
    ]);
    await postJsonTraces(viaJson, json(spans));
    await postTraces(viaProtobuf, protobuf(spans));
    const { traceId } = spans[0]!.spanContext();
    expect(viaJson.observations({ traceId })).toMatchObject([
      { tags: [], statusMessage: '' },
    ]);
    expect(viaProtobuf.observations({ traceId })).toMatchObject([
      { tags: ['{"arrayValue":{}}'], statusMessage: null },
    ]);
  });
});

describe('a request of the official exporter', () => {
  it.each([
    ['of SDK 5, plain', '5.11.1', false],
    ['of SDK 6, zipped', '6.0.0', true],
  ])('%s, lands as it is', async (_, version, gzip) => {
    const spans = record([
      {
        name: 'chat',
        attributes: {
          'langfuse.observation.type': 'agent',
          'langfuse.user.id': 'u-1',
          'langfuse.trace.tags': ['a', 'b'],
        },
        status: { code: SpanStatusCode.UNSET },
        startMs: START_MS,
        durationMs: 1200,
        scope: ['langfuse-sdk', version],
      },
      {
        name: 'answer',
        attributes: {
          'langfuse.observation.type': 'generation',
          'langfuse.observation.model.name': 'gpt-4o-mini',
          'langfuse.observation.usage_details': '{"input":10,"output":5}',
          'langfuse.observation.input': '[{"role":"user","content":"Hi"}]',
        },
        status: { code: SpanStatusCode.ERROR, message: 'overloaded' },
        startMs: START_MS + 100,
        durationMs: 1000,
        scope: ['langfuse-sdk', version],
      },
    ]);
    const body = gzip ? gzipSync(json(spans)) : json(spans);
    const sent = httpRequest(`${viaJson.url}/api/public/otel/v1/traces`, {
      method: 'POST',
      headers: {
        Authorization: basic(viaJson.publicKey, viaJson.secretKey),
        'x-langfuse-sdk-name': 'javascript',
        'x-langfuse-sdk-version': version,
        'x-langfuse-public-key': viaJson.publicKey,
        'User-Agent': 'OTel-OTLP-Exporter-JavaScript/0.223.1',
        'Content-Type': 'application/json',
        ...(gzip && { 'Content-Encoding': 'gzip' }),
        // The exporter streams its body: no length is announced.
        'Transfer-Encoding': 'chunked',
      },
    });
    sent.end(body);
    const [response] = await once(sent, 'response');
    expect(response.statusCode).toBe(200);
    expect(JSON.parse(await text(response))).toMatchObject({
      name: 'otel-ingestion-job',
    });
    const [child, root] = spans.map((span) => span.spanContext());
    expect(viaJson.observations({ traceId: root!.traceId })).toMatchObject([
      {
        id: child!.spanId,
        parentObservationId: root!.spanId,
        type: 'GENERATION',
        name: 'answer',
        startTime: '2026-11-23T09:00:00.100Z',
        endTime: '2026-11-23T09:00:01.100Z',
        level: 'ERROR',
        statusMessage: 'overloaded',
        input: '[{"role":"user","content":"Hi"}]',
        providedModelName: 'gpt-4o-mini',
        usageDetails: { input: 10, output: 5, total: 15 },
      },
      {
        id: root!.spanId,
        traceId: root!.traceId,
        parentObservationId: null,
        type: 'AGENT',
        name: 'chat',
        userId: 'u-1',
        tags: ['a', 'b'],
        ingestionSdkName: 'javascript',
        ingestionSdkVersion: version,
      },
    ]);
  });
});
