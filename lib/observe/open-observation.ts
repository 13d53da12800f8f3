import type { ObservationType } from '../wire/index.js';
import { typeOf } from './active-observation.js';
import type { RecordingSpan } from './recording-span.js';

/** An observation that has not ended, as it is now. @publicApi */
export interface OpenObservation {
  /** 32 hex digits. */
  readonly traceId: string;
  /** 16 hex digits. */
  readonly observationId: string;
  /** As it was given: masks work on what is sent. */
  readonly name: string;
  /** `span` unless it was started as another. */
  readonly type: ObservationType;
  /** As it was given, or when it was started. */
  readonly startTime: Date;
  /** Milliseconds since it was started, whatever `startTime` was given. */
  readonly ageMs: number;
  /** About what it has recorded so far; a character counts as one. */
  readonly bytes: number;
}

/** @param ageMs - How long it has been open. */
export function openObservation(
  span: RecordingSpan,
  ageMs: number,
): OpenObservation {
  const [seconds, nanoseconds] = span.startTime;
  return {
    traceId: span.traceId,
    observationId: span.spanId,
    name: span.name,
    type: typeOf(span),
    startTime: new Date(seconds * 1000 + nanoseconds / 1e6),
    ageMs: Math.floor(ageMs),
    bytes: span.open.bytes,
  };
}
