/** The queue's figures, as the application's meter provider collects them. */
import { metrics } from '@opentelemetry/api';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import {
  LangfuseModule,
  type LangfuseModuleOptions,
  LangfuseSpanProcessor,
} from '../../lib/index.js';
import {
  keysFor,
  record,
  startApplication,
  startReceiver,
  startSendingTo,
} from '../support/application.js';
import { CollectedMetrics, figures } from '../support/collected-metrics.js';
import { langfuseEnvironment } from '../support/environment.js';
import { answer, RecordingServer } from '../support/recording-server.js';

beforeEach(() => langfuseEnvironment());

async function startMeasured(
  options: LangfuseModuleOptions = {},
  status = 200,
) {
  const collected = CollectedMetrics.register();
  const server = await RecordingServer.start(answer(status));
  const application = await startSendingTo(server, options);
  return { ...application, collected, server };
}

describe('metrics', () => {
  it('tell what the queue holds and what became of the rest', async () => {
    const { collected, langfuse } = await startMeasured({
      maxQueueSize: 50,
      maxQueueBytes: 1_000_000,
    });
    record(langfuse, 3);
    await langfuse.flush();
    record(langfuse, 2);
    langfuse.createScore({ traceId: 'a'.repeat(32), name: 'good', value: 1 });
    const told = figures(collected.collect());
    expect(told).toMatchObject({
      'langfuse.queue.size {langfuse.lane: spans}': 2,
      'langfuse.queue.size {langfuse.lane: scores}': 1,
      'langfuse.queue.inflight {langfuse.lane: spans}': 0,
      'langfuse.queue.capacity {langfuse.lane: spans}': 50,
      'langfuse.queue.capacity {langfuse.lane: scores}': 50,
      'langfuse.queue.memory.limit {langfuse.lane: spans}': 1_000_000,
      'langfuse.queue.enqueued {langfuse.lane: spans}': 5,
      'langfuse.queue.enqueued {langfuse.lane: scores}': 1,
      'langfuse.queue.delivered {langfuse.lane: spans}': 3,
      'langfuse.queue.delivered {langfuse.lane: scores}': 0,
      'langfuse.destination.requests': 1,
      'langfuse.destination.retries': 0,
      'langfuse.destination.resent_after_unknown': 0,
      'langfuse.destination.outages': 0,
      'otel.sdk.processor.span.queue.size': 2,
      'otel.sdk.processor.span.queue.capacity': 50,
      'otel.sdk.exporter.span.inflight': 0,
      'otel.sdk.exporter.span.exported': 3,
    });
    const bytes = 'langfuse.queue.memory.usage {langfuse.lane: spans}';
    expect(told[bytes]).toBeGreaterThan(100);
    expect(Object.keys(told).join()).not.toContain('dropped');
  });

  it('tell why records were dropped, and which exports failed', async () => {
    const options = { maxQueueSize: 4, flushAt: 2, maxConcurrency: 1 };
    const { collected, langfuse } = await startMeasured(options, 400);
    record(langfuse, 7);
    await langfuse.flush();
    // A probe says that the route works, so that it is the data.
    expect(figures(collected.collect())).toMatchObject({
      'langfuse.queue.dropped {langfuse.lane: spans, langfuse.drop_reason: overflow}': 3,
      'langfuse.queue.dropped {langfuse.lane: spans, langfuse.drop_reason: rejected}': 4,
      'otel.sdk.exporter.span.exported': 0,
      'otel.sdk.exporter.span.exported {error.type: rejected}': 4,
    });
  });

  it('tell of an outage while it lasts', async () => {
    const { collected, langfuse } = await startMeasured({}, 401);
    record(langfuse, 1);
    await langfuse.flush({ timeoutMs: 100 });
    expect(figures(collected.collect())).toMatchObject({
      'langfuse.destination.outages': 1,
      'langfuse.queue.inflight {langfuse.lane: spans}': 1,
    });
  });

  it('come from instruments with the kind and unit that suit them', async () => {
    const { collected } = await startMeasured();
    expect(collected.scopes).toEqual([
      expect.stringMatching(/^nestjs-langfuse@\d/),
    ]);
    const said = collected.instruments.map(
      ({ name, kind, unit }) => `${name}: ${kind} in ${unit}`,
    );
    expect(said.toSorted()).toEqual([
      'langfuse.destination.outages: upDownCounter in {outage}',
      'langfuse.destination.requests: counter in {request}',
      'langfuse.destination.resent_after_unknown: counter in {record}',
      'langfuse.destination.retries: counter in {request}',
      'langfuse.queue.capacity: upDownCounter in {record}',
      'langfuse.queue.delivered: counter in {record}',
      'langfuse.queue.dropped: counter in {record}',
      'langfuse.queue.enqueued: counter in {record}',
      'langfuse.queue.inflight: upDownCounter in {record}',
      'langfuse.queue.memory.limit: upDownCounter in By',
      'langfuse.queue.memory.usage: upDownCounter in By',
      'langfuse.queue.size: upDownCounter in {record}',
      'langfuse.queue.spooled: upDownCounter in {record}',
      'otel.sdk.exporter.span.exported: counter in {span}',
      'otel.sdk.exporter.span.inflight: upDownCounter in {span}',
      'otel.sdk.processor.span.queue.capacity: upDownCounter in {span}',
      'otel.sdk.processor.span.queue.size: upDownCounter in {span}',
    ]);
    expect(collected.instruments.every(({ description }) => description)).toBe(
      true,
    );
  });

  it('of two applications stay apart', async () => {
    const { app, collected, langfuse, server } = await startMeasured();
    const other = await startSendingTo(server);
    record(langfuse, 1);
    record(other.langfuse, 2);
    const sizes = () =>
      collected
        .collect()
        .filter(({ name }) => name === 'otel.sdk.processor.span.queue.size');
    const names = sizes().map(
      ({ attributes }) => attributes['otel.component.name'],
    );
    expect(sizes().map(({ value }) => value)).toEqual([1, 2]);
    expect(new Set(names).size).toBe(2);
    for (const name of names) expect(name).toMatch(/^LangfuseQueue\/\d+$/);
    await app.close();
    expect(sizes().map(({ value }) => value)).toEqual([2]);
    await other.app.close();
    expect(collected.collect()).toEqual([]);
  });

  it('of a queue that two applications share are told under one name', async () => {
    const collected = CollectedMetrics.register();
    const spanProcessor = new LangfuseSpanProcessor(
      keysFor(await startReceiver()),
    );
    const start = (options: LangfuseModuleOptions) =>
      startApplication({
        imports: [LangfuseModule.forRoot({ spanProcessor, ...options })],
      });
    await start({});
    await start({ metrics: true });
    await start({ metrics: false });
    const names = collected
      .collect()
      .filter(({ name }) => name === 'langfuse.destination.requests')
      .map(({ attributes }) => attributes['otel.component.name']);
    expect(names).toHaveLength(2);
    expect(new Set(names).size).toBe(1);
  });

  it.each([{ metrics: false }, { enabled: false }])(
    'are not there with %j',
    async (options) => {
      const { collected } = await startMeasured(options);
      expect(collected.scopes).toEqual([]);
    },
  );

  it('cost no start and no end when the meter provider is broken', async () => {
    const broken = (): never => {
      throw new Error('no meter today');
    };
    metrics.setGlobalMeterProvider({ getMeter: broken });
    onTestFinished(() => metrics.disable());
    const receiver = await startReceiver();
    const { app, log } = await startSendingTo(receiver);
    await app.close();
    expect(log.lines).toEqual([
      expect.stringContaining('meter provider threw Error: no meter today'),
    ]);
  });

  it('see a meter provider that a module of the application registers', async () => {
    const collected = new CollectedMetrics();
    class Telemetry {
      onModuleInit(): void {
        metrics.setGlobalMeterProvider(collected);
      }
    }
    const receiver = await startReceiver();
    await startApplication({
      imports: [LangfuseModule.forRoot(keysFor(receiver))],
      providers: [Telemetry],
    });
    metrics.disable();
    expect(collected.collect()).not.toEqual([]);
  });
});
