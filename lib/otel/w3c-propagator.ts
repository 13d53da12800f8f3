import {
  type Context,
  isSpanContextValid,
  type TextMapGetter,
  type TextMapPropagator,
  type TextMapSetter,
  trace,
} from '@opentelemetry/api';
import { formatTraceparent, parseTraceparent } from '../observe/index.js';

const FIELDS = ['traceparent', 'tracestate'];

/**
 * W3C Trace Context for libraries that ask OpenTelemetry's global propagator.
 *
 * @see https://www.w3.org/TR/trace-context/
 */
export class W3cPropagator implements TextMapPropagator {
  inject(context: Context, carrier: unknown, setter: TextMapSetter): void {
    const span = trace.getSpanContext(context);
    if (!span || !isSpanContextValid(span)) return;
    setter.set(carrier, 'traceparent', formatTraceparent(span));
    const state = span.traceState?.serialize();
    if (state) setter.set(carrier, 'tracestate', state);
  }

  extract(context: Context, carrier: unknown, getter: TextMapGetter): Context {
    const read = (field: string) => {
      const value = getter.get(carrier, field);
      return Array.isArray(value) ? value.join(',') : value;
    };
    const parent = parseTraceparent(read('traceparent'), read('tracestate'));
    return parent ? trace.setSpanContext(context, parent) : context;
  }

  /** Always the same list. */
  fields(): string[] {
    return FIELDS;
  }
}
