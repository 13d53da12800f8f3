/**
 * Spans of an OpenTelemetry SDK as far as they are read here. By structure, so
 * that no version of the SDK is a dependency: 2.x and 3.x both give such ones.
 */
import type { Attributes } from '@opentelemetry/api';
import type { ReadableSpan } from '../observe/index.js';

/** An SDK's `Resource`: what it knows of the process. */
export interface SdkResource {
  readonly attributes: Attributes;
  /** Whether detectors still look for some of the attributes. */
  readonly asyncAttributesPending?: boolean;
  /** Resolves when they have finished; never rejects. */
  waitForAsyncAttributes?(): Promise<void>;
}

/** An SDK's `InstrumentationScope`: the library that made a span. */
export interface SdkScope {
  readonly name: string;
  readonly version?: string;
  readonly attributes?: Attributes;
}

/**
 * An SDK's `ReadableSpan`.
 *
 * @publicApi
 */
export interface SdkSpan extends ReadableSpan {
  readonly resource: SdkResource;
  readonly instrumentationScope: SdkScope;
}
