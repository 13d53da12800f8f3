/** What an application has at hand when it records: values, no attributes yet. */

/** The kinds of observations that the traces here consist of. */
export type ValuesType = 'chain' | 'retriever' | 'tool' | 'generation';

/** A call to a model. */
export interface ModelCall {
  readonly model: string;
  readonly modelParameters: Readonly<Record<string, string | number>>;
  readonly usageDetails: Readonly<Record<string, number>>;
}

/** What is recorded of one observation. */
export interface ObservationValues {
  readonly name: string;
  readonly type: ValuesType;
  readonly input: unknown;
  readonly output: unknown;
  /** Five keys. */
  readonly metadata: Readonly<Record<string, string | number | boolean>>;
  readonly call?: ModelCall;
}

/** A root with three children, and whose trace it is. */
export interface TraceValues {
  readonly name: string;
  readonly userId: string;
  readonly sessionId: string;
  readonly root: ObservationValues;
  readonly children: readonly ObservationValues[];
}

export const OBSERVATIONS_PER_TRACE = 4;

/** Labels that every observation of the application carries besides. */
export const ENVIRONMENT = 'benchmark';
export const RELEASE = '2026.11.3';
