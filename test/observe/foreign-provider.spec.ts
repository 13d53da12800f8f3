/**
 * Beside another OpenTelemetry provider: its spans stay what they are without
 * us, and ours find their place below them. A file of its own, since it
 * registers OpenTelemetry's globals.
 */
import http from 'node:http';
import { syncBuiltinESMExports } from 'node:module';
import { Injectable } from '@nestjs/common';
import {
  context,
  propagation,
  SpanKind,
  trace,
  TraceFlags,
} from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  type Sampler,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LangfuseService, Trace } from '../../lib/index.js';
import { TracedApplication } from '../support/traced-application.js';

/** Spans of the application's own instrumentation. */
function foreign<T>(name: string, fn: () => T): T {
  return trace.getTracer('app').startActiveSpan(name, (span) => {
    const end = () => span.end();
    const result = fn();
    if (result instanceof Promise) void result.finally(end);
    else end();
    return result;
  });
}

@Injectable()
class Repository {
  @Trace({ asType: 'tool' })
  async load(id: number): Promise<string> {
    await Promise.resolve();
    return foreign(`query ${id}`, () => `row ${id}`);
  }
}

@Injectable()
class Shop {
  constructor(
    private readonly repository: Repository,
    private readonly langfuse: LangfuseService,
  ) {}

  @Trace()
  async checkout(): Promise<string[]> {
    foreign('validate', () => undefined);
    const rows = await Promise.all([
      this.repository.load(1),
      foreign('batch', () => this.repository.load(2)),
    ]);
    this.langfuse.startActiveObservation('summary', () =>
      foreign('render', () => undefined),
    );
    await foreign('commit', async () => {
      await Promise.resolve();
      this.langfuse.getTracer().startActiveSpan('ours', (span) => {
        foreign('insert', () => undefined);
        span.end();
      });
    });
    return rows;
  }
}

/** What is observable of a foreign span; ids are told by names. */
function shapeOf(spans: readonly ReadableSpan[]) {
  const nameOf = new Map(
    spans.map((span) => [span.spanContext().spanId, span.name]),
  );
  const roots = new Map<string, string>();
  for (const span of spans.filter(({ parentSpanContext: p }) => !p)) {
    roots.set(span.spanContext().traceId, span.name);
  }
  return spans
    .map((span) => ({
      name: span.name,
      parent:
        span.parentSpanContext &&
        (nameOf.get(span.parentSpanContext.spanId) ?? 'somebody else'),
      trace: roots.get(span.spanContext().traceId) ?? 'somebody else’s',
      sampled: span.spanContext().traceFlags === TraceFlags.SAMPLED,
      attributes: span.attributes,
      events: span.events.length,
    }))
    .toSorted((a, b) => a.name.localeCompare(b.name));
}

