import type { WireAttributes } from './attribute-value.js';
import type { BatchFrame } from './otlp-frame.js';
import type { WireIds } from './wire-id.js';

/** Seconds and nanoseconds since the epoch: OpenTelemetry's `HrTime`. */
export type WireTime = readonly [seconds: number, nanoseconds: number];

/** A span event in the shape in which it is encoded. */
export interface WireEvent {
  readonly name: string;
  readonly time: WireTime;
  readonly attributes: WireAttributes;
  readonly droppedAttributesCount: number;
}

/** A link to another span, in the shape in which it is encoded. */
export interface WireLink {
  readonly traceId: string;
  readonly spanId: string;
  readonly traceFlags: number;
  readonly traceState: string | undefined;
  readonly isRemote: boolean;
  readonly attributes: WireAttributes;
  readonly droppedAttributesCount: number;
}

/**
 * A finished span, ready to become bytes. Ids are lower-case hex (32 and 16
 * digits): the server stores them verbatim and links scores by exact match.
 */
export interface WireSpan {
  /**
   * Who made it, when that is not this package: its resource and its scope go
   * with it. The server reads some libraries' attributes by their scope's name.
   */
  readonly origin?: BatchFrame | undefined;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | undefined;
  /** The same ids where they are at hand as bytes: the digits are not read then. */
  readonly ids?: WireIds | undefined;
  /** Whether the parent came from another process (OTLP `flags`, bit 9). */
  readonly parentIsRemote: boolean;
  readonly traceFlags: number;
  readonly traceState: string | undefined;
  readonly name: string;
  /** OpenTelemetry API's `SpanKind`, 0 (internal) to 4 (consumer). */
  readonly kind: number;
  readonly startTime: WireTime;
  readonly endTime: WireTime;
  readonly attributes: WireAttributes;
  /**
   * Further attributes as `encodeAttributes()` made them, once per trace and
   * not once per span. They share no key with `attributes`.
   */
  readonly sharedAttributes: Uint8Array;
  /** About the bytes that it takes without them, where that is known. */
  readonly expectedBytes?: number;
  readonly droppedAttributesCount: number;
  readonly events: readonly WireEvent[];
  readonly droppedEventsCount: number;
  readonly links: readonly WireLink[];
  readonly droppedLinksCount: number;
  /** OpenTelemetry API's `SpanStatusCode`: 0 unset, 1 ok, 2 error. */
  readonly statusCode: number;
  readonly statusMessage: string | undefined;
}
