// Two services: one trace over both, and an error of the second in the first.
import { deepEqual, equal } from 'node:assert/strict';
import { post } from './client.mjs';

const ANSWERED = `
SPAN POST /ask
  SPAN AssistantService.answer
    SPAN ask knowledge
      SPAN message find
        RETRIEVER find article
    GENERATION write
    SPAN event used
      TOOL count use`;
const NOT_KNOWN = `
SPAN POST /ask
  SPAN AssistantService.answer
    SPAN ask knowledge ERROR
      SPAN message find ERROR
        RETRIEVER find article ERROR`;

export const sample = {
  tour: { LANGFUSE: [ANSWERED, NOT_KNOWN] },
  async visit({ url }) {
    await post(`${url}/ask`, { question: 'Where do seasons come from?' });
  },
  visited: { LANGFUSE: [ANSWERED] },
  check({ LANGFUSE }) {
    const [{ observations }] = LANGFUSE.traces();
    const recorded = { gateway: [], knowledge: [] };
    for (const { name, userId, metadata } of observations) {
      equal(userId, 'ada', `the user of ${name}`);
      recorded[metadata['resourceAttributes.service.name']].push(name);
    }
    deepEqual(recorded.gateway.toSorted(), [
      'AssistantService.answer',
      'POST /ask',
      'ask knowledge',
      'write',
    ]);
    deepEqual(recorded.knowledge.toSorted(), [
      'count use',
      'event used',
      'find article',
      'message find',
    ]);
  },
};
