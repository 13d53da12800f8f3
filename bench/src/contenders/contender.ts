/** What is measured: all of them record the same values and send them to a sink. */
import type { TraceValues } from '../values/trace-values.js';

/** How a contender is started. */
export interface ContenderSettings {
  /** Origin of the sink, without a trailing slash. */
  readonly url: string;
  readonly compression: 'none' | 'gzip';
  /**
   * Whether OpenTelemetry's queue is raised from 2,048 spans, so that it loses
   * none of them.
   */
  readonly hasLargeQueue: boolean;
}

/** A tracing library with the code that an application would call it with. */
export interface Contender {
  /** Records a root with three children, each from its start to its end. */
  record(trace: TraceValues): void;
  /** As the library's documentation says it is done before a process ends. */
  flush(): Promise<void>;
  /** Resolves when nothing is on its way any more. */
  close(): Promise<void>;
}

/** Keys that every contender is given; the sink takes any. */
export const PUBLIC_KEY = 'pk-lf-bench';
export const SECRET_KEY = 'sk-lf-bench';

/** Basic authentication with these keys. */
export const AUTHORIZATION = `Basic ${Buffer.from(
  `${PUBLIC_KEY}:${SECRET_KEY}`,
).toString('base64')}`;

export const TRACES_PATH = '/api/public/otel/v1/traces';
