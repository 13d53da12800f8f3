/** The queue's figures, as OpenTelemetry's SDK collects them. */
import { type Attributes, metrics } from '@opentelemetry/api';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startInterop } from './interop-application.js';

function registerProvider() {
  const exporter = new InMemoryMetricExporter(
    AggregationTemporality.CUMULATIVE,
  );
  const reader = new PeriodicExportingMetricReader({ exporter });
  const provider = new MeterProvider({ readers: [reader] });
  metrics.setGlobalMeterProvider(provider);
  onTestFinished(async () => {
    metrics.disable();
    await provider.shutdown();
  });
  /** Value and attributes of each point, by the name of its metric. */
  const collect = async () => {
    exporter.reset();
    await provider.forceFlush();
    const collected = exporter
      .getMetrics()
      .flatMap(({ scopeMetrics }) => scopeMetrics)
      .filter(({ scope }) => scope.name === 'nestjs-langfuse')
      .flatMap((scope) => scope.metrics);
    return new Map(
      collected.map(({ descriptor, dataPoints }) => [
        descriptor.name,
        dataPoints.map(({ value, attributes }): Attributes => ({
          ...attributes,
          value: Number(value),
        })),
      ]),
    );
  };
  return { collect };
}

describe('the metrics of the queue', () => {
  it('are collected by the SDK until the application ends', async () => {
    const { collect } = registerProvider();
    const { call, close, langfuse } = await startInterop();
    call(() => undefined);
    call(() => undefined);
    await langfuse.flush();
    call(() => undefined);
    const collected = await collect();
    expect(collected.get('otel.sdk.exporter.span.exported')).toMatchObject([
      { value: 2, 'otel.component.type': 'LangfuseQueue' },
    ]);
    expect(collected.get('otel.sdk.processor.span.queue.size')).toMatchObject([
      { value: 1 },
    ]);
    expect(collected.get('langfuse.queue.enqueued')).toMatchObject([
      { value: 3, 'langfuse.lane': 'spans' },
      { value: 0, 'langfuse.lane': 'scores' },
    ]);
    expect(collected.get('langfuse.queue.dropped') ?? []).toEqual([]);
    // Nobody observes the third, which is sent now: the SDK repeats what it knows.
    await close();
    const later = await collect();
    expect(later.get('otel.sdk.exporter.span.exported')).toMatchObject([
      { value: 2 },
    ]);
  });

  it('of two applications stay apart', async () => {
    const { collect } = registerProvider();
    const applications = [await startInterop(), await startInterop()];
    for (const [index, { call }] of applications.entries()) {
      for (let i = 0; i <= index; i++) call(() => undefined);
    }
    const sizes = (await collect()).get('otel.sdk.processor.span.queue.size');
    expect(sizes).toMatchObject([{ value: 1 }, { value: 2 }]);
    const names = sizes?.map((size) => size['otel.component.name']);
    expect(new Set(names).size).toBe(2);
  });
});
