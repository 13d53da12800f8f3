import { ROOT_CONTEXT, SpanStatusCode, trace } from '@opentelemetry/api';
import { ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { describe, expect, it } from 'vitest';
import {
  encode,
  exportOf,
  SPAN_ID,
  START_MS,
  TRACE_ID,
  type PlainAttribute,
} from './export-request.js';
import { postTraces } from './local-client.js';
import {
  newTraceId,
  received,
  receiver,
  useReceiver,
  withAttributes,
} from './receive-span.js';

useReceiver();

describe('an observation', () => {
  it('has every field of a full generation', async () => {
    const body = exportOf(
      [
        {
          name: 'answer',
          parentSpanId: '00f067aa0ba902b7',
          startMs: START_MS + 0.999,
          endMs: START_MS + 1200.5,
          status: { code: 2, message: 'not used: the attribute wins' },
          attributes: {
            'langfuse.observation.type': 'generation',
            'langfuse.observation.level': 'WARNING',
            'langfuse.observation.status_message': 'slow',
            'langfuse.observation.input': '[{"role":"user","content":"Hi"}]',
            'langfuse.observation.output': 'Hello 👋',
            'langfuse.observation.metadata.k': '{"a":1}',
            'langfuse.observation.metadata.s': 'x',
            'langfuse.observation.model.name': 'gpt-4o-mini',
            'langfuse.observation.model.parameters':
              '{"temperature":0.2,"stream":true,"stop":["a"],"seed":null}',
            'langfuse.observation.usage_details': '{"input":10,"output":5}',
            'langfuse.observation.cost_details':
              '{"input":0.001,"output":0.002}',
            'langfuse.observation.prompt.name': 'greeting',
            'langfuse.observation.prompt.version': 7,
            'langfuse.observation.completion_start_time':
              '2026-11-23T09:00:00.500Z',
            'langfuse.trace.name': 'chat',
            'langfuse.user.id': 'u-1',
            'langfuse.session.id': 's-1',
            'langfuse.trace.tags': ['a', 'b'],
            'langfuse.trace.metadata.tenant': 'acme',
            'langfuse.trace.public': true,
            'langfuse.environment': 'production',
            'langfuse.version': '1.2.3',
            'langfuse.release': 'r-9',
          },
        },
      ],
      {
        resource: { 'service.name': 'svc' },
        scope: { name: 'langfuse-sdk', version: '0.1.0' },
      },
    );
    await postTraces(receiver(), body, {
      'x-langfuse-sdk-name': 'nestjs-langfuse',
      'x-langfuse-sdk-version': '0.1.0',
    });
    expect(receiver().observations({ traceId: TRACE_ID })).toEqual([
      {
        id: SPAN_ID,
        traceId: TRACE_ID,
        parentObservationId: '00f067aa0ba902b7',
        isRootObservation: false,
        type: 'GENERATION',
        name: 'answer',
        startTime: '2026-11-23T09:00:00.000Z',
        endTime: '2026-11-23T09:00:01.200Z',
        completionStartTime: '2026-11-23T09:00:00.500Z',
        level: 'WARNING',
        statusMessage: 'slow',
        input: '[{"role":"user","content":"Hi"}]',
        output: 'Hello 👋',
        metadata: {
          'resourceAttributes.service.name': 'svc',
          'scope.name': 'langfuse-sdk',
          'scope.version': '0.1.0',
          k: { a: 1 },
          s: 'x',
          tenant: 'acme',
        },
        providedModelName: 'gpt-4o-mini',
        modelParameters: {
          temperature: 0.2,
          stream: 'true',
          stop: '["a"]',
          seed: 'null',
        },
        usageDetails: { input: 10, output: 5, total: 15 },
        costDetails: { input: 0.001, output: 0.002, total: 0.003 },
        promptName: 'greeting',
        promptVersion: 7,
        traceName: 'chat',
        userId: 'u-1',
        sessionId: 's-1',
        tags: ['a', 'b'],
        public: true,
        environment: 'production',
        version: '1.2.3',
        release: 'r-9',
        ingestionSdkName: 'nestjs-langfuse',
        ingestionSdkVersion: '0.1.0',
        createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
      },
    ]);
  });

  it('has plain defaults for a bare span', async () => {
    expect(await received({ name: '' })).toMatchObject({
      parentObservationId: null,
      isRootObservation: true,
      type: 'SPAN',
      name: '',
      level: 'DEFAULT',
      statusMessage: null,
      completionStartTime: null,
      input: null,
      output: null,
      metadata: { 'scope.name': 'langfuse-sdk' },
      providedModelName: null,
      modelParameters: {},
      usageDetails: {},
      costDetails: {},
      promptName: null,
      promptVersion: null,
      traceName: null,
      userId: null,
      sessionId: null,
      tags: [],
      public: false,
      environment: 'default',
      version: null,
      release: null,
    });
  });

  it('comes out the same from the spans of the OpenTelemetry SDK', async () => {
    const exporter = new InMemorySpanExporter();
    const tracer = new BasicTracerProvider({
      spanProcessors: [new SimpleSpanProcessor(exporter)],
    }).getTracer('langfuse-sdk');
    const root = tracer.startSpan('root', {
      attributes: { 'langfuse.trace.tags': ['x'], 'user.id': 'u', flag: true },
    });
    const child = tracer.startSpan(
      'child',
      { attributes: { 'langfuse.observation.type': 'tool', ratio: 0.5 } },
      trace.setSpan(ROOT_CONTEXT, root),
    );
    child.setStatus({ code: SpanStatusCode.ERROR, message: 'broken' });
    child.end();
    root.end();
    const spans = exporter.getFinishedSpans();
    await postTraces(
      receiver(),
      Buffer.from(ProtobufTraceSerializer.serializeRequest(spans)!),
    );
    const { traceId, spanId } = root.spanContext();
    expect(receiver().observations({ traceId })).toMatchObject([
      {
        id: child.spanContext().spanId,
        parentObservationId: spanId,
        isRootObservation: false,
        type: 'TOOL',
        name: 'child',
        level: 'ERROR',
        statusMessage: 'broken',
      },
      { id: spanId, isRootObservation: true, userId: 'u', tags: ['x'] },
    ]);
  });

  it.each([
    ['generation', 'GENERATION'],
    ['event', 'EVENT'],
    ['embedding', 'EMBEDDING'],
    ['agent', 'AGENT'],
    ['tool', 'TOOL'],
    ['chain', 'CHAIN'],
    ['retriever', 'RETRIEVER'],
    ['guardrail', 'GUARDRAIL'],
    ['evaluator', 'EVALUATOR'],
    ['span', 'SPAN'],
    ['GENERATION', 'SPAN'],
    ['unknown', 'SPAN'],
  ])('of langfuse.observation.type %s has the type %s', async (sent, type) => {
    expect(
      (await withAttributes({ 'langfuse.observation.type': sent })).type,
    ).toBe(type);
  });

  it.each<[Record<string, string>, string]>([
    [{ 'openinference.span.kind': 'LLM' }, 'GENERATION'],
    [{ 'gen_ai.operation.name': 'chat' }, 'GENERATION'],
    [{ 'gen_ai.operation.name': 'embeddings' }, 'EMBEDDING'],
    [{ 'gen_ai.operation.name': 'execute_tool' }, 'TOOL'],
    [{ 'gen_ai.tool.name': 'search' }, 'TOOL'],
    [{ 'gen_ai.request.model': 'm' }, 'GENERATION'],
    [{ 'langfuse.observation.model.name': 'm' }, 'GENERATION'],
    [
      {
        'langfuse.observation.type': 'agent',
        'openinference.span.kind': 'LLM',
        'gen_ai.operation.name': 'chat',
      },
      'AGENT',
    ],
  ])('with %j has the type %s', async (attributes, type) => {
    expect((await withAttributes(attributes)).type).toBe(type);
  });

  it.each([
    ['debug', 'DEBUG'],
    ['Trace', 'DEBUG'],
    ['info', 'DEFAULT'],
    ['warn', 'WARNING'],
    ['Fatal', 'ERROR'],
    ['nonsense', 'ERROR'],
  ])('of level %s and status error has the level %s', async (sent, level) => {
    const attributes = { 'langfuse.observation.level': sent };
    expect((await received({ attributes, status: { code: 2 } })).level).toBe(
      level,
    );
    expect((await received({ attributes })).level).toBe(
      sent === 'nonsense' ? 'DEFAULT' : level,
    );
  });

  it('is a root in spite of its parent when it is marked as one', async () => {
    for (const mark of [true, 'true']) {
      expect(
        await received({
          parentSpanId: SPAN_ID,
          attributes: { 'langfuse.internal.is_app_root': mark },
        }),
      ).toMatchObject({
        isRootObservation: true,
        parentObservationId: SPAN_ID,
      });
    }
  });

  it('copies a missing start or end from the other one', async () => {
    const time = `${BigInt(START_MS) * 1_000_000n}`;
    for (const edge of ['startTimeUnixNano', 'endTimeUnixNano']) {
      const traceId = newTraceId();
      await postTraces(
        receiver(),
        encode({
          resourceSpans: [
            {
              scopeSpans: [
                {
                  spans: [
                    {
                      traceId: Buffer.from(traceId, 'hex'),
                      spanId: Buffer.from(SPAN_ID, 'hex'),
                      [edge]: time,
                    },
                  ],
                },
              ],
            },
          ],
        }),
      );
      expect(receiver().observations({ traceId })).toMatchObject([
        {
          startTime: '2026-11-23T09:00:00.000Z',
          endTime: '2026-11-23T09:00:00.000Z',
        },
      ]);
    }
  });

  it('reads input and output of one convention only', async () => {
    expect(
      await withAttributes({
        'langfuse.observation.output': '',
        'gen_ai.input.messages': 'not read',
        'input.value': 'not read',
        'langfuse.trace.input': 'not read',
      }),
    ).toMatchObject({ input: null, output: '' });
    expect(
      await withAttributes({
        'gen_ai.tool.call.arguments': '{"q":1}',
        'output.value': 'not read',
      }),
    ).toMatchObject({ input: '{"q":1}', output: null });
  });

  it('has inputs that were not strings as JSON', async () => {
    expect(
      await withAttributes({
        'langfuse.observation.input': 0,
        'langfuse.observation.output': ['a'],
      }),
    ).toMatchObject({ input: '0', output: '["a"]' });
  });

  it.each<[string, PlainAttribute, string | null]>([
    [
      'an ISO time with an offset',
      '2026-11-23T10:00:00+01:00',
      '2026-11-23T09:00:00.000Z',
    ],
    [
      'a time in JSON quotes',
      '"2026-11-23T09:00:00Z"',
      '2026-11-23T09:00:00.000Z',
    ],
    ['no time', 'soon', null],
    ['a number', 5, null],
  ])('reads %s as completion start', async (_, sent, time) => {
    expect(
      (
        await withAttributes({
          'langfuse.observation.completion_start_time': sent,
        })
      ).completionStartTime,
    ).toBe(time);
  });

  it('has a prompt only as a generation, with a small whole version', async () => {
    const prompt = (version: PlainAttribute, type = 'generation') =>
      withAttributes({
        'langfuse.observation.type': type,
        'langfuse.observation.prompt.name': 'p',
        'langfuse.observation.prompt.version': version,
      });
    expect(await prompt(65_535)).toMatchObject({
      promptName: 'p',
      promptVersion: 65_535,
    });
    for (const version of [65_536, -1, 1.5, '3']) {
      expect(await prompt(version)).toMatchObject({
        promptName: 'p',
        promptVersion: null,
      });
    }
    expect(await prompt(3, 'span')).toMatchObject({
      promptName: null,
      promptVersion: null,
    });
  });
});

describe('values that no client should send', () => {
  it.each([
    [{}, '{}'],
    [
      { kvlistValue: { values: [{ key: 'a', value: { intValue: 1 } }] } },
      '{"kvlistValue":{"values":[{"key":"a","value":{"intValue":"1"}}]}}',
    ],
    [
      { bytesValue: Buffer.from([1, 2]) },
      '{"bytesValue":{"type":"Buffer","data":[1,2]}}',
    ],
    [{ arrayValue: {} }, '{"arrayValue":{}}'],
  ])('are stored as the JSON of their wrapper: %j', async (value, stored) => {
    const { userId } = await received({
      rawAttributes: [{ key: 'user.id', value }],
    });
    expect(userId).toBe(stored);
  });

  it('loses numbers that JSON does not have', async () => {
    const { metadata } = await received({
      rawAttributes: [
        {
          key: 'langfuse.observation.metadata.ratio',
          value: { doubleValue: Number.NaN },
        },
      ],
    });
    expect(metadata).toMatchObject({ ratio: null });
  });

  it('reads 64-bit integers', async () => {
    const { userId } = await received({
      rawAttributes: [
        { key: 'user.id', value: { intValue: '-9007199254740991' } },
      ],
    });
    expect(userId).toBe('-9007199254740991');
  });
});
