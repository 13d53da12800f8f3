/**
 * Scores as `score-create` events of the ingestion API. An event's bytes are
 * made once and sent again as they are, since the server tells a repeated
 * score from a new one by its ids, name and timestamp.
 *
 * @see https://langfuse.com/docs/evaluation/evaluation-methods/scores-via-sdk
 */

/** A score of one observation, or of a whole trace. */
interface TraceSubject {
  /** The id of the trace as it was sent: the server compares the text. */
  readonly traceId: string;
  readonly observationId?: string;
  readonly sessionId?: never;
  readonly datasetRunId?: never;
}

interface SessionSubject {
  readonly sessionId: string;
  readonly traceId?: never;
  readonly observationId?: never;
  readonly datasetRunId?: never;
}

interface DatasetRunSubject {
  readonly datasetRunId: string;
  readonly traceId?: never;
  readonly observationId?: never;
  readonly sessionId?: never;
}

interface NumericValue {
  readonly dataType: 'NUMERIC';
  /** Finite. */
  readonly value: number;
}

interface BooleanValue {
  readonly dataType: 'BOOLEAN';
  readonly value: 0 | 1;
}

interface TextValue {
  /** CATEGORICAL takes any text, TEXT from 1 to 500 characters. */
  readonly dataType: 'CATEGORICAL' | 'TEXT';
  readonly value: string;
}

/** What the output should have been; the server has no config for it. */
interface CorrectionValue {
  readonly dataType: 'CORRECTION';
  readonly value: string;
  readonly configId?: never;
}

interface Configurable {
  /** The score config that the value must fit. */
  readonly configId?: string;
}

type ScoreValueAndSubject =
  | ((NumericValue | BooleanValue | TextValue) &
      Configurable &
      (TraceSubject | SessionSubject | DatasetRunSubject))
  | (CorrectionValue & TraceSubject);

interface ScoreDetails {
  /** Id of this event, not of the score. Unique within a batch. */
  readonly eventId: string;
  /** ISO 8601 with a time zone. The server takes it for the score's time. */
  readonly timestamp: string;
  /** Id of the score. Without one the server answers 201 and stores nothing. */
  readonly id: string;
  readonly name: string;
  readonly comment?: string;
  /** JSON text. Text that is no JSON is sent as a JSON string. */
  readonly metadata?: string;
  readonly environment?: string;
  /** The annotation queue that the score came from. */
  readonly queueId?: string;
}

/** A score that the server accepts. */
export type ScoreEvent = ScoreDetails & ScoreValueAndSubject;

/** All types of values. */
export const SCORE_DATA_TYPES = [
  'NUMERIC',
  'BOOLEAN',
  'CATEGORICAL',
  'TEXT',
  'CORRECTION',
] as const satisfies readonly ScoreEvent['dataType'][];

/**
 * What a score's value is.
 *
 * @see https://langfuse.com/docs/evaluation/scores/data-model
 * @publicApi
 */
export type ScoreDataType = ScoreEvent['dataType'];

/** All of a score but its metadata, which is JSON already. */
const BODY_FIELDS: ReadonlySet<string> = new Set<keyof ScoreEvent>([
  'id',
  'name',
  'dataType',
  'value',
  'traceId',
  'observationId',
  'sessionId',
  'datasetRunId',
  'comment',
  'environment',
  'configId',
  'queueId',
]);

const BATCH_START = Buffer.from('{"batch":[');
const BATCH_SEPARATOR = Buffer.from(',');
const BATCH_END = Buffer.from(']}');

/**
 * A lone surrogate as `JSON.stringify` escapes it: a backslash that is not
 * itself escaped, and a code unit from D800 to DFFF. Pairs it leaves alone.
 */
const LONE_SURROGATE = /(?<!\\)((?:\\\\)*)\\ud[89a-f][0-9a-f]{2}/g;

/**
 * The event as JSON text in UTF-8. Lone surrogates, which have no UTF-8, become
 * U+FFFD as they do in spans.
 */
export function encodeScoreEvent(event: ScoreEvent): Uint8Array {
  const { eventId, timestamp, metadata } = event;
  const body = JSON.stringify(event, bodyField);
  const json =
    `{"id":${JSON.stringify(eventId)},"type":"score-create",` +
    `"timestamp":${JSON.stringify(timestamp)},"body":` +
    (metadata === undefined
      ? body
      : `${body.slice(0, -1)},"metadata":${toJson(metadata)}}`) +
    '}';
  return Buffer.from(json.replace(LONE_SURROGATE, '$1\\ufffd'));
}

/**
 * The body of an ingestion request as chunks to be written one after the other.
 *
 * @param events What {@link encodeScoreEvent} returned. None gives the body of
 * an empty, valid request.
 */
export function frameScores(events: readonly Uint8Array[]): Uint8Array[] {
  const chunks: Uint8Array[] = [BATCH_START];
  for (const [index, event] of events.entries()) {
    if (index > 0) chunks.push(BATCH_SEPARATOR);
    chunks.push(event);
  }
  chunks.push(BATCH_END);
  return chunks;
}

/**
 * Keeps what a score consists of. An untyped caller may give more, such as a
 * `source` for which the server drops the score, and null for "not given",
 * for which the server erases a value.
 */
function bodyField(key: string, value: unknown): unknown {
  return key === '' || BODY_FIELDS.has(key) ? (value ?? undefined) : undefined;
}

/** One event that is no JSON would make the server refuse its whole batch. */
function toJson(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text));
  } catch {
    return JSON.stringify(text);
  }
}
