import type { LaneName, QueueRecord } from '../queue/index.js';
import type { HttpAnswer } from './http-client.js';
import { rejectedSpans } from './partial-success.js';
import { readScoreAnswer } from './score-answer.js';

/** What a server that took a request did with its records. */
export interface Taken {
  readonly kind: 'taken';
  readonly delivered: number;
  readonly rejected: number;
  /** Those of the rejected that the server names. */
  readonly refused: readonly QueueRecord[];
  /** Why records were rejected. */
  readonly cause: string | undefined;
  /** Not stored because of a fault of the server's own: to be sent again. */
  readonly again: readonly QueueRecord[];
}

/** What the server decided about the records of one request. */
export type Verdict =
  | Taken
  /** Refused because of at least one of them. */
  | { readonly kind: 'refused'; readonly cause: string }
  /** Refused because of their size together. */
  | { readonly kind: 'too-large'; readonly cause: string };

/** Reads what an answer with a 2xx status says of each record. */
export function readTaken(
  lane: LaneName,
  answer: HttpAnswer,
  records: readonly QueueRecord[],
): Taken {
  if (lane === 'scores') {
    const said = readScoreAnswer(answer.body, records);
    const { delivered, refused, cause, retry } = said;
    const rejected = refused.length;
    return { kind: 'taken', delivered, rejected, refused, cause, again: retry };
  }
  const rejected = Math.min(rejectedSpans(answer), records.length);
  return {
    kind: 'taken',
    delivered: records.length - rejected,
    rejected,
    refused: [],
    cause: rejected > 0 ? 'partial success' : undefined,
    again: [],
  };
}
