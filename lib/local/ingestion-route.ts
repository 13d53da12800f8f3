/**
 * `POST /api/public/ingestion`: a batch of events, each judged on its own.
 * Only `score-create` is stored; the server takes traces and observations over
 * OTLP alone.
 */
import type { Exchange, Reply } from './http-exchange.js';
import { isObject, parseJson } from './json.js';
import { judgeScore, type ScoreWrite } from './score-create.js';
import { isId } from './score-fields.js';

/** Where accepted scores go. */
export interface IngestionOptions {
  readonly onScore: (score: ScoreWrite, bytes: number) => void;
  /** A score that is answered with 201 and never stored. */
  readonly onLostScore: () => void;
}

interface EventError {
  readonly id: string;
  readonly status: number;
  readonly message: string;
  readonly error: string;
}

type EventVerdict =
  | { readonly kind: 'ignored' }
  | { readonly kind: 'refused'; readonly error: EventError }
  | {
      readonly kind: 'lost';
      readonly envelope: Envelope;
      readonly reason: string;
    }
  | {
      readonly kind: 'stored';
      readonly envelope: Envelope;
      readonly score: ScoreWrite;
    };

interface Envelope {
  readonly id: string;
  readonly timestamp: Date;
}

/** 4.5 MB: the limit that the server's body parser has for this route. */
const MAX_BODY_BYTES = 4_718_592;
const ISO_WITH_ZONE =
  /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})$/;

/**
 * Parses the body. The server does so before it looks at the method or the
 * keys, so these answers come first.
 */
export async function parseIngestionBody(
  exchange: Exchange,
): Promise<{ readonly json: unknown } | Reply> {
  const body = await exchange.readBody(MAX_BODY_BYTES);
  if (body.kind === 'tooLarge') {
    return { status: 413, body: 'Body exceeded 4.5mb limit', close: true };
  }
  if (body.kind === 'broken') {
    return { status: 400, body: 'Invalid body' };
  }
  const text = body.bytes.toString('utf8');
  if (!exchange.headers['content-type']?.includes('application/json')) {
    return { json: text };
  }
  const json = text === '' ? {} : parseJson(text);
  return json === undefined ? { status: 400, body: 'Invalid JSON' } : { json };
}

/** What is known of a request with a batch, and what is found out about it. */
export type BatchRequest = Pick<
  Exchange,
  'receivedAt' | 'decodedBytes' | 'scores' | 'note'
>;

export function receiveBatch(
  exchange: BatchRequest,
  json: unknown,
  options: IngestionOptions,
): Reply {
  if (!isObject(json) || !Array.isArray(json.batch)) {
    return {
      status: 400,
      body: {
        message: 'Invalid request data',
        errors: ['batch: expected an array'],
      },
    };
  }
  const batch: readonly unknown[] = json.batch;
  exchange.scores = batch.filter(
    (event) => isObject(event) && event.type === 'score-create',
  ).length;
  const verdicts = batch.map((event) => judgeEvent(event, exchange.receivedAt));
  const accepted = verdicts
    .filter((verdict) => verdict.kind === 'stored' || verdict.kind === 'lost')
    .toSorted(
      (a, b) => a.envelope.timestamp.getTime() - b.envelope.timestamp.getTime(),
    );
  const errors = verdicts.flatMap((verdict) =>
    verdict.kind === 'refused' ? [verdict.error] : [],
  );
  const notes = errors.map(
    ({ id, error }) => `event "${id}" refused: ${error}`,
  );
  const bytesPerEvent = Math.ceil(exchange.decodedBytes / batch.length);
  for (const verdict of accepted) {
    if (verdict.kind === 'stored') {
      options.onScore(verdict.score, bytesPerEvent);
    } else {
      options.onLostScore();
      notes.push(
        `answered 201, but the server would not store it: ${verdict.reason}`,
      );
    }
  }
  exchange.note = notes.join('; ') || undefined;
  return {
    status: 207,
    body: {
      successes: accepted.map(({ envelope }) => ({
        id: envelope.id,
        status: 201,
      })),
      errors,
    },
  };
}

function judgeEvent(event: unknown, receivedAt: Date): EventVerdict {
  const fields = isObject(event) ? event : {};
  const id = typeof fields.id === 'string' ? fields.id : 'unknown';
  const type = typeof fields.type === 'string' ? fields.type : 'unknown';
  if (type === 'sdk-log') {
    return { kind: 'ignored' };
  }
  if (type !== 'score-create') {
    return refused(
      id,
      'Event type not accepted',
      `Event type "${type}" is not accepted by /api/public/ingestion when LANGFUSE_MIGRATION_V4_WRITE_MODE is events_only. This endpoint only accepts score events.`,
    );
  }
  if (!isId(fields.id)) {
    return invalid(id, 'id: expected 1 to 800 characters');
  }
  const timestamp = isoTime(fields.timestamp);
  if (timestamp === undefined) {
    return invalid(id, 'timestamp: expected ISO 8601 with Z or an offset');
  }
  const envelope = { id, timestamp };
  const verdict = judgeScore(fields.body, { timestamp, receivedAt });
  switch (verdict.kind) {
    case 'invalid':
      return invalid(id, verdict.error);
    case 'lost':
      return { kind: 'lost', envelope, reason: verdict.reason };
    case 'stored':
      return { kind: 'stored', envelope, score: verdict.score };
  }
}

function isoTime(value: unknown): Date | undefined {
  if (typeof value !== 'string' || !ISO_WITH_ZONE.test(value)) {
    return undefined;
  }
  const time = new Date(value);
  return Number.isNaN(time.getTime()) ? undefined : time;
}

function invalid(id: string, error: string): EventVerdict {
  return refused(id, 'Invalid request data', error);
}

function refused(id: string, message: string, error: string): EventVerdict {
  return { kind: 'refused', error: { id, status: 400, message, error } };
}
