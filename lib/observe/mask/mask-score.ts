import { randomUUID } from 'node:crypto';
import type { ScoreEvent } from '../../wire/index.js';
import { FULLY_MASKED } from './mask-function.js';
import type { Masking } from './masking.js';

/** What of a score is text, as the mask is told. */
const TEXTS = {
  name: 'score.name',
  value: 'score.value',
  comment: 'score.comment',
  /** JSON text. */
  metadata: 'score.metadata',
  environment: 'langfuse.environment',
  // A session is found by what its spans say, which is masked in the same way.
  sessionId: 'session.id',
  id: 'score.id',
  traceId: 'score.trace_id',
  observationId: 'score.observation_id',
  datasetRunId: 'score.dataset_run_id',
  configId: 'score.config_id',
} as const satisfies { readonly [field in keyof ScoreEvent]?: string };

/** Ids as OpenTelemetry and Langfuse make them: no words, no names. */
const MADE_ID =
  /^(?:[0-9a-f]{16}|[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;

/** Has the mask go through the texts of a score. */
export function maskScore(
  score: ScoreEvent,
  masking: Masking,
): () => ScoreEvent {
  const entries = Object.entries(TEXTS).flatMap(([field, attribute]) => {
    const text = score[field as keyof typeof TEXTS];
    if (typeof text !== 'string' || isMadeId(field, text)) return [];
    return [[field, masking.text(text, attribute)] as const];
  });
  return () => {
    const texts = entries.map(([field, { text }]) => [field, text] as const);
    const masked = { ...score, ...Object.fromEntries(texts) };
    // Scores of one id replace each other: a mark that many share cannot be one.
    return masked.id === FULLY_MASKED
      ? { ...masked, id: randomUUID() }
      : masked;
  };
}

function isMadeId(field: string, text: string): boolean {
  return /Id$|^id$/.test(field) && MADE_ID.test(text);
}
