/**
 * A score of a trace, an observation, a session or a dataset run.
 *
 * @see https://langfuse.com/docs/evaluation/overview
 * @publicApi
 */
export interface Score {
  /**
   * Identifies the score: sent again with the same name on the same UTC day it
   * replaces the former. Default: a new UUID. 1 to 800 characters.
   */
  readonly id?: string;
  /** What is judged, such as `helpful`. Not empty. */
  readonly name: string;
  /**
   * A number for NUMERIC, `true`, `false`, 0 or 1 for BOOLEAN, else a string; TEXT takes
   * 1 to 500 characters.
   */
  readonly value: number | string | boolean;
  /** Default: what `value` is: NUMERIC, CATEGORICAL or BOOLEAN. */
  readonly dataType?:
    'NUMERIC' | 'CATEGORICAL' | 'BOOLEAN' | 'TEXT' | 'CORRECTION';
  /** Exactly one of `traceId`, `sessionId` and `datasetRunId` is given. */
  readonly traceId?: string;
  /** Needs `traceId`. */
  readonly observationId?: string;
  /** Scores a session as a whole. */
  readonly sessionId?: string;
  /** Scores a run of a dataset as a whole. */
  readonly datasetRunId?: string;
  /** Why the value is what it is. */
  readonly comment?: string;
  /** Any value. */
  readonly metadata?: unknown;
  /**
   * Id of a score config of the project. A score that does not keep to it is
   * taken by the server, and silently lost.
   */
  readonly configId?: string;
  /** Default: the option `environment`. */
  readonly environment?: string;
}

/** A score of what is active: its subject is known. @publicApi */
export type ActiveScore = Omit<
  Score,
  'traceId' | 'observationId' | 'sessionId' | 'datasetRunId'
>;
