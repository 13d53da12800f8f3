/** A meter provider that tells what is observed when a test collects. */
import {
  type Attributes,
  type BatchObservableCallback,
  type Meter,
  type MeterProvider,
  type MetricOptions,
  metrics,
  type Observable,
} from '@opentelemetry/api';
import { onTestFinished } from 'vitest';

interface Instrument extends MetricOptions {
  readonly kind: 'counter' | 'upDownCounter';
  readonly name: string;
}

interface Point {
  readonly name: string;
  readonly value: number;
  readonly attributes: Attributes;
}

/** As much of OpenTelemetry's metrics as the queue uses. */
export class CollectedMetrics implements MeterProvider {
  readonly instruments: Instrument[] = [];
  /** Name and version of each meter that was asked for. */
  readonly scopes: string[] = [];
  private readonly byObservable = new Map<Observable, Instrument>();
  private readonly callbacks = new Map<
    BatchObservableCallback,
    readonly Observable[]
  >();

  /** Is the global one until the test ends. */
  static register(): CollectedMetrics {
    const provider = new CollectedMetrics();
    metrics.setGlobalMeterProvider(provider);
    onTestFinished(() => metrics.disable());
    return provider;
  }

  getMeter(name: string, version?: string): Meter {
    this.scopes.push(`${name}@${version}`);
    const meter: Partial<Meter> = {
      createObservableCounter: (metric, options) =>
        this.create({ kind: 'counter', name: metric, ...options }),
      createObservableUpDownCounter: (metric, options) =>
        this.create({ kind: 'upDownCounter', name: metric, ...options }),
      addBatchObservableCallback: (callback, observables) =>
        void this.callbacks.set(callback, observables),
      removeBatchObservableCallback: (callback, observables) => {
        const added = this.callbacks.get(callback) ?? [];
        const isSame = added.every((each) => observables.includes(each));
        if (isSame) this.callbacks.delete(callback);
      },
    };
    return meter as Meter;
  }

  /** What is observed now, in the order in which it is told. */
  collect(): readonly Point[] {
    const points: Point[] = [];
    for (const [callback, observables] of this.callbacks) {
      void callback({
        observe: (metric: Observable, value: number, attributes = {}) => {
          if (!observables.includes(metric)) return;
          const { name } = this.byObservable.get(metric)!;
          points.push({ name, value, attributes });
        },
      });
    }
    return points;
  }

  private create(instrument: Instrument): Observable {
    const ignore = () => undefined;
    const observable = { addCallback: ignore, removeCallback: ignore };
    this.instruments.push(instrument);
    this.byObservable.set(observable, instrument);
    return observable;
  }
}

/**
 * Points as `name {attribute: value}` and their values, without what tells one
 * queue from another.
 */
export function figures(points: readonly Point[]): Record<string, number> {
  const entries = points.map(({ name, value, attributes }) => {
    const told = Object.entries(attributes)
      .filter(([key]) => !key.startsWith('otel.component.'))
      .map(([key, text]) => `${key}: ${String(text)}`);
    const point = told.length > 0 ? `${name} {${told.join(', ')}}` : name;
    return [point, value] as const;
  });
  if (new Map(entries).size < entries.length) {
    throw new Error('Two points replace each other');
  }
  return Object.fromEntries(entries);
}
