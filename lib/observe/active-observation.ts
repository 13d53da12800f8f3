import { INVALID_SPAN_CONTEXT, trace as otelTrace } from '@opentelemetry/api';
import {
  LangfuseAttribute,
  OBSERVATION_TYPES,
  type ObservationType,
} from '../wire/index.js';
import { Capture } from './capture/index.js';
import { LangfuseObservation } from './langfuse-observation.js';
import { Recorder } from './recorder.js';
import type { RecordingSpan } from './recording-span.js';
import { TraceAttributes } from './trace-attributes.js';

/** For where Nest has no recorder to give. */
const noRecorder = new Recorder({
  intake: undefined,
  capture: new Capture({ maxValueBytes: 1_024 }),
  trace: TraceAttributes.none,
});

/** The active observation; without one, an observation that does nothing. */
export function activeObservation(
  recorder: Recorder = noRecorder,
): LangfuseObservation {
  const { span } = recorder.scope;
  if (span) return new LangfuseObservation(typeOf(span), span, recorder);
  const noSpan = otelTrace.wrapSpanContext(INVALID_SPAN_CONTEXT);
  return new LangfuseObservation('span', noSpan, recorder);
}

/** Untyped code can have set it to anything. */
export function typeOf(span: RecordingSpan): ObservationType {
  const type = span.attributes.get(LangfuseAttribute.observationType);
  return OBSERVATION_TYPES.find((known) => known === type) ?? 'span';
}
