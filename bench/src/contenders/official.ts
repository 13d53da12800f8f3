import { LangfuseSpanProcessor } from '@langfuse/otel';
import { propagateAttributes, startObservation } from '@langfuse/tracing';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import {
  ENVIRONMENT,
  type ObservationValues,
  RELEASE,
  type TraceValues,
} from '../values/trace-values.js';
import {
  type Contender,
  type ContenderSettings,
  PUBLIC_KEY,
  SECRET_KEY,
} from './contender.js';
import {
  exporterSettings,
  settled,
  sizeQueue,
} from './open-telemetry-settings.js';

/** `@langfuse/tracing` and `@langfuse/otel` with the defaults of their options. */
export async function createOfficial(
  settings: ContenderSettings,
): Promise<Contender> {
  return new Official(registerOfficial(settings));
}

/** Sets the SDK up as its documentation does. */
export function registerOfficial(
  settings: ContenderSettings,
): NodeTracerProvider {
  sizeQueue(settings);
  const processor = new LangfuseSpanProcessor({
    publicKey: PUBLIC_KEY,
    secretKey: SECRET_KEY,
    baseUrl: settings.url,
    environment: ENVIRONMENT,
    release: RELEASE,
    // Its own exporter, which it makes itself otherwise, cannot compress.
    ...(settings.compression === 'gzip'
      ? { exporter: new OTLPTraceExporter(exporterSettings(settings)) }
      : {}),
  });
  const provider = new NodeTracerProvider({ spanProcessors: [processor] });
  provider.register();
  return provider;
}

class Official implements Contender {
  constructor(private readonly provider: NodeTracerProvider) {}

  record(trace: TraceValues): void {
    const { userId, sessionId, name: traceName } = trace;
    propagateAttributes({ userId, sessionId, traceName }, () => {
      const root = startObservation(
        trace.root.name,
        startOf(trace.root),
        typeOf(trace.root),
      );
      for (const child of trace.children) {
        root
          .startObservation(child.name, startOf(child), typeOf(child))
          .update(endOf(child))
          .end();
      }
      root.update(endOf(trace.root)).end();
    });
  }

  flush(): Promise<void> {
    return settled(this.provider.forceFlush());
  }

  close(): Promise<void> {
    return settled(this.provider.shutdown());
  }
}

/** The overloads take one literal each, whose attributes are a superset. */
function typeOf({ type }: ObservationValues) {
  return { asType: type as 'generation' };
}

/** What an application knows when an observation starts. */
function startOf({ input, metadata, call }: ObservationValues) {
  return call
    ? {
        input,
        metadata,
        model: call.model,
        modelParameters: call.modelParameters,
      }
    : { input, metadata };
}

/** And what when it ends. */
function endOf({ output, call }: ObservationValues) {
  return call ? { output, usageDetails: call.usageDetails } : { output };
}
