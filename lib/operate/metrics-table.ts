/** One table: each metric of the queue, and where its points come from. */
import type { Attributes } from '@opentelemetry/api';
import type { LedgerSnapshot, QueueStats } from '../queue/index.js';
import type { QueueLimits } from './queue-limits.js';

/** A figure and what tells it from the others of its metric. */
export interface Point {
  readonly value: number;
  readonly attributes?: Attributes;
}

/** A metric. */
export interface Metric {
  readonly name: string;
  /** `counter` for what only grows. */
  readonly instrument: 'counter' | 'upDownCounter';
  /** In UCUM's notation. */
  readonly unit: string;
  readonly description: string;
  read(stats: QueueStats, limits: QueueLimits): Iterable<Point>;
}

/** What tells of both lanes. */
const ofQueue: readonly Metric[] = [
  {
    name: 'langfuse.queue.size',
    instrument: 'upDownCounter',
    unit: '{record}',
    description: 'Records that wait in memory.',
    read: eachLane(({ queued }) => [{ value: queued }]),
  },
  {
    name: 'langfuse.queue.inflight',
    instrument: 'upDownCounter',
    unit: '{record}',
    description: 'Records that are being sent, or wait to be sent again.',
    read: eachLane(({ inFlight }) => [{ value: inFlight }]),
  },
  {
    name: 'langfuse.queue.capacity',
    instrument: 'upDownCounter',
    unit: '{record}',
    description: 'Records that may wait or be in flight at once.',
    read: eachLane((_, { maxQueueSize }) => [{ value: maxQueueSize }]),
  },
  {
    name: 'langfuse.queue.memory.usage',
    instrument: 'upDownCounter',
    unit: 'By',
    description: 'Encoded size of the records that wait or are in flight.',
    read: eachLane(({ bytes }) => [{ value: bytes }]),
  },
  {
    name: 'langfuse.queue.memory.limit',
    instrument: 'upDownCounter',
    unit: 'By',
    description: 'Encoded size that they may have at once.',
    read: eachLane((_, { maxQueueBytes }) => [{ value: maxQueueBytes }]),
  },
  {
    name: 'langfuse.queue.enqueued',
    instrument: 'counter',
    unit: '{record}',
    description: 'Records that came, dropped ones among them.',
    read: eachLane(({ enqueued }) => [{ value: enqueued }]),
  },
  {
    name: 'langfuse.queue.delivered',
    instrument: 'counter',
    unit: '{record}',
    description: 'Records that the server accepted.',
    read: eachLane(({ delivered }) => [{ value: delivered }]),
  },
  {
    name: 'langfuse.queue.spooled',
    instrument: 'upDownCounter',
    unit: '{record}',
    description: 'Records that wait on the disk alone.',
    read: eachLane(({ spooled }) => [{ value: spooled }]),
  },
  {
    name: 'langfuse.queue.dropped',
    instrument: 'counter',
    unit: '{record}',
    description: 'Records that were given up.',
    read: eachLane(({ dropped }) =>
      Object.entries(dropped).map(([reason, value]) => ({
        value,
        attributes: { 'langfuse.drop_reason': reason },
      })),
    ),
  },
];

/** What tells of the destination. */
const ofDestination: readonly Metric[] = [
  {
    name: 'langfuse.destination.requests',
    instrument: 'counter',
    unit: '{request}',
    description: 'All requests, probes among them.',
    read: ({ requests }) => [{ value: requests }],
  },
  {
    name: 'langfuse.destination.retries',
    instrument: 'counter',
    unit: '{request}',
    description: 'Requests that sent again what an earlier one had sent.',
    read: ({ retries }) => [{ value: retries }],
  },
  {
    name: 'langfuse.destination.resent_after_unknown',
    instrument: 'counter',
    unit: '{record}',
    description:
      'Records sent again because no answer came: only these can become duplicates.',
    read: ({ resentAfterUnknown }) => [{ value: resentAfterUnknown }],
  },
  {
    name: 'langfuse.destination.outages',
    instrument: 'upDownCounter',
    unit: '{outage}',
    description: 'What does not take data now; 0 while all does.',
    read: ({ outages }) => [{ value: outages.length }],
  },
];

/**
 * Spans under the names of OpenTelemetry's conventions for SDKs, as far as these
 * fit, so that dashboards made for them show the queue. Drops before an export
 * are not among them: `otel.sdk.processor.span.processed` would count those with
 * all that was handed on, which a shutdown can take back.
 *
 * @see https://opentelemetry.io/docs/specs/semconv/otel/sdk-metrics/
 */
const ofSpans: readonly Metric[] = [
  {
    name: 'otel.sdk.processor.span.queue.size',
    instrument: 'upDownCounter',
    unit: '{span}',
    description: 'Spans in the queue.',
    read: ({ lanes }) => [{ value: lanes.spans.queued }],
  },
  {
    name: 'otel.sdk.processor.span.queue.capacity',
    instrument: 'upDownCounter',
    unit: '{span}',
    description: 'Spans that the queue can hold.',
    read: (_, { maxQueueSize }) => [{ value: maxQueueSize }],
  },
  {
    name: 'otel.sdk.exporter.span.inflight',
    instrument: 'upDownCounter',
    unit: '{span}',
    description: 'Spans whose export has begun and not ended.',
    read: ({ lanes }) => [{ value: lanes.spans.inFlight }],
  },
  {
    name: 'otel.sdk.exporter.span.exported',
    instrument: 'counter',
    unit: '{span}',
    description: 'Spans whose export has ended, successful or failed.',
    read: ({ lanes: { spans } }) => [
      { value: spans.delivered },
      ...failedExports(spans),
    ],
  },
];

/** All of them. */
export const metricsTable: readonly Metric[] = [
  ...ofQueue,
  ...ofDestination,
  ...ofSpans,
];

function eachLane(
  read: (lane: LedgerSnapshot, limits: QueueLimits) => readonly Point[],
): Metric['read'] {
  return ({ lanes }, limits) =>
    Object.entries(lanes).flatMap(([name, lane]) => {
      const ofLane = { 'langfuse.lane': name };
      return read(lane, limits).map(({ value, attributes }) => ({
        value,
        attributes: { ...ofLane, ...attributes },
      }));
    });
}

function failedExports({ dropped }: LedgerSnapshot): Point[] {
  return (['rejected', 'transport_error'] as const).flatMap((reason) => {
    const value = dropped[reason];
    return value === undefined
      ? []
      : [{ value, attributes: { 'error.type': reason } }];
  });
}
