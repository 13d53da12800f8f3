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
  /** The span id: 16 hex digits. */
  readonly id: string;
  /** 32 hex digits. */
  readonly traceId: string;
  /** Null where there is no parent span. */
  readonly parentObservationId: string | null;
  /** No parent, or marked with `langfuse.internal.is_app_root`. */
  readonly isRootObservation: boolean;
  /** What the span is said or seen to be, else `SPAN`. */
  readonly type: LocalObservationType;
  /**
   * The name of the span, unless an attribute of a known library has another.
   */
  readonly name: string;
  /** When it started; the time of arrival where the span does not say. */
  readonly startTime: string;
  /** When it ended; the time of arrival where the span does not say. */
  readonly endTime: string;
  /** When the first token came; null when none was sent. */
  readonly completionStartTime: string | null;
  /** `ERROR` for a span with an error status that names no level. */
  readonly level: LocalObservationLevel;
  /** Of the observation, else of the status of the span. */
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
  /** The model as the application names it. */
  readonly providedModelName: string | null;
  /** Empty when none was sent. */
  readonly modelParameters: Readonly<Record<string, string | number>>;
  /** Counts by kind, with `total`; empty when none was sent. */
  readonly usageDetails: Readonly<Record<string, number>>;
  /** US dollars by kind; empty when none was sent. */
  readonly costDetails: Readonly<Record<string, number>>;
  /** Null for all but generations. */
  readonly promptName: string | null;
  /** 0 to 65535; null for all but generations. */
  readonly promptVersion: number | null;
  /** What the span calls its trace. */
  readonly traceName: string | null;
  /** The user that the span names. */
  readonly userId: string | null;
  /** The session that the span names. */
  readonly sessionId: string | null;
  /** The tags that the span names; empty when there are none. */
  readonly tags: readonly string[];
  /** Whether the span says that everybody may see its trace. */
  readonly public: boolean;
  /** As the server normalizes it; `default` when none was sent. */
  readonly environment: string;
  /** That of the span, else `service.version` of the resource. */
  readonly version: string | null;
  /** That of the span, else of the resource. */
  readonly release: string | null;
  /** Header `x-langfuse-sdk-name` of the request, else `unknown`. */
  readonly ingestionSdkName: string;
  /** Header `x-langfuse-sdk-version` of the request, else `unknown`. */
  readonly ingestionSdkVersion: string;
  /** When the receiver took it in, ISO 8601. */
  readonly createdAt: string;
}

interface LocalScoreBase {
  /** Given by whoever made the score. */
  readonly id: string;
  /** What is judged. Always `output` for a `CORRECTION`. */
  readonly name: string;
  /** Who made it: `API` unless it was sent. */
  readonly source: 'API' | 'ANNOTATION' | 'EVAL';
  /** The envelope's timestamp, ISO 8601: a score's body has none. */
  readonly timestamp: string;
  /** As the server normalizes it; `default` when none was sent. */
  readonly environment: string;
  /** The trace that is scored, or that of the observation that is. */
  readonly traceId: string | null;
  /** Null where a trace is scored as a whole. */
  readonly observationId: string | null;
  /** Null where no session is scored. */
  readonly sessionId: string | null;
  /** Null where no run of a dataset is scored. */
  readonly datasetRunId: string | null;
  /** Why the value is what it is. */
  readonly comment: string | null;
  /** The score config that was named; it is not looked up. */
  readonly configId: string | null;
  /** The annotation queue that was named. */
  readonly queueId: string | null;
  /** Empty when none was sent. */
  readonly metadata: Readonly<Record<string, unknown>>;
  /** When it first came in, ISO 8601. */
  readonly createdAt: string;
  /** When it last came in, ISO 8601. */
  readonly updatedAt: string;
}

/**
 * A score's value with its type: a number, a boolean (sent as 0 or 1) or text.
 *
 * @publicApi
 */
export type LocalScoreValue =
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
  /** 32 hex digits. */
  readonly id: string;
  /** What an observation calls it, else the name of the root. */
  readonly name: string | null;
  /** Null when no observation names one. */
  readonly userId: string | null;
  /** Null when no observation names one. */
  readonly sessionId: string | null;
  /** Empty when no observation has any. */
  readonly tags: readonly string[];
  /** That of the root, else of the first observation. */
  readonly environment: string;
  /** Null when no observation names one. */
  readonly version: string | null;
  /** Null when no observation names one. */
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
  /** The HTTP method, in upper case. */
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  /** The HTTP status of the answer. */
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
  /** Requests that were answered. */
  readonly requests: number;
  /** Traces of which an observation was stored. */
  readonly traces: number;
  /** Observations that were stored, duplicates among them. */
  readonly observations: number;
  /** Scores that were stored or written over. */
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
