/** What a row of the fault table is. */
import type { DropCounts, LangfuseModuleOptions } from '../../lib/index.js';
import type { Stage } from './stage.js';

export interface Row {
  /** Number of the fault in the catalogue, and a letter for a variant. */
  readonly id: string;
  readonly fault: string;
  /** Seconds of the queue's clock in a second of real time. Default: 20. */
  readonly speed?: number;
  readonly options?: LangfuseModuleOptions;
  /** It touches what all rows share: the event loop, the wall clock. */
  readonly alone?: boolean;
  /** The fault, the load, and what can only be seen on the way. */
  readonly run: (stage: Stage) => Promise<void>;
  readonly expected: Expectation;
}

/** What must be true at the end; what is not dropped must be delivered. */
export interface Expectation {
  /** Exactly these, or whatever the queue says. Default: none. */
  readonly dropped?: DropCounts | 'any';
  /** Rows beyond the first of an id, at most. Default: 0. */
  readonly duplicates?: number;
  /** Requests that the client made, at most. */
  readonly requests?: number;
}

/** A row after its run, in the table's columns. */
export interface RowResult {
  readonly row: Pick<Row, 'id' | 'fault'>;
  readonly recorded: number;
  /** Unique ids in requests that the server answered with 2xx. */
  readonly delivered: number;
  readonly duplicates: number;
  readonly dropped: DropCounts;
  /** Requests that reached the server, and those that the client began. */
  readonly requests: number;
  readonly tries: number;
  /** Of real time. */
  readonly seconds: number;
  /** What was not as expected. */
  readonly failures: readonly string[];
}

/** Over all reasons. */
export function sum(dropped: DropCounts): number {
  return Object.values(dropped).reduce((total, count) => total + count, 0);
}
