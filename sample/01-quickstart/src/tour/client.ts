/** The application's own client: the tour goes through HTTP like everybody. */
import type { AskRequest } from '../assistant/ask-request.js';
import type { FeedbackRequest } from '../assistant/feedback-request.js';

export interface Answered {
  readonly answer: string;
  readonly sources: readonly string[];
  readonly traceId?: string;
}

/** What the application said instead of an answer. */
export interface Refused {
  readonly problem: string;
}

/** @throws TypeError of `fetch` when nobody listens. */
export async function ask(
  url: string,
  request: AskRequest,
): Promise<Answered | Refused> {
  const response = await post(`${url}/ask`, request);
  const text = await response.text();
  return response.ok
    ? (JSON.parse(text) as Answered)
    : { problem: `${response.status}: ${text}` };
}

/** @throws TypeError of `fetch` when nobody listens. */
export async function giveFeedback(
  url: string,
  request: FeedbackRequest,
): Promise<void> {
  const response = await post(`${url}/feedback`, request);
  await response.arrayBuffer();
}

function post(url: string, body: unknown): Promise<Response> {
  return fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
}
