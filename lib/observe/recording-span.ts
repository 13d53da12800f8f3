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
  type TraceState,
} from '@opentelemetry/api';
import {
  type BatchFrame,
  LangfuseAttribute,
  type WireAttributeValue,
  type WireEvent,
  type WireIds,
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
import { attributeBytes, eventBytes, linkBytes } from './recorded-bytes.js';
import {
  exceptionAttributes,
  isKind,
  readStatus,
  serializedState,
} from './span-input.js';
import { hrTimeOf, isBefore, isTimeInput, type TimeAnchor } from './timing.js';
import { SpanAttributes } from './span-attributes.js';
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

/** Encoded, of a span without anything, and of what each of its entries adds. */
const EMPTY_BYTES = 80;
const ENTRY_BYTES = 12;

/** Of spans that have ended, which take nothing any more. */
const NO_ATTRIBUTES = new SpanAttributes();

/** What a span is started with. */
export interface SpanStart {
  readonly name: string;
  readonly kind: SpanKind;
  readonly ids: WireIds;
  /** Otherwise it records nothing, and is there for its context alone. */
  readonly isSampled: boolean;
  /** That of the trace, as far as a parent knows it. */
  readonly traceState: TraceState | undefined;
  readonly parentIsRemote: boolean;
  /** The parent itself, when it is one of ours. */
  readonly localParent: RecordingSpan | undefined;
  readonly startTime: TimeInput | undefined;
  readonly anchor: TimeAnchor;
  readonly trace: TraceAttributes;
  /** Undefined for this package itself. */
  readonly instrumentationScope: InstrumentationScope | undefined;
}

/** Where a span is recorded, and what starts below it. */
export interface SpanHome {
  /** Shortens a text that is too long to be sent. */
  fit(value: unknown): string;
  /** An open span holds so many bytes more; less when it is negative. */
  grew(bytes: number): void;
  /** Takes a span when it has ended, once. */
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
  readonly ids: WireIds;
  readonly parentIsRemote: boolean;
  /** Undefined from the end on when no ancestor is open. */
  localParent: RecordingSpan | undefined;
  /** Ours alone: another provider's decision is about its own data. */
  readonly traceFlags: TraceFlags;
  readonly startTime: HrTime;
  /** Those of a span that has ended are gone with the record made of them. */
  attributes = new SpanAttributes();
  readonly events: WireEvent[] = [];
  readonly links: WireLink[] = [];
  readonly anchor: TimeAnchor;
  readonly open: OpenLinks = {
    previous: undefined,
    next: undefined,
    linked: false,
    bytes: 0,
    since: 0,
  };
  endTime: HrTime;
  statusCode = SpanStatusCode.UNSET;
  statusMessage: string | undefined;
  droppedAttributesCount = 0;
  droppedEventsCount = 0;
  droppedLinksCount = 0;
  /** What it carries of its trace; the latest before it ends counts. */
  trace: TraceAttributes;

  readonly inheritedState: TraceState | undefined;
  /** Made when somebody asks for it. Private to the object: see `is()`. */
  #context: OwnSpanContext | undefined;
  /** An unsampled one never begins to record, as if it had ended at once. */
  private hasEnded: boolean;

  constructor(
    start: SpanStart,
    readonly home: SpanHome,
  ) {
    const { startTime, anchor, trace } = start;
    this.name = home.fit(start.name);
    this.open.bytes = this.name.length;
    this.kind = isKind(start.kind) ? start.kind : SpanKind.INTERNAL;
    this.instrumentationScope = start.instrumentationScope;
    this.localParent = start.localParent;
    this.ids = start.ids;
    this.hasEnded = !start.isSampled;
    this.traceFlags = start.isSampled ? TraceFlags.SAMPLED : TraceFlags.NONE;
    this.inheritedState = start.traceState;
    this.parentIsRemote = start.parentIsRemote;
    this.anchor = anchor;
    this.trace = trace;
    this.startTime = hrTimeOf(startTime, anchor);
    this.endTime = this.startTime;
  }

  /** Whether any value is one: no Proxy trap runs. */
  static is(value: unknown): value is RecordingSpan {
    return typeof value === 'object' && value !== null && #context in value;
  }

  get origin(): BatchFrame | undefined {
    return this.instrumentationScope?.origin;
  }

  get traceId(): string {
    return this.ids.trace.hex;
  }

  get spanId(): string {
    return this.ids.span.hex;
  }

  get parentSpanId(): string | undefined {
    return this.ids.parent?.hex;
  }

  get traceState(): string | undefined {
    return serializedState(this.inheritedState);
  }

  get expectedBytes(): number {
    return (
      EMPTY_BYTES +
      this.open.bytes +
      (this.attributes.size + this.events.length + this.links.length) *
        ENTRY_BYTES
    );
  }

  get sharedAttributes(): Uint8Array {
    return this.trace.encodedBeside(this.attributes);
  }

  /** Always the same object. Few are ever asked for theirs. */
  spanContext(): SpanContext {
    this.#context ??= new OwnSpanContext(this, this.inheritedState);
    return this.#context;
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
    const { attributes } = this;
    if (
      attributes.size >= SPAN_LIMITS.attributes &&
      !attributes.has(key) &&
      !OWN_KEYS.has(key)
    ) {
      this.droppedAttributesCount += 1;
      return;
    }
    const before = attributes.set(key, value);
    const replaced = before === undefined ? 0 : attributeBytes(key, before);
    this.grew(attributeBytes(key, value) - replaced);
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
      const oldest = this.events.shift();
      if (oldest) this.grew(-eventBytes(oldest));
      this.droppedEventsCount += 1;
    }
    const limit = SPAN_LIMITS.attributesPerEvent;
    const { attributes, dropped } = toWireAttributes(given, limit, (value) =>
      this.fit(value),
    );
    const event: WireEvent = {
      name: this.home.fit(name),
      time: hrTimeOf(when, this.anchor),
      attributes,
      droppedAttributesCount: dropped,
    };
    this.events.push(event);
    this.grew(eventBytes(event));
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
      const oldest = this.links.shift();
      if (oldest) this.grew(-linkBytes(oldest));
      this.droppedLinksCount += 1;
    }
    const limit = SPAN_LIMITS.attributesPerLink;
    const { attributes, dropped } = toWireAttributes(given, limit, (value) =>
      this.fit(value),
    );
    const link: WireLink = {
      traceId,
      spanId,
      traceFlags: typeof traceFlags === 'number' ? traceFlags : TraceFlags.NONE,
      traceState: serializedState(context.traceState),
      isRemote: context.isRemote === true,
      attributes,
      droppedAttributesCount: dropped,
    };
    this.links.push(link);
    this.grew(linkBytes(link));
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
    const before = this.statusMessage?.length ?? 0;
    this.statusCode = code;
    this.statusMessage =
      code === SpanStatusCode.ERROR && typeof message === 'string'
        ? this.home.fit(message)
        : undefined;
    this.grew((this.statusMessage?.length ?? 0) - before);
    return this;
  }

  updateName(name: string): this {
    if (this.hasEnded) return this;
    const before = this.name.length;
    this.name = this.home.fit(name);
    this.grew(this.name.length - before);
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
    this.home.ended(this);
  }

  /** Any value as a text that is short enough to be sent. */
  fitText(value: unknown): string {
    return this.home.fit(value);
  }

  /** Who still holds the span must not hold what it recorded. */
  forget(): void {
    this.attributes = NO_ATTRIBUTES;
    // Setting a length is slow, even where it changes nothing.
    if (this.events.length > 0) this.events.length = 0;
    if (this.links.length > 0) this.links.length = 0;
  }

  private grew(bytes: number): void {
    this.open.bytes += bytes;
    if (this.open.linked) this.home.grew(bytes);
  }

  private fit(value: WireAttributeValue): WireAttributeValue {
    if (typeof value === 'string') return this.home.fit(value);
    return isTexts(value) ? value.map((text) => this.home.fit(text)) : value;
  }
}

function isTexts(value: WireAttributeValue): value is readonly string[] {
  return Array.isArray(value) && typeof value[0] === 'string';
}
