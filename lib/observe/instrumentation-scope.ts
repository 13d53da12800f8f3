import type { BatchFrame } from '../wire/index.js';

/** The library on whose behalf spans are recorded, other than this package. */
export interface InstrumentationScope {
  readonly name: string;
  readonly version?: string | undefined;
  /** Its name and version, with the resource of this process, as bytes. */
  readonly origin: BatchFrame;
  /**
   * Whether it found OpenTelemetry's global provider, and was not given a tracer
   * of this package: then its spans may be about anything.
   */
  readonly isGlobal: boolean;
}
