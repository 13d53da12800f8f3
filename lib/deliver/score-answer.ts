import type { QueueRecord } from '../queue/index.js';

/** What the server said of each score of a request. */
export interface ScoreAnswer {
  readonly delivered: number;
  /** Rejected for good. */
  readonly refused: readonly QueueRecord[];
  /** The first reason for a rejection. */
  readonly cause: string | undefined;
  /** Not stored because of a fault of the server's own: worth sending again. */
  readonly retry: readonly QueueRecord[];
}

/** One entry of the list `errors` in a 207 answer. */
interface ScoreError {
  readonly id: string;
  readonly status: number;
  readonly message?: string;
  readonly error?: string;
}

/**
 * Reads a 207 of `/api/public/ingestion`, which names the envelope ids that it
 * did not take: 4xx for good, 5xx for now. An answer that makes no sense counts
 * as taken, since its status says so and nothing is sent again after a 2xx.
 */
export function readScoreAnswer(
  body: Buffer,
  records: readonly QueueRecord[],
): ScoreAnswer {
  const failed = new Map<string, ScoreError>();
  for (const error of scoreErrors(body)) failed.set(error.id, error);
  const retry: QueueRecord[] = [];
  const refused: QueueRecord[] = [];
  let cause: string | undefined;
  for (const record of records) {
    const error = failed.get(record.id);
    if (error === undefined) continue;
    if (isPassing(error.status)) {
      retry.push(record);
    } else {
      refused.push(record);
      cause ??= `score ${record.id}: ${error.status} ${error.message ?? ''} ${error.error ?? ''}`;
    }
  }
  const delivered = records.length - refused.length - retry.length;
  return { delivered, refused, cause: cause?.trim(), retry };
}

/** Statuses that say nothing about the score itself. */
function isPassing(status: number): boolean {
  return status === 408 || status === 429 || status >= 500;
}

function scoreErrors(body: Buffer): readonly ScoreError[] {
  try {
    const answer: unknown = JSON.parse(body.toString('utf8'));
    const errors = (answer as { errors?: unknown } | null)?.errors;
    return Array.isArray(errors) ? errors.filter(isScoreError) : [];
  } catch {
    return [];
  }
}

function isScoreError(value: unknown): value is ScoreError {
  const error = value as Partial<ScoreError> | null;
  return typeof error?.id === 'string' && typeof error.status === 'number';
}
