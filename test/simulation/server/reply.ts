/** How an exchange with the simulated server goes on. */
import type {
  HttpAnswer,
  HttpFailure,
  HttpResult,
} from '../../../lib/deliver/http-client.js';
import type { Meaning } from '../checks/destination-watch.js';

/** When the client gets what, and what the server did. */
export interface Reply {
  readonly afterMs: number;
  readonly result: HttpResult;
  readonly meaning: Meaning;
  /** Records that the server stores when the request arrives. */
  readonly taken: readonly number[];
  /** Records of which the answer says that they will never be stored. */
  readonly refused: readonly number[];
}

const NONE: readonly number[] = [];

/** A reply after which the server has neither stored nor refused a record. */
export function undecided(
  afterMs: number,
  result: HttpResult,
  meaning: Meaning,
): Reply {
  return { afterMs, result, meaning, taken: NONE, refused: NONE };
}

/** An answer of a server, or of something on the way to it. */
export function answer(
  status: number,
  body: string,
  headers: HttpAnswer['headers'] = {},
): HttpAnswer {
  return { kind: 'answer', status, headers, body: Buffer.from(body) };
}

/** No answer. */
export function failure(code: string, mayHaveArrived: boolean): HttpFailure {
  return {
    kind: 'failure',
    code,
    message: code,
    mayHaveArrived,
    onStaleConnection: false,
  };
}

/** What takes longer than the request may is cut off by the client. */
export function inTime(given: Reply, timeoutMs: number): Reply {
  if (given.afterMs < timeoutMs) return given;
  const { result } = given;
  const unknown = result.kind === 'answer' || result.mayHaveArrived;
  return {
    afterMs: timeoutMs,
    result: failure('TIMEOUT', unknown),
    meaning: { kind: 'destination', unknown, waitMs: 0 },
    taken: given.taken,
    refused: NONE,
  };
}
