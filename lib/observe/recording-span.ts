import {
  type Attributes,
  type AttributeValue,
  type Exception,
  type HrTime,
  type Link,
  type Span,
  type SpanContext,
  type SpanKind,
  type SpanStatus,
  SpanStatusCode,
  type TimeInput,
  TraceFlags,
} from '@opentelemetry/api';
import type {
  WireAttributeValue,
  WireEvent,
  WireLink,
  WireSpan,
} from '../wire/index.js';
import { toWireAttributes, toWireValue } from './otel-attributes.js';
import type { OpenLinks } from './open-observations.js';
import { OwnSpanContext } from './own-span-context.js';
import { hrTimeOf, isBefore, isTimeInput, type TimeAnchor } from './timing.js';
import type { TraceAttributes } from './trace-attributes.js';

/**
 * As OpenTelemetry's `SpanLimits`, with room for more attributes: Langfuse
 * takes each key of the metadata as one.
 */
export const SPAN_LIMITS = {
  attributes: 1_024,
  events: 128,
  links: 128,
  attributesPerEvent: 128,
  attributesPerLink: 128,
} as const;

/** What a span is started with. */
export interface SpanStart {
  readonly name: string;
  readonly kind: SpanKind;
  readonly traceId: string;
  readonly spanId: string;
  readonly parent: SpanContext | undefined;
  /** The parent itself, when it is one of ours. */
  readonly localParent: RecordingSpan | undefined;
  readonly startTime: TimeInput | undefined;
  readonly anchor: TimeAnchor;
  readonly trace: TraceAttributes;
}

/** Takes a span when it has ended, once. */
export interface SpanSink {
  /** Shortens a text that is too long to be sent. */
  fit(text: string): string;
  ended(span: RecordingSpan): void;
}

/**
 * A span of OpenTelemetry's API that records. It behaves as the SDK's does
 * (ends once, ignores changes afterwards, `OK` is final, oldest events and links
 * give way), and is at the same time what the wire encodes, so that ending one
 * copies nothing.
 */
export class RecordingSpan implements Span, WireSpan {
  name: string;
  readonly kind: SpanKind;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | undefined;
  readonly parentIsRemote: boolean;
  readonly localParent: RecordingSpan | undefined;
  /** Another provider's decision not to sample is about its own data. */
  readonly traceFlags = TraceFlags.SAMPLED;
  readonly startTime: HrTime;
  readonly attributes = new Map<string, WireAttributeValue>();
  readonly events: WireEvent[] = [];
  readonly links: WireLink[] = [];
  readonly anchor: TimeAnchor;
  readonly open: OpenLinks = {
    previous: undefined,
    next: undefined,
    linked: false,
  };
  endTime: HrTime;
  statusCode = SpanStatusCode.UNSET;
  statusMessage: string | undefined;
  droppedAttributesCount = 0;
  droppedEventsCount = 0;
  droppedLinksCount = 0;
  /** What it carries of its trace; the latest before it ends counts. */
  trace: TraceAttributes;

  private readonly context: OwnSpanContext;
  private hasEnded = false;

  constructor(
    start: SpanStart,
    private readonly sink: SpanSink,
  ) {
    const { traceId, spanId, parent, startTime, anchor, trace } = start;
    this.name = sink.fit(start.name);
    this.kind = start.kind;
    this.localParent = start.localParent;
    this.traceId = traceId;
    this.spanId = spanId;
    this.context = new OwnSpanContext(this, parent?.traceState);
    this.parentSpanId = parent?.spanId;
    this.parentIsRemote = parent?.isRemote === true;
    this.anchor = anchor;
    this.trace = trace;
    this.startTime = hrTimeOf(startTime, anchor);
    this.endTime = this.startTime;
  }

  get traceState(): string | undefined {
    return this.context.traceState?.serialize();
  }

  get sharedAttributes(): Uint8Array {
    return this.trace.encodedBeside(this.attributes);
  }

  spanContext(): SpanContext {
    return this.context;
  }

