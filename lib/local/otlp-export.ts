/**
 * The spans of an export as the server's worker takes them out of it. What came
 * as protobuf and what came as JSON are the same from here on.
 */
import { listOf, member } from './json.js';
import type { Scope } from './metadata.js';
import { idText } from './otlp-id.js';
import { isoTime } from './otlp-time.js';
import { toAttributes, type Attributes } from './span-attributes.js';

/** A span, with what it shares with the others of its resource and scope. */
export interface OtlpSpan {
  readonly traceId: string;
  readonly spanId: string;
  /** Null for a root: the server takes an empty id for none. */
  readonly parentSpanId: string | null;
  readonly name: string;
  /** As it was sent. */
  readonly startTimeUnixNano: unknown;
  /** ISO 8601; undefined when neither edge of the span has a usable time. */
  readonly startTime: string | undefined;
  readonly endTime: string | undefined;
  readonly status: {
    readonly isError: boolean;
    readonly message: string | null;
  };
  readonly attributes: Attributes;
  readonly resource: Attributes;
  readonly scope: Scope;
}

/** The spans, or why the worker loses them all. */
export type ReadExport =
  | { readonly ok: true; readonly spans: readonly OtlpSpan[] }
  | { readonly ok: false; readonly reason: string };

const STATUS_CODE_ERROR = 2;

/**
 * @param resourceSpans - Those of a request that was not refused.
 * @throws RangeError - When a value nests too deep to be written as JSON.
 */
export function readExport(resourceSpans: unknown): ReadExport {
  let poison: string | undefined;
  const attributesOf = (owner: unknown): Attributes =>
    toAttributes(member(owner, 'attributes'), (reason) => {
      poison ??= reason;
    });
  const spans = listOf(resourceSpans).flatMap((entry) => {
    const resource = attributesOf(member(entry, 'resource'));
    return listOf(member(entry, 'scopeSpans')).flatMap((scopeSpans) => {
      const sentScope = member(scopeSpans, 'scope');
      const scope: Scope = {
        name: text(member(sentScope, 'name')) ?? '',
        version: text(member(sentScope, 'version')) ?? undefined,
        attributes: attributesOf(sentScope),
      };
      return listOf(member(scopeSpans, 'spans')).map((span) =>
        readSpan(span, { attributes: attributesOf(span), resource, scope }),
      );
    });
  });
  return poison === undefined
    ? { ok: true, spans }
    : { ok: false, reason: poison };
}

function readSpan(
  span: unknown,
  origin: Pick<OtlpSpan, 'attributes' | 'resource' | 'scope'>,
): OtlpSpan {
  const startTimeUnixNano = member(span, 'startTimeUnixNano');
  const start = isoTime(startTimeUnixNano);
  const end = isoTime(member(span, 'endTimeUnixNano'));
  const status = member(span, 'status');
  return {
    traceId: idText(member(span, 'traceId')) ?? '',
    spanId: idText(member(span, 'spanId')) ?? '',
    parentSpanId: idText(member(span, 'parentSpanId')) || null,
    name: text(member(span, 'name')) ?? '',
    startTimeUnixNano,
    startTime: start ?? end,
    endTime: end ?? start,
    status: {
      isError: member(status, 'code') === STATUS_CODE_ERROR,
      message: text(member(status, 'message')),
    },
    ...origin,
  };
}

/** Strings verbatim, anything else as JSON, nothing as null. */
function text(value: unknown): string | null {
  return value === undefined || value === null || typeof value === 'string'
    ? (value ?? null)
    : JSON.stringify(value);
}
