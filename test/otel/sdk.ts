/** An SDK of OpenTelemetry with our processor, and the server that it sends to. */
import { inspect } from 'node:util';
import { gunzipSync } from 'node:zlib';
import type { Attributes, Tracer } from '@opentelemetry/api';
import {
  BasicTracerProvider,
  type ReadableSpan,
  type Span,
  type SpanProcessor,
  type TracerConfig,
} from '@opentelemetry/sdk-trace-base';
import { onTestFinished } from 'vitest';
import {
  LangfuseSpanProcessor,
  type LangfuseSpanProcessorParams,
} from '../../lib/index.js';
import { keysFor } from '../support/application.js';
import {
  attributesOf,
  decodeExport,
  type OtlpSpan,
  spansOf,
} from '../support/otlp.js';
import {
  type ReceivedRequest,
  RecordingServer,
} from '../support/recording-server.js';

export interface SdkOptions {
  readonly langfuse?: LangfuseSpanProcessorParams;
  readonly sdk?: Omit<TracerConfig, 'spanProcessors'>;
  /** Default: ours alone. */
  readonly processors?: (ours: SpanProcessor) => SpanProcessor[];
  readonly server?: RecordingServer;
}

/** What arrived, as a test reads it. */
export type ArrivedSpan = Omit<OtlpSpan, 'attributes'> & {
  readonly attributes: Readonly<Record<string, unknown>>;
};

export async function startSdk({
  langfuse,
  sdk,
  server,
  processors = (ours) => [ours],
}: SdkOptions = {}) {
  const destination = server ?? (await RecordingServer.start());
  const processor = new LangfuseSpanProcessor({
    ...keysFor(destination),
    ...langfuse,
  });
  onTestFinished(() => processor.shutdown());
  const provider = new BasicTracerProvider({
    ...sdk,
    spanProcessors: processors(processor),
  });
  return {
    processor,
    provider,
    server: destination,
    /** Of a library that is known to instrument language models. */
    llm: provider.getTracer('openinference', '1.2.3'),
    /** Of any other. */
    http: provider.getTracer('http'),
    /** All that arrived, after everything that has ended was sent. */
    arrived: async (): Promise<ArrivedSpan[]> => {
      await processor.forceFlush();
      return destination.requests.flatMap(spansIn);
    },
  };
}

export function exportIn({ body, headers }: ReceivedRequest) {
  const isPacked = headers['content-encoding'] === 'gzip';
  return decodeExport(isPacked ? gunzipSync(body) : body);
}

export function spansIn(request: ReceivedRequest): ArrivedSpan[] {
  return spansOf(exportIn(request)).map((span) => ({
    ...span,
    attributes: attributesOf(span.attributes),
  }));
}

/** Starts a span and ends it. */
export function record(
  tracer: Tracer,
  name: string,
  attributes: Attributes = {},
): void {
  tracer.startSpan(name, { attributes }).end();
}

/** Keeps what a processor of somebody else sees. */
export class WatchingProcessor implements SpanProcessor {
  readonly seen: string[] = [];

  onStart(span: Span): void {
    this.seen.push(inspect(span, { depth: 8 }));
  }

  onEnd(span: ReadableSpan): void {
    this.seen.push(inspect(span, { depth: 8 }));
  }

  async forceFlush(): Promise<void> {}

  async shutdown(): Promise<void> {}
}
