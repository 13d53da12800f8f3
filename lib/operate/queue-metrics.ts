/** The queue's figures as metrics of OpenTelemetry. */
import type {
  BatchObservableCallback,
  Meter,
  Observable,
} from '@opentelemetry/api';
import type { LangfuseQueue } from '../queue/index.js';
import { type Metric, metricsTable } from './metrics-table.js';
import type { QueueLimits } from './queue-limits.js';

/** OpenTelemetry's word for what a metric is about: the name of its class. */
const COMPONENT_TYPE = 'LangfuseQueue';

/** By queue, since two applications may share one: they tell the same of it. */
const componentNames = new WeakMap<object, string>();
let components = 0;

/**
 * Has a queue observed whenever metrics are collected.
 *
 * Each point carries `otel.component.name`, one for each queue of the process:
 * without it the figures of one would replace those of another.
 *
 * @returns what ends this
 */
export function registerQueueMetrics(
  queue: Pick<LangfuseQueue, 'stats'>,
  limits: QueueLimits,
  meter: Meter,
): () => void {
  const component = {
    'otel.component.type': COMPONENT_TYPE,
    'otel.component.name': componentName(queue),
  };
  const instruments = new Map<Metric, Observable>(
    metricsTable.map((metric) => [metric, createInstrument(meter, metric)]),
  );
  const observe: BatchObservableCallback = (result) => {
    const stats = queue.stats();
    for (const [metric, instrument] of instruments) {
      for (const { value, attributes } of metric.read(stats, limits)) {
        result.observe(instrument, value, { ...component, ...attributes });
      }
    }
  };
  const observed = [...instruments.values()];
  meter.addBatchObservableCallback(observe, observed);
  return () => meter.removeBatchObservableCallback(observe, observed);
}

function createInstrument(
  meter: Meter,
  { name, instrument, unit, description }: Metric,
): Observable {
  const options = { unit, description };
  return instrument === 'counter'
    ? meter.createObservableCounter(name, options)
    : meter.createObservableUpDownCounter(name, options);
}

/** `LangfuseQueue/0` and so on, as the conventions propose. */
function componentName(queue: object): string {
  const known = componentNames.get(queue);
  if (known !== undefined) return known;
  const name = `${COMPONENT_TYPE}/${components}`;
  components += 1;
  componentNames.set(queue, name);
  return name;
}
