/**
 * Runs the same calls on our tracer and on OpenTelemetry's own, at the same
 * moments of a clock that stands still in between, and gives both results as
 * decoded OTLP spans.
 */
import type { Tracer } from '@opentelemetry/api';
import { ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { vi } from 'vitest';
import { createRuntime } from '../../lib/langfuse.runtime.js';
import { SPAN_LIMITS } from '../../lib/observe/recording-span.js';
import { resolveOptions } from '../../lib/options/index.js';
import {
  decodeExport,
  type OtlpAnyValue,
  type OtlpKeyValue,
  type OtlpSpan,
  spansOf,
} from './otlp.js';
import { decodeSpans } from './recorded-spans.js';

/** Wall clock and monotonic clock, which advance together. */
export interface Clock {
  advance(ms: number): void;
}

/** Calls of OpenTelemetry's API; what it returns is compared as well. */
export type Script = (tracer: Tracer, clock: Clock) => unknown;

/** What came of a script. */
export interface Outcome {
  readonly returned: unknown;
  /** In the order in which they ended. */
  readonly spans: readonly OtlpSpan[];
}

const WALL_MS = Date.UTC(2026, 2, 1, 10);
const MONOTONIC_MS = 60_000;

/** What we add to every span: Langfuse inherits nothing of its trace. */
const OUR_ATTRIBUTES = new Set([
  'langfuse.trace.name',
  'langfuse.internal.is_app_root',
]);

/** What our tracer makes of it. */
export function runOnOurs(script: Script): Outcome {
  const options = { publicKey: 'pk', secretKey: 'sk' };
  const ignore = () => undefined;
  const { service, queue } = createRuntime(resolveOptions(options, {}), {
    log: ignore,
    warn: ignore,
    error: ignore,
  });
  const encoded: Uint8Array[] = [];
  // Nothing is to be sent.
  vi.spyOn(queue, 'enqueue').mockImplementation(
    ({ bytes }) => void encoded.push(bytes),
  );
  const returned = atFixedTime((clock) => script(service.getTracer(), clock));
  return { returned, spans: decodeSpans(encoded) };
}

/** What the tracer of `@opentelemetry/sdk-trace-base` makes of it. */
export function runOnSdk(script: Script): Outcome {
  const exporter = new InMemorySpanExporter();
  const provider = new BasicTracerProvider({
    spanProcessors: [new SimpleSpanProcessor(exporter)],
    spanLimits: {
      attributeCountLimit: SPAN_LIMITS.attributes,
      eventCountLimit: SPAN_LIMITS.events,
      linkCountLimit: SPAN_LIMITS.links,
      attributePerEventCountLimit: SPAN_LIMITS.attributesPerEvent,
      attributePerLinkCountLimit: SPAN_LIMITS.attributesPerLink,
    },
  });
  const tracer = provider.getTracer('test');
  const returned = atFixedTime((clock) => script(tracer, clock));
  const bytes = ProtobufTraceSerializer.serializeRequest(
    exporter.getFinishedSpans(),
  );
  const request = decodeExport(bytes ?? new Uint8Array(0));
  return { returned, spans: spansOf(request) };
}

/**
 * Spans as they can be compared: ids that were made up are numbered in order of
 * appearance, times are exact to 10 µs, what we add is left out.
 *
 * @param known ids that scripts brought along; they stay as they are
 */
export function comparable(
  spans: readonly OtlpSpan[],
  known: readonly string[] = [],
): OtlpSpan[] {
  const names = new Map(known.map((id) => [id, id]));
  const named = (id: string) => {
    if (id !== '' && !names.has(id)) names.set(id, `id-${names.size}`);
    return names.get(id) ?? id;
  };
  const ids = <T extends { traceId: string; spanId: string }>(owner: T): T => ({
    ...owner,
    traceId: named(owner.traceId),
    spanId: named(owner.spanId),
  });
  return spans.map((span) => ({
    ...ids(span),
    parentSpanId: named(span.parentSpanId),
    startTimeUnixNano: rounded(span.startTimeUnixNano),
    endTimeUnixNano: rounded(span.endTimeUnixNano),
    attributes: span.attributes.filter(({ key }) => !OUR_ATTRIBUTES.has(key)),
    events: span.events.map((event) => ({
      ...event,
      timeUnixNano: rounded(event.timeUnixNano),
    })),
    links: span.links.map(ids),
  }));
}

/**
 * Spans of OpenTelemetry's SDK as our encoder says that it writes them: values
 * that are null, and arrays without values, are left out.
 */
export function withoutEmptyValues(spans: readonly OtlpSpan[]): OtlpSpan[] {
  const cleaned = <T extends { attributes: OtlpKeyValue[] }>(owner: T): T => ({
    ...owner,
    attributes: owner.attributes.flatMap(({ key, value }) => {
      const left = withoutNulls(value);
      return left === undefined ? [] : [{ key, value: left }];
    }),
  });
  return spans.map((span) => ({
    ...cleaned(span),
    events: span.events.map(cleaned),
    links: span.links.map(cleaned),
  }));
}

function withoutNulls(value: OtlpAnyValue | null): OtlpAnyValue | undefined {
  if (value?.value === undefined) return undefined;
  if (value.value !== 'arrayValue') return value;
  const values = value.arrayValue!.values.filter(
    (entry) => entry.value !== undefined,
  );
  return values.length === 0 ? undefined : { ...value, arrayValue: { values } };
}

/** To 10 µs: milliseconds since 1970 are no more exact than that in a double. */
function rounded(unixNano: string): string {
  return String((BigInt(unixNano) + 5_000n) / 10_000n);
}

/** Both tracers ask `Date.now()` and `performance.now()`. */
function atFixedTime<T>(run: (clock: Clock) => T): T {
  let passed = 0;
  const wall = vi.spyOn(Date, 'now').mockImplementation(() => WALL_MS + passed);
  const monotonic = vi
    .spyOn(performance, 'now')
    .mockImplementation(() => MONOTONIC_MS + passed);
  try {
    return run({
      advance(ms) {
        passed += ms;
      },
    });
  } finally {
    wall.mockRestore();
    monotonic.mockRestore();
  }
}
