import {
  type Attributes,
  type AttributeValue,
  type Exception,
  type HrTime,
  type Link,
  type Span,
  type SpanContext,
  SpanKind,
  type SpanStatus,
  SpanStatusCode,
  type TimeInput,
  TraceFlags,
} from '@opentelemetry/api';
import {
  type BatchFrame,
  LangfuseAttribute,
  type WireAttributeValue,
  type WireEvent,
  type WireLink,
  type WireSpan,
} from '../wire/index.js';
import type { InstrumentationScope } from './instrumentation-scope.js';
import {
  attributeEntries,
  toWireAttributes,
  toWireValue,
} from './otel-attributes.js';
import type { OpenLinks } from './open-observations.js';
import { OwnSpanContext } from './own-span-context.js';
import {
  exceptionAttributes,
  isKind,
  readStatus,
  serializedState,
} from './span-input.js';
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

/** Few and known: attributes of the user do not take their room. */
const OWN_KEYS: ReadonlySet<string> = new Set(Object.values(LangfuseAttribute));

/** Of a list of links so many are taken; the latest of them are kept. */
const MAX_GIVEN_LINKS = 10_000;

/** What a span is started with. */
export interface SpanStart {
  readonly name: string;
  readonly kind: SpanKind;
  readonly traceId: string;
  /** Otherwise it records nothing, and is there for its context alone. */
  readonly isSampled: boolean;
  readonly spanId: string;
  readonly parent: SpanContext | undefined;
  /** The parent itself, when it is one of ours. */
  readonly localParent: RecordingSpan | undefined;
  readonly startTime: TimeInput | undefined;
  readonly anchor: TimeAnchor;
  readonly trace: TraceAttributes;
  /** Undefined for this package itself. */
  readonly instrumentationScope: InstrumentationScope | undefined;
}

/** Takes a span when it has ended, once. */
export interface SpanSink {
  /** Shortens a text that is too long to be sent. */
  fit(value: unknown): string;
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
  readonly instrumentationScope: InstrumentationScope | undefined;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | undefined;
  readonly parentIsRemote: boolean;
  readonly localParent: RecordingSpan | undefined;
  /** Ours alone: another provider's decision is about its own data. */
  readonly traceFlags: TraceFlags;
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
  /** An unsampled one never begins to record, as if it had ended at once. */
  private hasEnded: boolean;

  constructor(
    start: SpanStart,
    private readonly sink: SpanSink,
  ) {
    const { traceId, spanId, parent, startTime, anchor, trace } = start;
    this.name = sink.fit(start.name);
    this.kind = isKind(start.kind) ? start.kind : SpanKind.INTERNAL;
    this.instrumentationScope = start.instrumentationScope;
    this.localParent = start.localParent;
    this.traceId = traceId;
    this.spanId = spanId;
    this.hasEnded = !start.isSampled;
    this.traceFlags = start.isSampled ? TraceFlags.SAMPLED : TraceFlags.NONE;
    this.context = new OwnSpanContext(this, parent?.traceState);
    this.parentSpanId = parent?.spanId;
    this.parentIsRemote = parent?.isRemote === true;
    this.anchor = anchor;
    this.trace = trace;
    this.startTime = hrTimeOf(startTime, anchor);
    this.endTime = this.startTime;
  }

  get origin(): BatchFrame | undefined {
    return this.instrumentationScope?.origin;
  }

  get traceState(): string | undefined {
    return serializedState(this.context.traceState);
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
    if (this.hasEnded) return this;
    const wireValue = toWireValue(value);
    if (typeof key === 'string' && key !== '' && wireValue !== undefined) {
      this.put(key, this.fit(wireValue));
    }
    return this;
  }

  setAttributes(attributes: Attributes | undefined): this {
    for (const [key, value] of attributeEntries(attributes)) {
      this.setAttribute(key, value as AttributeValue);
    }
    return this;
  }

  /** Sets an attribute whose text is known to be short enough. */
  put(key: string, value: WireAttributeValue): void {
    if (this.hasEnded) return;
    if (
      this.attributes.size >= SPAN_LIMITS.attributes &&
      !OWN_KEYS.has(key) &&
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
      name: this.sink.fit(name),
      time: hrTimeOf(when, this.anchor),
      attributes,
      droppedAttributesCount: dropped,
    });
    return this;
  }

  addLink(link: Partial<Link>): this {
    if (this.hasEnded) return this;
    try {
      this.pushLink(link);
    } catch {
      // Untyped code can give what is no link, or does not let itself be read.
    }
    return this;
  }

  private pushLink({ context, attributes: given }: Partial<Link>): void {
    // Untyped code links to "the span of this context" where there is none.
    if (!context) return;
    const { traceId, spanId, traceFlags } = context;
    if (typeof traceId !== 'string' || typeof spanId !== 'string') return;
    if (this.links.length >= SPAN_LIMITS.links) {
      this.links.shift();
      this.droppedLinksCount += 1;
    }
    const limit = SPAN_LIMITS.attributesPerLink;
    const { attributes, dropped } = toWireAttributes(given, limit, (value) =>
      this.fit(value),
    );
    this.links.push({
      traceId,
      spanId,
      traceFlags: typeof traceFlags === 'number' ? traceFlags : TraceFlags.NONE,
      traceState: serializedState(context.traceState),
      isRemote: context.isRemote === true,
      attributes,
      droppedAttributesCount: dropped,
    });
  }

  addLinks(links: Link[]): this {
    try {
      let left = MAX_GIVEN_LINKS;
      for (const link of links) {
        if (left-- === 0) break;
        this.addLink(link);
      }
    } catch {
      // Untyped code can give what is no list.
    }
    return this;
  }

  setStatus(status: SpanStatus): this {
    const { code, message } = readStatus(status);
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
    const attributes = exceptionAttributes(exception);
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

  /** Any value as a text that is short enough to be sent. */
  fitText(value: unknown): string {
    return this.sink.fit(value);
  }

  /** Who still holds the span must not hold what it recorded. */
  forget(): void {
    this.attributes.clear();
    this.events.length = 0;
    this.links.length = 0;
  }

  private fit(value: WireAttributeValue): WireAttributeValue {
    if (typeof value === 'string') return this.sink.fit(value);
    return isTexts(value) ? value.map((text) => this.sink.fit(text)) : value;
  }
}

function isTexts(value: WireAttributeValue): value is readonly string[] {
  return Array.isArray(value) && typeof value[0] === 'string';
}
