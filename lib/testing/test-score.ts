/** Scores in the form in which a test looks at them. */
import type { LocalScore } from '../local/index.js';
import { given } from './given.js';

/** A score's value with its type. @publicApi */
export type TestScoreValue =
  | {
      /** Which kind of value it is. */
      readonly dataType: 'NUMERIC';
      /** Of the type that `dataType` names. */
      readonly value: number;
    }
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
  /** The id that `createScore()` returned. */
  readonly id: string;
  /** What is judged. Always `output` for a `CORRECTION`. */
  readonly name: string;
  /** The trace that is scored, or that of the observation that is. */
  readonly traceId: string | undefined;
  /** Undefined where the score is one of the whole trace. */
  readonly observationId: string | undefined;
  /** Undefined where no session is scored. */
  readonly sessionId: string | undefined;
  /** Undefined where no run of a dataset is scored. */
  readonly datasetRunId: string | undefined;
  /** Why the value is what it is. */
  readonly comment: string | undefined;
  /** Empty when none was given. */
  readonly metadata: Readonly<Record<string, unknown>>;
  /** The score config that was named. */
  readonly configId: string | undefined;
  /** `default` when none is configured. */
  readonly environment: string;
  /** When the score was made. */
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
