/** Scores in the form in which a test looks at them. */
import type { LocalScore } from '../local/index.js';
import { given } from './given.js';

/** A score's value with its type. @publicApi */
export type TestScoreValue =
  | { readonly dataType: 'NUMERIC'; readonly value: number }
  | { readonly dataType: 'BOOLEAN'; readonly value: boolean }
  | {
      readonly dataType: 'CATEGORICAL' | 'TEXT' | 'CORRECTION';
      readonly value: string;
    };

/**
 * A score, as Langfuse would show it. One of `traceId`, `sessionId` and
 * `datasetRunId` is set.
 *
 * @publicApi
 */
export type TestScore = TestScoreValue & {
  readonly id: string;
  readonly name: string;
  readonly traceId: string | undefined;
  /** Undefined where the score is one of the whole trace. */
  readonly observationId: string | undefined;
  readonly sessionId: string | undefined;
  readonly datasetRunId: string | undefined;
  readonly comment: string | undefined;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly configId: string | undefined;
  readonly environment: string;
  readonly timestamp: Date;
};

export function testScore(score: LocalScore): TestScore {
  return {
    ...valueOf(score),
    id: score.id,
    name: score.name,
    traceId: given(score.traceId),
    observationId: given(score.observationId),
    sessionId: given(score.sessionId),
    datasetRunId: given(score.datasetRunId),
    comment: given(score.comment),
    metadata: score.metadata,
    configId: given(score.configId),
    environment: score.environment,
    timestamp: new Date(score.timestamp),
  };
}

function valueOf(score: LocalScore): TestScoreValue {
  switch (score.dataType) {
    case 'NUMERIC':
      return { dataType: score.dataType, value: score.value };
    case 'BOOLEAN':
      return { dataType: score.dataType, value: score.value };
    case 'CATEGORICAL':
    case 'TEXT':
    case 'CORRECTION':
      return { dataType: score.dataType, value: score.value };
  }
}
