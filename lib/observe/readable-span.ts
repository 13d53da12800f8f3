import type {
  Attributes,
  HrTime,
  Link,
  SpanContext,
  SpanKind,
  SpanStatus,
} from '@opentelemetry/api';

/**
 * A span as OpenTelemetry's SDK shows it to who reads it. By structure, so that
 * no version of the SDK is a dependency.
 *
 * @see https://open-telemetry.github.io/opentelemetry-js/interfaces/_opentelemetry_sdk-trace-base.ReadableSpan.html
 * @publicApi
 */
export interface ReadableSpan {
  /** What the span is called. */
  readonly name: string;
  /** Whether it is a side of a remote call, and which. */
  readonly kind: SpanKind;
  /** Its own trace id, span id and trace flags. */
  readonly spanContext: () => SpanContext;
  /** That of its parent; undefined for a root. */
  readonly parentSpanContext?: SpanContext;
  /** Seconds and nanoseconds since the epoch. */
  readonly startTime: HrTime;
  /** Seconds and nanoseconds since the epoch. */
  readonly endTime: HrTime;
  /** Whether it is said to have failed, and why. */
  readonly status: SpanStatus;
  /** What is said of it, by name. */
  readonly attributes: Attributes;
  /** Other spans that have to do with it. */
  readonly links: readonly (Link & {
    readonly droppedAttributesCount?: number;
  })[];
  /** What happened while it ran, such as exceptions. */
  readonly events: readonly {
    readonly time: HrTime;
    readonly name: string;
    readonly attributes?: Attributes;
    readonly droppedAttributesCount?: number;
  }[];
  /** Seconds and nanoseconds. */
  readonly duration: HrTime;
  /** Whether it has ended. */
  readonly ended: boolean;
  /** What is known of the process. */
  readonly resource: { readonly attributes: Attributes };
  /** The library that made it. */
  readonly instrumentationScope: {
    readonly name: string;
    readonly version?: string;
  };
  /** Attributes that were beyond the limit of a span. */
  readonly droppedAttributesCount: number;
  /** Events that were beyond the limit of a span. */
  readonly droppedEventsCount: number;
  /** Links that were beyond the limit of a span. */
  readonly droppedLinksCount: number;
}

/**
 * Whether a span is sent; only `false` says that it is not.
 *
 * It is asked when the span ends, and may be asked for an open one when a child
 * of it starts (a child whose parent is not sent begins the visible part of its
 * trace): end, duration and later attributes are not known then. One that throws
 * leaves the span in.
 *
 * @publicApi
 */
export type ShouldExportSpan = {
  // A method, for functions that take the SDK's own type of span fit as well:
  // what is given has all of it that can be read from a span.
  call(params: { readonly otelSpan: ReadableSpan }): boolean;
}['call'];
