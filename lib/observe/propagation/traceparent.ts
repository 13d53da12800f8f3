/** W3C Trace Context as text: `traceparent` and `tracestate`. */
import {
  createTraceState,
  isSpanContextValid,
  type SpanContext,
} from '@opentelemetry/api';

/** Version, trace id, parent id, flags, and what later versions may append. */
const TRACEPARENT =
  /^(?!ff)([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;

/** The only flag that is known: `sampled`. */
const KNOWN_FLAGS = 0x01;

/**
 * Reads the parent that another process names.
 *
 * @returns undefined for what is no `traceparent`
 * @see https://www.w3.org/TR/trace-context/#traceparent-header
 */
export function parseTraceparent(
  traceparent: string | undefined,
  tracestate?: string,
): SpanContext | undefined {
  const match = TRACEPARENT.exec(traceparent?.trim() ?? '');
  if (!match) return undefined;
  const [, version, traceId = '', spanId = '', flags = '', rest] = match;
  if (version === '00' && rest !== undefined) return undefined;
  const context: SpanContext = {
    traceId,
    spanId,
    traceFlags: Number.parseInt(flags, 16) & KNOWN_FLAGS,
    isRemote: true,
    ...(tracestate ? { traceState: createTraceState(tracestate) } : {}),
  };
  return isSpanContextValid(context) ? context : undefined;
}

/** The header that names `context` as a parent. */
export function formatTraceparent({
  traceId,
  spanId,
  traceFlags,
}: SpanContext): string {
  const flags = (traceFlags & KNOWN_FLAGS).toString(16).padStart(2, '0');
  return `00-${traceId}-${spanId}-${flags}`;
}
