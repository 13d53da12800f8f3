/** What the server checks on a decoded export, and what it fails to check. */
import type {
  OtlpExportRequest,
  OtlpScopeSpans,
  OtlpSpan,
} from './otlp-messages.js';
import { keyWithoutValue } from './span-attributes.js';

export function spansOf(request: OtlpExportRequest): OtlpSpan[] {
  return scopesOf(request).flatMap(({ spans = [] }) => spans);
}

/**
 * The text with which the server refuses the whole request because of one span
 * without ids; undefined when all have them.
 */
export function idErrorOf(request: OtlpExportRequest): string | undefined {
  const spans = spansOf(request);
  const reasons = spans.map(missingIds).filter((missing) => missing.length > 0);
  if (reasons.length === 0) {
    return undefined;
  }
  const scopes = scopesOf(request)
    .filter(({ spans: members = [] }) =>
      members.some((span) => missingIds(span).length > 0),
    )
    .map(({ scope }) => scope?.name ?? 'unknown');
  return (
    `Invalid OTLP trace export: ${reasons.length} of ${spans.length} span(s) cannot be processed ` +
    `(${[...new Set(reasons.flat())].join(', ')}). ` +
    'traceId and spanId are required on every span, and each must be a string or a byte array. ' +
    'The entire export was rejected and no spans were ingested. ' +
    `Instrumentation scopes: ${[...new Set(scopes)].join(', ')}. ` +
    'This endpoint accepts OpenTelemetry traces only — if you are exporting OpenTelemetry logs, point your log exporter elsewhere.'
  );
}

/**
 * The key of an attribute without a value anywhere in the request. The server
 * does not look: its worker throws on it and loses every span.
 */
export function poisonOf(request: OtlpExportRequest): string | undefined {
  const owners = (request.resourceSpans ?? []).flatMap(
    ({ resource, scopeSpans = [] }) => [
      resource,
      ...scopeSpans.flatMap(({ scope, spans = [] }) => [scope, ...spans]),
    ],
  );
  return owners
    .map((owner) => keyWithoutValue(owner?.attributes))
    .find((key) => key !== undefined);
}

function scopesOf(request: OtlpExportRequest): OtlpScopeSpans[] {
  return (request.resourceSpans ?? []).flatMap(
    ({ scopeSpans = [] }) => scopeSpans,
  );
}

function missingIds(span: OtlpSpan): string[] {
  const missing: string[] = [];
  if (!span.traceId?.length) {
    missing.push('traceId:absent');
  }
  if (!span.spanId?.length) {
    missing.push('spanId:absent');
  }
  return missing;
}