  isRecording(): boolean {
    return !this.hasEnded;
  }

  setAttribute(key: string, value: AttributeValue): this {
    const wireValue = toWireValue(value);
    if (typeof key === 'string' && key !== '' && wireValue !== undefined) {
      this.put(key, this.fit(wireValue));
    }
    return this;
  }

  setAttributes(attributes: Attributes | undefined): this {
    for (const [key, value] of Object.entries(attributes ?? {})) {
      if (value !== undefined) this.setAttribute(key, value);
    }
    return this;
  }

  /** Sets an attribute whose text is known to be short enough. */
  put(key: string, value: WireAttributeValue): void {
    if (this.hasEnded) return;
    if (
      this.attributes.size >= SPAN_LIMITS.attributes &&
      !this.attributes.has(key)
    ) {
      this.droppedAttributesCount += 1;
      return;
    }
    this.attributes.set(key, value);
  }

  addEvent(
    name: string,
    attributesOrTime?: Attributes | TimeInput,
    time?: TimeInput,
  ): this {
    if (this.hasEnded) return this;
    const timeComesFirst = isTimeInput(attributesOrTime);
    const when = time ?? (timeComesFirst ? attributesOrTime : undefined);
    const given = timeComesFirst ? undefined : attributesOrTime;
    if (this.events.length >= SPAN_LIMITS.events) {
      this.events.shift();
      this.droppedEventsCount += 1;
    }
    const limit = SPAN_LIMITS.attributesPerEvent;
    const { attributes, dropped } = toWireAttributes(given, limit, (value) =>
      this.fit(value),
    );
    this.events.push({
      name,
      time: hrTimeOf(when, this.anchor),
      attributes,
      droppedAttributesCount: dropped,
    });
    return this;
  }

  addLink({ context, attributes: given }: Partial<Link>): this {
    // Untyped code links to "the span of this context" where there is none.
    if (this.hasEnded || !context) return this;
    if (this.links.length >= SPAN_LIMITS.links) {
      this.links.shift();
      this.droppedLinksCount += 1;
    }
    const limit = SPAN_LIMITS.attributesPerLink;
    const { attributes, dropped } = toWireAttributes(given, limit, (value) =>
      this.fit(value),
    );
    this.links.push({
      traceId: context.traceId,
      spanId: context.spanId,
      traceFlags: context.traceFlags,
      traceState: context.traceState?.serialize(),
      isRemote: context.isRemote === true,
      attributes,
      droppedAttributesCount: dropped,
    });
    return this;
  }

  addLinks(links: Link[]): this {
    for (const link of links) this.addLink(link);
    return this;
  }

  setStatus({ code, message }: SpanStatus): this {
    if (this.hasEnded || code === SpanStatusCode.UNSET) return this;
    if (this.statusCode === SpanStatusCode.OK) return this;
    this.statusCode = code;
    this.statusMessage =
      code === SpanStatusCode.ERROR && typeof message === 'string'
        ? this.sink.fit(message)
        : undefined;
    return this;
  }

  updateName(name: string): this {
    if (!this.hasEnded) this.name = this.sink.fit(name);
    return this;
  }

  recordException(
    exception: Exception | null | undefined,
    time?: TimeInput,
  ): void {
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
    if (attributes['exception.type'] ?? attributes['exception.message']) {
      this.addEvent('exception', attributes, time);
    }
  }

  end(endTime?: TimeInput): void {
    if (this.hasEnded) return;
    const end = hrTimeOf(endTime, this.anchor);
    this.endTime = isBefore(end, this.startTime) ? this.startTime : end;
    this.hasEnded = true;
    this.sink.ended(this);
  }

  /** Who still holds the span must not hold what it recorded. */
  forget(): void {
    this.attributes.clear();
    this.events.length = 0;
    this.links.length = 0;
  }

  private fit(value: WireAttributeValue): WireAttributeValue {
    return typeof value === 'string' ? this.sink.fit(value) : value;
  }
}
