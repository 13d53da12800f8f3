/**
 * The parts of a `score-create` body, each with the server's rule for it.
 *
 * Source: https://api.reference.langfuse.com (ingestion, score-create)
 */
import type { JsonObject } from './json.js';
import type { LocalScore, LocalScoreValue } from './records.js';

/** A part of the body, or what is wrong with it. */
export type Parsed<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: string };

/** What a score is about. */
export type ScoreSubject = Pick<
  LocalScore,
  'traceId' | 'observationId' | 'sessionId' | 'datasetRunId'
>;

/** Who scored what; without an id the server loses the score. */
export interface ScoreIdentity extends Pick<LocalScore, 'name' | 'source'> {
  readonly id: string | undefined;
}

/** Texts that may be left out; null is not the same as left out. */
export interface ScoreTexts {
  readonly comment: string | null | undefined;
  readonly configId: string | null | undefined;
  readonly queueId: string | null | undefined;
}

const SOURCES = ['API', 'ANNOTATION', 'EVAL'] as const;
const MAX_ID_LENGTH = 800;
const MAX_TEXT_LENGTH = 500;

/** Ids of events and scores: 1 to 800 characters, no carriage return. */
export function isId(value: unknown): value is string {
  return (
    typeof value === 'string' &&
    value.length > 0 &&
    value.length <= MAX_ID_LENGTH &&
    !value.includes('\r')
  );
}

export function parseIdentity(body: JsonObject): Parsed<ScoreIdentity> {
  const id = body.id ?? undefined;
  if (id !== undefined && !isId(id)) {
    return wrong('id: expected 1 to 800 characters without a carriage return');
  }
  const { name } = body;
  if (typeof name !== 'string' || name === '') {
    return wrong('name: expected a string that is not empty');
  }
  const source = SOURCES.find((known) => known === (body.source ?? 'API'));
  if (source === undefined) {
    return wrong(`source: expected one of ${SOURCES.join(', ')}`);
  }
  return { ok: true, value: { id, name, source } };
}

export function parseSubject(body: JsonObject): Parsed<ScoreSubject> {
  const traceId = body.traceId ?? null;
  const observationId = body.observationId ?? null;
  const sessionId = body.sessionId ?? null;
  const datasetRunId = body.datasetRunId ?? null;
  if (
    !isText(traceId) ||
    !isText(observationId) ||
    !isText(sessionId) ||
    !isText(datasetRunId)
  ) {
    return wrong(
      'traceId, observationId, sessionId and datasetRunId: expected strings',
    );
  }
  const subjects = [traceId, sessionId, datasetRunId].filter(Boolean);
  if (subjects.length !== 1 || (observationId && !traceId)) {
    return wrong(
      'Provide exactly one of the following: traceId (with optional observationId), sessionId or datasetRunId',
    );
  }
  return {
    ok: true,
    value: { traceId, observationId, sessionId, datasetRunId },
  };
}

export function parseTexts(body: JsonObject): Parsed<ScoreTexts> {
  const { comment, configId, queueId } = body;
  return isOptionalText(comment) &&
    isOptionalText(configId) &&
    isOptionalText(queueId)
    ? { ok: true, value: { comment, configId, queueId } }
    : wrong('comment, configId and queueId: expected strings');
}

/** A data type that is left out is inferred from a number or a string. */
export function parseValue({
  dataType,
  value,
}: JsonObject): Parsed<LocalScoreValue> {
  switch (dataType ?? inferredType(value)) {
    case 'NUMERIC':
      return typeof value === 'number' && Number.isFinite(value)
        ? { ok: true, value: { dataType: 'NUMERIC', value } }
        : wrong('value: NUMERIC takes a finite number');
    case 'BOOLEAN':
      return value === 0 || value === 1
        ? { ok: true, value: { dataType: 'BOOLEAN', value: value === 1 } }
        : wrong('value: BOOLEAN takes 0 or 1');
    case 'CATEGORICAL':
      return typeof value === 'string'
        ? { ok: true, value: { dataType: 'CATEGORICAL', value } }
        : wrong('value: CATEGORICAL takes a string');
    case 'TEXT':
      return typeof value === 'string' &&
        value.length > 0 &&
        value.length <= MAX_TEXT_LENGTH
        ? { ok: true, value: { dataType: 'TEXT', value } }
        : wrong(`value: TEXT takes 1 to ${MAX_TEXT_LENGTH} characters`);
    case 'CORRECTION':
      return typeof value === 'string'
        ? { ok: true, value: { dataType: 'CORRECTION', value } }
        : wrong('value: CORRECTION takes a string');
    case undefined:
      return wrong('value: expected a number or a string');
    default:
      return wrong(
        'dataType: expected NUMERIC, BOOLEAN, CATEGORICAL, TEXT or CORRECTION',
      );
  }
}

function inferredType(value: unknown): 'NUMERIC' | 'CATEGORICAL' | undefined {
  if (typeof value === 'number') {
    return 'NUMERIC';
  }
  return typeof value === 'string' ? 'CATEGORICAL' : undefined;
}

function isText(value: unknown): value is string | null {
  return value === null || typeof value === 'string';
}

function isOptionalText(value: unknown): value is string | null | undefined {
  return value === undefined || isText(value);
}

function wrong(error: string): { readonly ok: false; readonly error: string } {
  return { ok: false, error };
}
