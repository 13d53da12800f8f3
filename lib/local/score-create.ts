/**
 * What becomes of the body of a `score-create` event: stored, refused, or
 * accepted and lost. Score configs do not exist here, so a `configId` is kept
 * as it is.
 */
import { normalizeEnvironment } from './environment.js';
import { isObject, type JsonObject } from './json.js';
import { storedMetadata } from './metadata.js';
import type { LocalScore, LocalScoreValue } from './records.js';
import {
  parseIdentity,
  parseSubject,
  parseTexts,
  parseValue,
  type ScoreTexts,
} from './score-fields.js';

/** A score as one event writes it: an undefined field keeps what was there. */
export type ScoreWrite = LocalScoreValue &
  ScoreTexts &
  Omit<
    LocalScore,
    keyof ScoreTexts | keyof LocalScoreValue | 'metadata' | 'updatedAt'
  > & { readonly metadata: JsonObject | undefined };

/** A lost event is answered with 201 and never stored. */
export type ScoreVerdict =
  | { readonly kind: 'stored'; readonly score: ScoreWrite }
  | { readonly kind: 'lost'; readonly reason: string }
  | { readonly kind: 'invalid'; readonly error: string };

/** When the event was made, and when it came in. */
export interface ScoreOrigin {
  /** The envelope's timestamp. */
  readonly timestamp: Date;
  readonly receivedAt: Date;
}

export function judgeScore(body: unknown, origin: ScoreOrigin): ScoreVerdict {
  if (!isObject(body)) {
    return invalid('body: expected an object');
  }
  const identity = parseIdentity(body);
  if (!identity.ok) {
    return invalid(identity.error);
  }
  const subject = parseSubject(body);
  if (!subject.ok) {
    return invalid(subject.error);
  }
  const value = parseValue(body);
  if (!value.ok) {
    return invalid(value.error);
  }
  const texts = parseTexts(body);
  if (!texts.ok) {
    return invalid(texts.error);
  }
  const { id, name, source } = identity.value;
  const correction = value.value.dataType === 'CORRECTION';
  if (correction && texts.value.configId) {
    return invalid('configId: CORRECTION takes none');
  }
  if (correction && !subject.value.traceId) {
    return invalid('traceId: CORRECTION needs it');
  }
  if (id === undefined) {
    return { kind: 'lost', reason: `score "${name}" has no body.id` };
  }
  if (source === 'ANNOTATION' && !correction && !texts.value.configId) {
    return {
      kind: 'lost',
      reason: `score "${name}" has the source ANNOTATION but no configId`,
    };
  }
  return {
    kind: 'stored',
    score: {
      ...subject.value,
      ...value.value,
      ...texts.value,
      id,
      name: correction ? 'output' : name,
      source,
      timestamp: origin.timestamp.toISOString(),
      environment: normalizeEnvironment(body.environment),
      metadata: metadataOf(body.metadata),
      createdAt: origin.receivedAt.toISOString(),
    },
  };
}

/**
 * The score that results when `write` meets what is stored under its id, name
 * and day. Time, trace and environment of the first event stay.
 */
export function mergeScore(
  write: ScoreWrite,
  stored: LocalScore | undefined,
): LocalScore {
  return {
    ...write,
    comment: keep(write.comment, stored?.comment) ?? null,
    configId: keep(write.configId, stored?.configId) ?? null,
    queueId: keep(write.queueId, stored?.queueId) ?? null,
    metadata: keep(write.metadata, stored?.metadata) ?? {},
    updatedAt: write.createdAt,
    ...(stored && {
      timestamp: stored.timestamp,
      traceId: stored.traceId,
      environment: stored.environment,
      createdAt: stored.createdAt,
    }),
  };
}

function keep<T>(written: T | undefined, stored: T | undefined): T | undefined {
  return written === undefined ? stored : written;
}

function invalid(error: string): ScoreVerdict {
  return { kind: 'invalid', error };
}

/** What is not an object comes back under the key `metadata`. */
function metadataOf(metadata: unknown): JsonObject | undefined {
  if (metadata === undefined) {
    return undefined;
  }
  if (metadata === null) {
    return {};
  }
  return storedMetadata(
    isObject(metadata) && !Array.isArray(metadata) ? metadata : { metadata },
  );
}
