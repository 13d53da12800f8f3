/** Compiled, never run: the processor fits the SDK's and NodeSDK's types. */
import { NodeSDK } from '@opentelemetry/sdk-node';
import { type SpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { isDefaultExportSpan, LangfuseSpanProcessor } from 'nestjs-langfuse';

const processor = new LangfuseSpanProcessor({
  shouldExportSpan: ({ otelSpan }) => isDefaultExportSpan(otelSpan),
});

export const fits: SpanProcessor = processor;
export const sdk = new NodeSDK({ spanProcessors: [processor] });
export const provider = new TracerProvider({
  spanProcessors: [processor],
});
