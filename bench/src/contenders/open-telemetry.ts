import {
  type AttributeValue,
  type Context,
  context,
  trace as otelTrace,
  type Tracer,
} from '@opentelemetry/api';
import { OTLPTraceExporter as JsonExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { OTLPTraceExporter as ProtobufExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import {
  BatchSpanProcessor,
  type SpanExporter,
} from '@opentelemetry/sdk-trace-base';
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import {
  ENVIRONMENT,
  type ObservationValues,
  RELEASE,
  type TraceValues,
} from '../values/trace-values.js';
import type { Contender, ContenderSettings } from './contender.js';
import {
  exporterSettings,
  settled,
  sizeQueue,
} from './open-telemetry-settings.js';

/** OpenTelemetry's SDK by hand, sending JSON. */
export async function createOtelJson(
  settings: ContenderSettings,
): Promise<Contender> {
  sizeQueue(settings);
  return new OpenTelemetry(new JsonExporter(exporterSettings(settings)));
}

/** OpenTelemetry's SDK by hand, sending protobuf. */
export async function createOtelProtobuf(
  settings: ContenderSettings,
): Promise<Contender> {
  sizeQueue(settings);
  return new OpenTelemetry(new ProtobufExporter(exporterSettings(settings)));
}

/**
 * The attributes that Langfuse reads, written by the application itself: values
 * become JSON there, and each span gets those of its trace.
 */
class OpenTelemetry implements Contender {
  private readonly provider: NodeTracerProvider;
  private readonly tracer: Tracer;

  constructor(exporter: SpanExporter) {
    this.provider = new NodeTracerProvider({
      spanProcessors: [new BatchSpanProcessor(exporter)],
    });
    this.provider.register();
    this.tracer = this.provider.getTracer('langfuse-sdk');
  }

  record(trace: TraceValues): void {
    const ofTrace = {
      'user.id': trace.userId,
      'session.id': trace.sessionId,
      'langfuse.trace.name': trace.name,
      'langfuse.environment': ENVIRONMENT,
      'langfuse.release': RELEASE,
    };
    const active = context.active();
    const root = this.start(trace.root, ofTrace, active);
    const withinRoot = otelTrace.setSpan(active, root);
    for (const child of trace.children) {
      const span = this.start(child, ofTrace, withinRoot);
      span.setAttributes(endOf(child));
      span.end();
    }
    root.setAttributes(endOf(trace.root));
    root.end();
  }

  flush(): Promise<void> {
    return settled(this.provider.forceFlush());
  }

  close(): Promise<void> {
    return settled(this.provider.shutdown());
  }

  private start(
    values: ObservationValues,
    ofTrace: Readonly<Record<string, AttributeValue>>,
    parent: Context,
  ) {
    const attributes = { ...ofTrace, ...startOf(values) };
    return this.tracer.startSpan(values.name, { attributes }, parent);
  }
}

function startOf({ type, input, metadata, call }: ObservationValues) {
  const attributes: Record<string, string> = {
    'langfuse.observation.type': type,
    'langfuse.observation.input': textOf(input),
  };
  for (const [key, value] of Object.entries(metadata)) {
    attributes[`langfuse.observation.metadata.${key}`] = textOf(value);
  }
  if (call) {
    attributes['langfuse.observation.model.name'] = call.model;
    attributes['langfuse.observation.model.parameters'] = JSON.stringify(
      call.modelParameters,
    );
  }
  return attributes;
}

function endOf({ output, call }: ObservationValues) {
  const attributes: Record<string, string> = {
    'langfuse.observation.output': textOf(output),
  };
  if (call) {
    attributes['langfuse.observation.usage_details'] = JSON.stringify(
      call.usageDetails,
    );
  }
  return attributes;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