describe('beside a global provider and context manager', () => {
  let exporter: InMemorySpanExporter;

  function register(sampler: Sampler): void {
    exporter = new InMemorySpanExporter();
    trace.disable();
    trace.setGlobalTracerProvider(
      new BasicTracerProvider({
        sampler,
        spanProcessors: [new SimpleSpanProcessor(exporter)],
      }),
    );
  }

  beforeEach(() => {
    const manager = new AsyncLocalStorageContextManager().enable();
    context.setGlobalContextManager(manager);
    register(new AlwaysOnSampler());
  });
  afterEach(() => {
    trace.disable();
    context.disable();
  });

  const start = (enabled = true) =>
    TracedApplication.start({
      providers: [Shop, Repository],
      langfuse: { enabled },
    });

  it('foreign spans around and inside traced methods are the same with us and without', async () => {
    const shapes = [];
    for (const enabled of [false, true]) {
      exporter.reset();
      const traced = await start(enabled);
      const rows = await foreign('request', () => traced.get(Shop).checkout());
      expect(rows).toEqual(['row 1', 'row 2']);
      // Without anything active around it, too.
      await traced.get(Shop).checkout();
      await traced.langfuse.flush();
      expect(traced.local.stats().observations).toBe(enabled ? 10 : 0);
      shapes.push(shapeOf(exporter.getFinishedSpans()));
      await traced.close();
    }
    const [without, beside] = shapes;
    expect(without).toHaveLength(15);
    expect(beside).toEqual(without);
    const query = without!.find(({ name, trace: of }) => {
      return name === 'query 1' && of === 'request';
    });
    expect(query).toMatchObject({ parent: 'request', sampled: true });
  });

  it('nothing global is registered or replaced', async () => {
    const before = [
      trace.getTracerProvider(),
      Reflect.get(context, '_getContextManager').call(context),
      Reflect.get(propagation, '_getGlobalPropagator').call(propagation),
    ];
    const traced = await start();
    await traced.get(Shop).checkout();
    expect([
      trace.getTracerProvider(),
      Reflect.get(context, '_getContextManager').call(context),
      Reflect.get(propagation, '_getGlobalPropagator').call(propagation),
    ]).toEqual(before);
    await traced.close();
  });

  it('our first observation is a child of the foreign active span, and a root for Langfuse', async () => {
    const traced = await start();
    const request = await foreign('request', async () => {
      await traced.get(Shop).checkout();
      return trace.getActiveSpan()!.spanContext();
    });

    const checkout = await traced.observation('Shop.checkout');
    expect(checkout).toMatchObject({
      traceId: request.traceId,
      parentObservationId: request.spanId,
      isRootObservation: true,
      traceName: 'Shop.checkout',
    });
    const below = (await traced.observations(request.traceId)).filter(
      ({ id }) => id !== checkout.id,
    );
    expect(below.map(({ name }) => name).toSorted()).toEqual([
      'Repository.load',
      'Repository.load',
      'ours',
      'summary',
    ]);
    for (const observation of below) {
      expect(observation).toMatchObject({
        parentObservationId: checkout.id,
        isRootObservation: false,
        traceId: request.traceId,
      });
    }
    await traced.close();
  });

  it('the parent of another process is kept, with its trace state', async () => {
    const traced = await start();
    const remote = {
      traceId: '0af7651916cd43dd8448eb211c80319c',
      spanId: 'b7ad6b7169203331',
      traceFlags: TraceFlags.NONE,
      isRemote: true,
    };
    const inRemote = trace.setSpanContext(context.active(), remote);
    await context.with(inRemote, () => traced.get(Repository).load(7));
    expect(await traced.observation('Repository.load')).toMatchObject({
      traceId: remote.traceId,
      parentObservationId: remote.spanId,
      isRootObservation: true,
    });
    await traced.close();
  });

  it('our data arrives although the foreign sampler samples nothing', async () => {
    register(new AlwaysOffSampler());
    const traced = await start();
    const request = await foreign('request', async () => {
      await traced.get(Shop).checkout();
      return trace.getActiveSpan()!.spanContext();
    });
    expect(request.traceFlags).toBe(TraceFlags.NONE);
    expect(exporter.getFinishedSpans()).toHaveLength(0);

    const observations = await traced.observations(request.traceId);
    expect(observations).toHaveLength(5);
    await traced.close();
  });

  it('our own requests are not traced by the instrumentation of http', async () => {
    const { seen, restore } = instrumentHttp();
    try {
      const traced = await start();
      await foreign('request', async () => {
        await traced.get(Shop).checkout();
        traced.langfuse.createScore({ name: 's', value: 1, traceId: 't' });
        await traced.langfuse.flush();
        // The instrumentation does work: a request of the application is seen.
        await new Promise((resolve, reject) => {
          http
            .request(`${traced.local.url}/api/public/health`, resolve)
            .on('error', reject)
            .end();
        });
      });
      expect(seen.toSorted()).toEqual([
        '/api/public/health',
        '/api/public/ingestion',
        '/api/public/otel/v1/traces',
      ]);
      const spans = exporter
        .getFinishedSpans()
        .filter(({ kind }) => kind === SpanKind.CLIENT);
      expect(spans.map(({ name }) => name)).toEqual([
        'HTTP /api/public/health',
      ]);
      await traced.close();
    } finally {
      restore();
    }
  });
});

/** Does to `http.request` what OpenTelemetry's instrumentation does to it. */
function instrumentHttp(): { seen: string[]; restore: () => void } {
  const seen: string[] = [];
  const original = http.request;
  const patched = (...args: [string | URL, ...never[]]) => {
    const { pathname } = new URL(args[0]);
    seen.push(pathname);
    trace
      .getTracer('http')
      .startSpan(`HTTP ${pathname}`, { kind: SpanKind.CLIENT })
      .end();
    return original(...args);
  };
  const install = (request: typeof http.request) => {
    http.request = request;
    syncBuiltinESMExports();
  };
  install(patched as typeof http.request);
  return { seen, restore: () => install(original) };
}
