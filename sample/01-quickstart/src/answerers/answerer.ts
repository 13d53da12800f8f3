/** Puts what was found into words. */
import type { Passage } from '../documents/passages.js';

export interface AnswerRequest {
  readonly question: string;
  /** What the documents say, the best first; at least one. */
  readonly passages: readonly Passage[];
}

/** Also the token by which an implementation is injected. */
export abstract class Answerer {
  /** How it answers, in a line, for people. */
  abstract readonly description: string;

  abstract answer(request: AnswerRequest): Promise<string>;
}
