/**
 * OpenTelemetry as it was set up before Langfuse came, plus one line. Loaded
 * before the application: `node --import ./dist/instrumentation.js dist/server.js`.
 */
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { LangfuseSpanProcessor } from 'nestjs-langfuse';

/** LangfuseModule gets it, too, so that there is one queue. */
export const spanProcessor = new LangfuseSpanProcessor();

export const sdk = new NodeSDK({
  instrumentations: [new HttpInstrumentation()],
  spanProcessors: [
    // The APM: Datadog, Grafana, Honeycomb, … at OTEL_EXPORTER_OTLP_*.
    new BatchSpanProcessor(new OTLPTraceExporter()),
    spanProcessor,
  ],
});

sdk.start();
