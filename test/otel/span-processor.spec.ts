/** Spans of OpenTelemetry's own SDK, through our processor, on real HTTP. */
import {
  type Context,
  propagation,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  TraceFlags,
} from '@opentelemetry/api';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  type ReadableSpan,
  type Sampler,
  SamplingDecision,
  type Span,
  type SpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { describe, expect, expectTypeOf, it } from 'vitest';
import {
  isDefaultExportSpan,
  LangfuseSpanProcessor,
  type SdkSpan,
} from '../../lib/index.js';
import { inspect } from 'node:util';
import { exportIn, record, startSdk, WatchingProcessor } from './sdk.js';
import { attributesOf } from '../support/otlp.js';

const IS_APP_ROOT = 'langfuse.internal.is_app_root';

function below(span: Span | { spanContext: Span['spanContext'] }): Context {
  return trace.setSpanContext(ROOT_CONTEXT, span.spanContext());
}

describe('types', () => {
  it('it is a SpanProcessor of the SDK', () => {
    expectTypeOf<LangfuseSpanProcessor>().toExtend<SpanProcessor>();
    expectTypeOf<ReadableSpan>().toExtend<SdkSpan>();
    expectTypeOf(isDefaultExportSpan).parameter(0).not.toBeAny();
    expect(isDefaultExportSpan).toBeTypeOf('function');
  });
});

describe('what is sent', () => {
  it('all of a span, with its resource and its scope', async () => {
    const resource = resourceFromAttributes({ 'service.name': 'shop' });
    const { llm, arrived, server } = await startSdk({
      langfuse: { environment: 'staging', release: '1.4.2' },
      sdk: { resource },
    });
    const linked = {
      traceId: 'a'.repeat(32),
      spanId: 'b'.repeat(16),
      traceFlags: 1,
    };
    const span = llm.startSpan('ask', {
      kind: SpanKind.CLIENT,
      attributes: { text: 'x', list: ['a', 'b'], on: true, count: 3 },
      links: [{ context: linked, attributes: { why: 'retry' } }],
      startTime: [1_700_000_000, 5],
    });
    span.addEvent('token', { n: 1 }, [1_700_000_001, 6]);
    span.setStatus({ code: SpanStatusCode.ERROR, message: 'no answer' });
    span.end([1_700_000_002, 7]);

    const [sent] = await arrived();
    expect(sent).toMatchObject({
      name: 'ask',
      kind: 3,
      startTimeUnixNano: '1700000000000000005',
      endTimeUnixNano: '1700000002000000007',
      status: { code: 2, message: 'no answer' },
      attributes: {
        text: 'x',
        list: ['a', 'b'],
        on: true,
        count: 3n,
        'langfuse.environment': 'staging',
        'langfuse.release': '1.4.2',
        [IS_APP_ROOT]: true,
      },
      events: [{ name: 'token', timeUnixNano: '1700000001000000006' }],
      links: [linked].map(({ traceId, spanId }) => ({ traceId, spanId })),
    });
    const [part] = exportIn(server.requests[0]!).resourceSpans;
    expect(attributesOf(part!.resource.attributes)).toMatchObject({
      'service.name': 'shop',
    });
    expect(part!.scopeSpans[0]!.scope).toMatchObject({
      name: 'openinference',
      version: '1.2.3',
    });
  });

  it('by default spans about language models, and no others', async () => {
    const { provider, http, arrived } = await startSdk();
    record(http, 'GET /');
    record(http, 'chat', { 'gen_ai.system': 'openai' });
    for (const scope of [
      'ai',
      'ai.other',
      'langfuse-sdk',
      'langfuse-sdk/nestjs-langfuse',
      'langfuse-sdk-fake',
      'opentelemetry.instrumentation.openai.v1',
      'opentelemetry.instrumentation.openaix',
    ]) {
      record(provider.getTracer(scope), scope);
    }
    const names = (await arrived()).map(({ name }) => name);
    expect(names.toSorted()).toEqual([
      'ai',
      'chat',
      'langfuse-sdk',
      'langfuse-sdk/nestjs-langfuse',
      'opentelemetry.instrumentation.openai.v1',
    ]);
  });

  it('what is recorded, but not sampled, is left out, and is no parent', async () => {
    const sampler: Sampler = {
      shouldSample: (_context, _traceId, name) => ({
        decision: name.startsWith('unsampled')
          ? SamplingDecision.RECORD
          : SamplingDecision.RECORD_AND_SAMPLED,
      }),
      toString: () => 'by name',
    };
    const { llm, arrived } = await startSdk({ sdk: { sampler } });
    const outer = llm.startSpan('unsampled');
    const inner = llm.startSpan('sampled', {}, below(outer));
    inner.end();
    outer.end();
    const sent = await arrived();
    expect(sent.map(({ name }) => name)).toEqual(['sampled']);
    expect(sent[0]!.attributes).toMatchObject({ [IS_APP_ROOT]: true });
  });

  it('nothing while tracing is off', async () => {
    const { llm, server, processor } = await startSdk({
      langfuse: { enabled: false },
    });
    record(llm, 'x');
    await processor.shutdown();
    expect(server.connections).toBe(0);
  });
});

