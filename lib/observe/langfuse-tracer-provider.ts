import type { TracerProvider } from '@opentelemetry/api';
import {
  encodeResource,
  encodeScope,
  SCOPE_NAME,
  type WireAttributes,
} from '../wire/index.js';
import { LangfuseTracer } from './langfuse-tracer.js';
import type { Recorder } from './recorder.js';

/** What a provider works with. */
export interface LangfuseTracerProviderSettings {
  readonly recorder: Recorder;
  /** What is known of this process; spans of every library carry it. */
  readonly resource: WireAttributes;
  /** See `InstrumentationScope`. @default false */
  readonly isGlobal?: boolean;
}

/**
 * OpenTelemetry's `TracerProvider` over the recorder. Spans carry the name and
 * version of the library that asked for the tracer: the server reads the
 * attributes of some libraries only from spans of their name.
 */
export class LangfuseTracerProvider implements TracerProvider {
  private readonly own: LangfuseTracer;
  private readonly tracers = new Map<string, LangfuseTracer>();
  private readonly resource: Uint8Array;

  constructor(private readonly settings: LangfuseTracerProviderSettings) {
    this.own = new LangfuseTracer(settings.recorder);
    this.resource = encodeResource(settings.resource);
  }

  /** The same tracer for the same name and version; without a name, our own. */
  getTracer(name?: string, version?: string): LangfuseTracer {
    if (typeof name !== 'string' || name === '' || name === SCOPE_NAME) {
      return this.own;
    }
    const known = typeof version === 'string' ? version : undefined;
    const key = JSON.stringify([name, known]);
    let tracer = this.tracers.get(key);
    if (!tracer) this.tracers.set(key, (tracer = this.make(name, known)));
    return tracer;
  }

  /** One to be OpenTelemetry's global provider. */
  asGlobal(): LangfuseTracerProvider {
    return new LangfuseTracerProvider({ ...this.settings, isGlobal: true });
  }

  private make(name: string, version: string | undefined): LangfuseTracer {
    const { recorder, isGlobal = false } = this.settings;
    const origin = {
      resource: this.resource,
      scope: encodeScope({ name, version }),
    };
    return new LangfuseTracer(recorder, { name, version, origin, isGlobal });
  }
}
