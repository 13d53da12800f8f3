// A function that is frozen after each invocation, and ended without a warning:
// what has arrived was flushed before.
import { equal } from 'node:assert/strict';
import { post } from './client.mjs';

const ANSWER = `
SPAN ChatService.answer
  RETRIEVER search
  GENERATION answer`;
const TOUR = [ANSWER, ANSWER, ANSWER];

export const sample = {
  tour: { LANGFUSE: TOUR },
  async visit({ url, receivers }) {
    await post(url, { question: 'When is a process ended?' });
    equal(receivers.LANGFUSE.stats().traces, TOUR.length + 1);
  },
  visited: { LANGFUSE: [ANSWER] },
  check({ LANGFUSE }) {
    const invocations = LANGFUSE.observations({ name: 'answer' }).map(
      ({ metadata }) => metadata.awsRequestId,
    );
    equal(new Set(invocations).size, TOUR.length + 1);
    equal(invocations.includes(undefined), false, 'no awsRequestId');
  },
};
