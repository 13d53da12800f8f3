/**
 * The records that the receiver keeps, in the names and shapes of Langfuse's
 * read API (`/api/public/v2/observations`, `/api/public/v3/scores`).
 */

/**
 * The ten observation types, upper-case as the API returns them.
 *
 * @publicApi
 */
export type LocalObservationType =
  | 'SPAN'
  | 'GENERATION'
  | 'EVENT'
  | 'EMBEDDING'
  | 'AGENT'
  | 'TOOL'
  | 'CHAIN'
  | 'RETRIEVER'
  | 'GUARDRAIL'
  | 'EVALUATOR';

/**
 * Severity of an observation.
 *
 * @publicApi
 */
export type LocalObservationLevel = 'DEBUG' | 'DEFAULT' | 'WARNING' | 'ERROR';

/**
 * One observation as the server would store it. Times are ISO 8601 in UTC with
 * milliseconds: the server cuts nanoseconds off.
 *
 * @publicApi
 */
export interface LocalObservation {
  readonly id: string;
  readonly traceId: string;
  readonly parentObservationId: string | null;
  /** No parent, or marked with `langfuse.internal.is_app_root`. */
  readonly isRootObservation: boolean;
  readonly type: LocalObservationType;
  readonly name: string;
  readonly startTime: string;
  readonly endTime: string;
  readonly completionStartTime: string | null;
  readonly level: LocalObservationLevel;
  readonly statusMessage: string | null;
  /** The raw string of the wire: JSON for anything that was not a string. */
  readonly input: string | null;
  /** The raw string of the wire: JSON for anything that was not a string. */
  readonly output: string | null;
  /**
   * Values by dotted name, each parsed as JSON where it is JSON. The server
   * adds `resourceAttributes.*`, `scope.*` and, unless the scope's name starts
   * with `langfuse-sdk`, all span attributes as `attributes.*`.
   */
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly providedModelName: string | null;
  readonly modelParameters: Readonly<Record<string, string | number>>;
  /** Counts by kind, with `total`; empty when none was sent. */
  readonly usageDetails: Readonly<Record<string, number>>;
  /** US dollars by kind; empty when none was sent. */
  readonly costDetails: Readonly<Record<string, number>>;
  readonly promptName: string | null;
  readonly promptVersion: number | null;
  readonly traceName: string | null;
  readonly userId: string | null;
  readonly sessionId: string | null;
  readonly tags: readonly string[];
  readonly public: boolean;
  readonly environment: string;
  readonly version: string | null;
  readonly release: string | null;
  /** Header `x-langfuse-sdk-name` of the request, else `unknown`. */
  readonly ingestionSdkName: string;
  /** Header `x-langfuse-sdk-version` of the request, else `unknown`. */
  readonly ingestionSdkVersion: string;
  /** When the receiver took it in, ISO 8601. */
  readonly createdAt: string;
}

interface LocalScoreBase {
  readonly id: string;
  readonly name: string;
  readonly source: 'API' | 'ANNOTATION' | 'EVAL';
  /** The envelope's timestamp, ISO 8601: a score's body has none. */
  readonly timestamp: string;
  readonly environment: string;
  readonly traceId: string | null;
  readonly observationId: string | null;
  readonly sessionId: string | null;
  readonly datasetRunId: string | null;
  readonly comment: string | null;
  readonly configId: string | null;
  readonly queueId: string | null;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly createdAt: string;
  readonly updatedAt: string;
}

/**
 * A score's value with its type: a number, a boolean (sent as 0 or 1) or text.
 *
 * @publicApi
 */
export type LocalScoreValue =
  | { readonly dataType: 'NUMERIC'; readonly value: number }
  | { readonly dataType: 'BOOLEAN'; readonly value: boolean }
  | {
      readonly dataType: 'CATEGORICAL' | 'TEXT' | 'CORRECTION';
      readonly value: string;
    };

/**
 * One score as the server would store it. Exactly one of `traceId` (with an
 * optional `observationId`), `sessionId` and `datasetRunId` is set.
 *
 * @publicApi
 */
export type LocalScore = LocalScoreBase & LocalScoreValue;

/**
 * All that the receiver holds of one trace. What describes the trace as a whole
 * comes from its root, else from the first observation that has it.
 *
 * @publicApi
 */
export interface LocalTrace {
  readonly id: string;
  readonly name: string | null;
  readonly userId: string | null;
  readonly sessionId: string | null;
  readonly tags: readonly string[];
  readonly environment: string;
  readonly version: string | null;
  readonly release: string | null;
  /** Undefined until the root has arrived: children usually end first. */
  readonly root: LocalObservation | undefined;
  /** In order of arrival. A duplicate is a row of its own, as on the server. */
  readonly observations: readonly LocalObservation[];
  /** Scores of the trace and of its observations. */
  readonly scores: readonly LocalScore[];
}

/**
 * Fields that must be equal for a record to be listed; undefined ones do not
 * matter.
 *
 * @publicApi
 */
export type LocalRecordFilter<T> = {
  readonly [K in keyof T]?: Extract<T[K], string | number | boolean | null>;
};

/**
 * One request that was answered.
 *
 * @publicApi
 */
export interface LocalRequest {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly status: number;
  /** Lower-case names; credentials are cut out. */
  readonly headers: Readonly<Record<string, string>>;
  /** Size of the body as it came over the wire. */
  readonly bytes: number;
  /** Size of the body after gzip was undone. */
  readonly decodedBytes: number;
  /** Spans in the body, whether they were accepted or not. */
  readonly spans: number;
  /** Score events in the body, whether they were accepted or not. */
  readonly scores: number;
  /** When the request's head arrived, milliseconds since the epoch. */
  readonly receivedAt: number;
  /**
   * Why it was refused, or what the server would lose behind a 2xx answer.
   */
  readonly note: string | undefined;
}

/**
 * Counts since the start; what was evicted from memory still counts.
 *
 * @publicApi
 */
export interface LocalStats {
  readonly requests: number;
  readonly traces: number;
  readonly observations: number;
  readonly scores: number;
  /** Observations that repeat trace id, span id and start millisecond. */
  readonly duplicates: number;
  /**
   * Requests answered with 200 of which the server's worker would lose every
   * span, because it throws on an attribute, such as one without a value. The
   * `note` of the request says which.
   */
  readonly poisonedRequests: number;
  /** Scores answered with 201 that the server would never store. */
  readonly lostScores: number;
  /** Traces, oldest first, dropped to stay within the memory bounds. */
  readonly evictedTraces: number;
}
