/**
 * What the server checks before it answers an export with 200. One defect
 * anywhere, and the whole request is refused.
 */
import { listOf, member } from './json.js';
import { idText, isAbsentId } from './otlp-id.js';

interface Defect {
  /** A span, or a field above the spans. */
  readonly of: 'span' | 'field';
  readonly reasons: readonly string[];
  readonly scopeName: unknown;
}

const MAX_SCOPE_NAMES = 5;

export function countSpans(resourceSpans: unknown): number {
  return listOf(resourceSpans)
    .flatMap((entry) => listOf(member(entry, 'scopeSpans')))
    .reduce<number>(
      (count, scopeSpans) => count + listOf(member(scopeSpans, 'spans')).length,
      0,
    );
}

/** The text with which the server refuses the request, if it does. */
export function refusalOf(resourceSpans: unknown): string | undefined {
  const defects = [...defectsOf(resourceSpans)];
  if (defects.length === 0) {
    return undefined;
  }
  const badSpans = defects.filter((defect) => defect.of === 'span').length;
  const badFields = defects.length - badSpans;
  const reasons = [...new Set(defects.flatMap((defect) => defect.reasons))];
  return (
    `Invalid OTLP trace export: ${[
      badSpans > 0 &&
        `${badSpans} of ${countSpans(resourceSpans)} span(s) cannot be processed`,
      badFields > 0 &&
        `${badFields} resource- or scope-level field(s) are present but not arrays`,
    ]
      .filter(Boolean)
      .join('; ')} (${reasons.join(', ')}). ${hints(reasons)} ` +
    'The entire export was rejected and no spans were ingested. ' +
    `Instrumentation scopes: ${scopeNames(defects)}. ` +
    'This endpoint accepts OpenTelemetry traces only — if you are exporting OpenTelemetry logs, point your log exporter elsewhere.'
  );
}

function* defectsOf(resourceSpans: unknown): Generator<Defect> {
  for (const entry of listOf(resourceSpans)) {
    const resource = member(entry, 'resource');
    yield* notAList('resource.attributes', member(resource, 'attributes'));
    const scopeSpansList = member(entry, 'scopeSpans');
    yield* notAList('scopeSpans', scopeSpansList);
    for (const scopeSpans of listOf(scopeSpansList)) {
      const scope = member(scopeSpans, 'scope');
      const scopeName = member(scope, 'name');
      const attributes = member(scope, 'attributes');
      yield* notAList('scope.attributes', attributes, scopeName);
      const spans = member(scopeSpans, 'spans');
      yield* notAList('spans', spans, scopeName);
      for (const span of listOf(spans)) {
        const reasons = reasonsAgainst(span);
        if (reasons.length > 0) {
          yield { of: 'span', reasons, scopeName };
        }
      }
    }
  }
}

function* notAList(
  name: string,
  value: unknown,
  scopeName?: unknown,
): Generator<Defect> {
  if (isNotAList(value)) {
    yield { of: 'field', reasons: [`${name}:not_an_array`], scopeName };
  }
}

function reasonsAgainst(span: unknown): string[] {
  const reasons: string[] = [];
  for (const name of ['traceId', 'spanId']) {
    const id = member(span, name);
    if (isAbsentId(id)) {
      reasons.push(`${name}:absent`);
    } else if (idText(id) === undefined) {
      reasons.push(`${name}:not_an_id`);
    }
  }
  const parentSpanId = member(span, 'parentSpanId');
  if (parentSpanId && idText(parentSpanId) === undefined) {
    reasons.push('parentSpanId:not_an_id');
  }
  if (isNotAList(member(span, 'attributes'))) {
    reasons.push('attributes:not_an_array');
  }
  const events = member(span, 'events');
  if (isNotAList(events)) {
    reasons.push('events:not_an_array');
  }
  if (listOf(events).some((event) => isNotAList(member(event, 'attributes')))) {
    reasons.push('event.attributes:not_an_array');
  }
  return reasons;
}

/** Absent and null are fine. */
function isNotAList(value: unknown): boolean {
  return value !== undefined && value !== null && !Array.isArray(value);
}

function hints(reasons: readonly string[]): string {
  const arrays = reasons.filter((reason) => reason.endsWith(':not_an_array'));
  return [
    arrays.length < reasons.length &&
      'traceId and spanId are required on every span, and each must be a string or a byte array.',
    arrays.length > 0 &&
      'scopeSpans, spans, attributes and events must all be arrays — OTLP attributes are a list of {key, value} entries, not a JSON object.',
  ]
    .filter(Boolean)
    .join(' ');
}

/** Some of them: the answer stays short. */
function scopeNames(defects: readonly Defect[]): string {
  const names = defects.flatMap(({ scopeName }) =>
    typeof scopeName === 'string' && scopeName !== '' ? [scopeName] : [],
  );
  return [...new Set(names)].slice(0, MAX_SCOPE_NAMES).join(', ') || 'unknown';
}
