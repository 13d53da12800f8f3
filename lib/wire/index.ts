/** What other rooms need of the wire format. */
export type { WireAttributes, WireAttributeValue } from './attribute-value.js';
export { JsonEncoder } from './json-encoder.js';
export { JsonParts, TEXT_FOLLOWS } from './json-parts.js';
export { WireId, type WireIds } from './wire-id.js';
export {
  LangfuseAttribute,
  OBSERVATION_LEVELS,
  OBSERVATION_TYPES,
  type ObservationLevel,
  type ObservationType,
  SCOPE_NAME,
} from './langfuse-attributes.js';
export {
  encodeAttributes,
  frameOverheadBytes,
  frameSpans,
} from './otlp-batch.js';
export {
  type BatchFrame,
  type BatchOrigin,
  encodeBatchFrame,
  encodeResource,
  encodeScope,
} from './otlp-frame.js';
export { estimateSpan, SpanEncoder } from './otlp-span.js';
export {
  encodeScoreEvent,
  frameScores,
  type ScoreDataType,
  type ScoreEvent,
} from './score-event.js';
export { scoreDataType, type ScoreInput, scoreProblem } from './score-rules.js';
export { shrinkScore } from './shrink-score.js';
export { shrinkSpan } from './shrink-span.js';
export { storedFrame, withStoredFrame } from './stored-frame.js';
export {
  type CheckedDetails,
  costDetails,
  usageDetails,
} from './usage-details.js';
export type { WireEvent, WireLink, WireSpan, WireTime } from './wire-span.js';
