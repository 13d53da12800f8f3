import type { WireEvent, WireLink, WireSpan } from '../../wire/index.js';
import type { EndedSpan } from '../span-intake.js';
import type { Mask } from './mask.js';
import { maskAttributes } from './mask-attributes.js';
import type { Masking } from './masking.js';

/**
 * The span as it may leave the application. The span itself is only read, and
 * not after this has returned.
 */
export function maskSpan(
  span: EndedSpan,
  mask: Mask,
): WireSpan | Promise<WireSpan> {
  const shared = mask.encodeShared(span.trace.beside(span.attributes));
  const own = mask.apply((masking) => maskOwn(span, masking));
  return own instanceof Promise || shared instanceof Promise
    ? Promise.all([own, shared]).then(([parts, bytes]) => join(parts, bytes))
    : join(own, shared);
}

type OwnPart = Omit<WireSpan, 'sharedAttributes'>;

function join(own: OwnPart, sharedAttributes: Uint8Array): WireSpan {
  return { ...own, sharedAttributes };
}

function maskOwn(span: EndedSpan, masking: Masking): () => OwnPart {
  const { origin, traceId, spanId, parentSpanId, parentIsRemote } = span;
  const { traceFlags, kind, startTime, endTime, statusCode } = span;
  const { droppedAttributesCount, droppedEventsCount, droppedLinksCount } =
    span;
  const name = masking.text(span.name, 'span.name');
  const statusMessage = maskOptional(
    span.statusMessage,
    'span.status_message',
    masking,
  );
  const traceState = maskTraceState(span.traceState, masking);
  const attributes = maskAttributes(span.attributes, masking);
  const events = span.events.map((event) => maskEvent(event, masking));
  const links = span.links.map((link) => maskLink(link, masking));
  return () => ({
    origin,
    traceId,
    spanId,
    parentSpanId,
    parentIsRemote,
    traceFlags,
    traceState: traceState(),
    name: name.text,
    kind,
    startTime,
    endTime,
    attributes: attributes(),
    droppedAttributesCount,
    events: events.map((read) => read()),
    droppedEventsCount,
    links: links.map((read) => read()),
    droppedLinksCount,
    statusCode,
    statusMessage: statusMessage(),
  });
}

function maskEvent(event: WireEvent, masking: Masking): () => WireEvent {
  const { time, droppedAttributesCount } = event;
  const name = masking.text(event.name, 'event.name');
  const attributes = maskAttributes(event.attributes, masking);
  return () => ({
    name: name.text,
    time,
    attributes: attributes(),
    droppedAttributesCount,
  });
}

function maskLink(link: WireLink, masking: Masking): () => WireLink {
  const { traceId, spanId, traceFlags, isRemote, droppedAttributesCount } =
    link;
  const traceState = maskTraceState(link.traceState, masking);
  const attributes = maskAttributes(link.attributes, masking);
  return () => ({
    traceId,
    spanId,
    traceFlags,
    traceState: traceState(),
    isRemote,
    attributes: attributes(),
    droppedAttributesCount,
  });
}

function maskTraceState(
  traceState: string | undefined,
  masking: Masking,
): () => string | undefined {
  return maskOptional(traceState, 'span.trace_state', masking);
}

function maskOptional(
  text: string | undefined,
  attribute: string,
  masking: Masking,
): () => string | undefined {
  if (text === undefined) return () => undefined;
  const slot = masking.text(text, attribute);
  return () => slot.text;
}
