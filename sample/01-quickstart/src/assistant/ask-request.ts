/** What `POST /ask` takes. */
import { optionalText, requiredText } from './json-body.js';

export interface AskRequest {
  readonly question: string;
  readonly userId?: string;
  /** Langfuse shows the traces of a session as one conversation. */
  readonly sessionId?: string;
}

/** @throws BadRequestException that names the field. */
export function parseAskRequest(body: unknown): AskRequest {
  return {
    question: requiredText(body, 'question'),
    userId: optionalText(body, 'userId'),
    sessionId: optionalText(body, 'sessionId'),
  };
}