describe('where Langfuse’s part of a trace begins', () => {
  it('below a span that is not sent, and nowhere else', async () => {
    const { llm, http, arrived } = await startSdk();
    const request = http.startSpan('GET /');
    const chain = llm.startSpan('chain', {}, below(request));
    const call = llm.startSpan('call', {}, below(chain));
    for (const span of [call, chain, request]) span.end();
    const marked = (await arrived()).map(({ name, attributes }) => [
      name,
      attributes[IS_APP_ROOT] === true,
    ]);
    expect(marked).toEqual([
      ['call', false],
      ['chain', true],
    ]);
  });

  it('is found with the application’s own filter, too', async () => {
    const { http, arrived } = await startSdk({
      langfuse: {
        shouldExportSpan: ({ otelSpan }) => otelSpan.name !== 'GET /',
      },
    });
    const request = http.startSpan('GET /');
    const work = http.startSpan('work', {}, below(request));
    work.end();
    request.end();
    const [sent, ...others] = await arrived();
    expect(others).toEqual([]);
    expect(sent).toMatchObject({
      name: 'work',
      attributes: { [IS_APP_ROOT]: true },
    });
  });

  it('is not here when the service before this one has claimed the trace', async () => {
    const { llm, arrived } = await startSdk();
    const remote = {
      traceId: 'ab'.repeat(16),
      spanId: 'cd'.repeat(8),
      traceFlags: TraceFlags.SAMPLED,
      isRemote: true,
    };
    const claimed = propagation.setBaggage(
      trace.setSpanContext(ROOT_CONTEXT, remote),
      propagation.createBaggage({
        langfuse_trace_id: { value: remote.traceId.toUpperCase() },
      }),
    );
    llm.startSpan('x', {}, claimed).end();
    const [sent] = await arrived();
    expect(sent!.attributes).not.toHaveProperty([IS_APP_ROOT]);
    expect(sent!.flags & 0x200).toBe(0x200);
  });
});

describe('mask, filter and sampling', () => {
  it('the mask gets all texts of the span', async () => {
    const { llm, arrived } = await startSdk({
      langfuse: { mask: ({ data }) => data.replaceAll('secret', '***') },
    });
    const span = llm.startSpan('a secret', {
      attributes: { 'gen_ai.prompt': 'my secret', list: ['secret'] },
    });
    span.addEvent('secret', { secret: 'secret' });
    span.setStatus({ code: SpanStatusCode.ERROR, message: 'secret' });
    span.end();
    const sent = await arrived();
    expect(sent).toHaveLength(1);
    expect(inspect(sent, { depth: null })).not.toContain('secret');
    expect(sent[0]!.attributes).toMatchObject({ 'gen_ai.prompt': 'my ***' });
  });

  it.each([
    ['at once', (text: string) => text],
    ['later', (text: string) => Promise.resolve(text)],
  ])('the mask gets what the process says of itself, %s', async (_, answer) => {
    let fails = true;
    const { llm, arrived, server, processor } = await startSdk({
      langfuse: {
        mask: ({ data }) => {
          if (fails && data === 'shop') throw new Error('not yet');
          return answer(data.replaceAll('secret', '***'));
        },
      },
      sdk: {
        resource: resourceFromAttributes({
          'service.name': 'shop',
          'process.command_args': ['--password', 'secret'],
        }),
      },
    });
    record(llm, 'first');
    await processor.forceFlush();
    // What the mask failed for is tried again.
    fails = false;
    record(llm, 'second');
    expect(await arrived()).toHaveLength(2);
    const exports = server.requests.map(exportIn);
    expect(inspect(exports, { depth: null })).not.toContain('secret');
    expect(
      exports.flatMap(({ resourceSpans }) =>
        resourceSpans.map(
          ({ resource }) => attributesOf(resource.attributes)['service.name'],
        ),
      ),
    ).toEqual(['<fully masked due to failed mask function>', 'shop']);
  });

  it('a filter that throws leaves the span in; sampleRate: 0 leaves all out', async () => {
    const throwing = await startSdk({
      langfuse: {
        shouldExportSpan: () => {
          throw new Error('boom');
        },
      },
    });
    record(throwing.http, 'x');
    expect(await throwing.arrived()).toHaveLength(1);

    const none = await startSdk({ langfuse: { sampleRate: 0 } });
    record(none.llm, 'x');
    expect(await none.arrived()).toEqual([]);
  });

  it('the filter sees the SDK’s own span, and is asked once when it ends', async () => {
    const asked: unknown[] = [];
    const { http } = await startSdk({
      langfuse: {
        shouldExportSpan: ({ otelSpan }) => {
          asked.push(otelSpan);
          return false;
        },
      },
    });
    const span = http.startSpan('x');
    asked.length = 0;
    span.end();
    expect(asked).toEqual([span]);
    expect(asked[0]).toBe(span);
  });
});

