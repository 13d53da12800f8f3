/**
 * What callers of OpenTelemetry's API give to a span, read so that nothing
 * throws: code without types, or a Proxy, can stand in the place of any of it.
 */
import {
  type Attributes,
  type Exception,
  SpanKind,
  type SpanStatus,
  SpanStatusCode,
  type TraceState,
} from '@opentelemetry/api';
import { messageOf } from './message-of.js';

/** Whether it is one of OpenTelemetry's kinds of spans. */
export function isKind(kind: unknown): kind is SpanKind {
  return (
    typeof kind === 'number' &&
    Number.isInteger(kind) &&
    kind >= SpanKind.INTERNAL &&
    kind <= SpanKind.CONSUMER
  );
}

/** Undefined for what is no trace state. */
export function serializedState(
  state: TraceState | undefined,
): string | undefined {
  try {
    const text: unknown = state?.serialize();
    return typeof text === 'string' ? text : undefined;
  } catch {
    return undefined;
  }
}

/** `UNSET`, which changes nothing, for what is no status. */
export function readStatus(status: SpanStatus): SpanStatus {
  try {
    const { code, message } = status;
    const isKnown = code === SpanStatusCode.OK || code === SpanStatusCode.ERROR;
    if (isKnown) return message === undefined ? { code } : { code, message };
  } catch {
    // A getter or a Proxy trap.
  }
  return { code: SpanStatusCode.UNSET };
}

/**
 * An exception as the attributes of its event, after OpenTelemetry's semantic
 * conventions; the message alone of one that does not let itself be read.
 */
export function exceptionAttributes(
  exception: Exception | null | undefined,
): Attributes {
  try {
    return readException(exception);
  } catch {
    return { 'exception.message': messageOf(exception) };
  }
}

function readException(exception: Exception | null | undefined): Attributes {
  const attributes: Attributes = {};
  if (typeof exception === 'string') {
    attributes['exception.message'] = exception;
  } else if (exception) {
    const { code, name, message, stack } = exception;
    if (code) attributes['exception.type'] = String(code);
    else if (name) attributes['exception.type'] = name;
    if (message) attributes['exception.message'] = message;
    if (stack) attributes['exception.stacktrace'] = stack;
  }
  return attributes;
}
