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
  readonly name: string;
  readonly kind: SpanKind;
  readonly spanContext: () => SpanContext;
  readonly parentSpanContext?: SpanContext;
  readonly startTime: HrTime;
  readonly endTime: HrTime;
  readonly status: SpanStatus;
  readonly attributes: Attributes;
  readonly links: readonly (Link & {
    readonly droppedAttributesCount?: number;
  })[];
  readonly events: readonly {
    readonly time: HrTime;
    readonly name: string;
    readonly attributes?: Attributes;
    readonly droppedAttributesCount?: number;
  }[];
  readonly duration: HrTime;
  readonly ended: boolean;
  /** What is known of the process. */
  readonly resource: { readonly attributes: Attributes };
  /** The library that made it. */
  readonly instrumentationScope: {
    readonly name: string;
    readonly version?: string;
  };
  readonly droppedAttributesCount: number;
  readonly droppedEventsCount: number;
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