describe('robustness', () => {
  it('no span is changed: other processors see the same before and after ours', async () => {
    const before = new WatchingProcessor();
    const after = new WatchingProcessor();
    const { llm, arrived } = await startSdk({
      langfuse: {
        environment: 'staging',
        release: '1',
        mask: async ({ data }) => data.replaceAll('x', 'y'),
      },
      processors: (ours) => [before, ours, after],
    });
    const span = llm.startSpan('ask', { attributes: { a: 'x', b: ['x'] } });
    span.addEvent('x', { a: 'x' });
    span.end();
    expect(after.seen).toEqual(before.seen);
    const [sent] = await arrived();
    expect(sent).toMatchObject({ name: 'ask', attributes: { b: ['y'] } });
    expect(inspect(span, { depth: 8 })).toBe(after.seen.at(-1));
  });

  it('hostile spans neither throw nor cost others', async () => {
    const { processor, llm, arrived } = await startSdk();
    const thrower = new Proxy(
      {},
      {
        get() {
          throw new Error('trap');
        },
      },
    );
    const good = {
      spanContext: () => ({
        traceId: '1'.repeat(32),
        spanId: '2'.repeat(16),
        traceFlags: 1,
      }),
      instrumentationScope: { name: 'ai' },
      attributes: {},
    };
    const hostile: unknown[] = [
      undefined,
      null,
      1,
      {},
      thrower,
      good,
      { ...good, resource: thrower },
      { ...good, attributes: thrower },
      { ...good, spanContext: () => null },
    ];
    for (const span of hostile) {
      expect(() =>
        processor.onStart(span as SdkSpan, ROOT_CONTEXT),
      ).not.toThrow();
      expect(() =>
        processor.onStart(span as SdkSpan, undefined as never),
      ).not.toThrow();
      expect(() => processor.onEnd(span as SdkSpan)).not.toThrow();
    }
    record(llm, 'neighbour');
    expect((await arrived()).map(({ name }) => name)).toEqual(['neighbour']);
  });

  it('values that only later SDKs have are readable text; null is left out', async () => {
    const { llm, arrived } = await startSdk();
    const span = llm.startSpan('x');
    const circular: { self?: unknown } = {};
    circular.self = circular;
    Object.assign((span as unknown as ReadableSpan).attributes, {
      map: { a: { b: 1 } },
      bytes: new Uint8Array([1, 2, 3]),
      mixed: ['a', 1, null, true],
      maps: [{ a: 1 }],
      nothing: null,
      circular,
    });
    span.end();
    const [sent] = await arrived();
    const { attributes } = sent!;
    expect(attributes).toMatchObject({
      map: '{"a":{"b":1}}',
      mixed: ['a', 1n, true],
      maps: '[{"a":1}]',
    });
    expect(attributes).not.toHaveProperty('nothing');
    expect(attributes['bytes']).toMatch(/3 B|AQID|010203|3 bytes/);
    expect(attributes['circular']).toContain('Circular');
  });
});

describe('attributes of the process that are still being detected', () => {
  it('are waited for; flush() waits as well', async () => {
    let detected: (name: string) => void = () => undefined;
    const name = new Promise<string>((resolve) => (detected = resolve));
    const resource = resourceFromAttributes({ 'service.name': name, a: 1 });
    const { llm, processor, server } = await startSdk({ sdk: { resource } });
    record(llm, 'early');
    const flushed = processor.flush();
    detected('shop');
    await name;
    record(llm, 'late');
    expect(await flushed).toMatchObject({ timedOut: false, delivered: 1 });
    await processor.forceFlush();
    for (const request of server.requests) {
      for (const part of exportIn(request).resourceSpans) {
        expect(attributesOf(part.resource.attributes)).toMatchObject({
          'service.name': 'shop',
          a: 1n,
        });
      }
    }
  });
});

describe('delivery', () => {
  it('immediate, one by one: 1,000 spans, 1,000 delivered', async () => {
    const { llm, processor, arrived } = await startSdk({
      langfuse: { exportMode: 'immediate', flushAt: 1 },
    });
    for (let i = 0; i < 1_000; i++) record(llm, `span ${i}`);
    await processor.forceFlush();
    const names = (await arrived()).map(({ name }) => name);
    expect(names).toHaveLength(1_000);
    expect(new Set(names).size).toBe(1_000);
  });

  it('shutdown() sends what is left; later spans are counted, not sent', async () => {
    const { llm, processor, server } = await startSdk();
    record(llm, 'in time');
    await processor.shutdown();
    record(llm, 'too late');
    await processor.forceFlush();
    expect(server.requests).toHaveLength(1);
  });
});
