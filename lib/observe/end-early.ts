import { SpanStatusCode } from '@opentelemetry/api';
import { LangfuseAttribute } from '../wire/index.js';
import type { RecordingSpan } from './recording-span.js';

/**
 * Ends a span as it stands, in the place of who has not, and says why: level
 * `WARNING` and the reason as the status message. One that has failed keeps its
 * level, and a message that is there goes before the reason.
 */
export function endEarly(span: RecordingSpan, reason: string): void {
  const { attributes } = span;
  if (!hasFailed(span)) {
    span.put(LangfuseAttribute.observationLevel, 'WARNING');
  }
  const said =
    attributes.get(LangfuseAttribute.observationStatusMessage) ??
    span.statusMessage;
  span.setAttribute(
    LangfuseAttribute.observationStatusMessage,
    said === undefined ? reason : `${String(said)} (${reason})`,
  );
  span.end();
}

/** The server takes the level from the status where it is not told one. */
function hasFailed({ attributes, statusCode }: RecordingSpan): boolean {
  const level = attributes.get(LangfuseAttribute.observationLevel);
  return level === undefined
    ? statusCode === SpanStatusCode.ERROR
    : String(level).toUpperCase() === 'ERROR';
}
