// OpenTelemetry with an APM: what of a request is whose, under one trace id.
import { deepEqual } from 'node:assert/strict';
import { post } from './client.mjs';

const QUESTION = `
SPAN ChatService.answer
  GENERATION chat echo
EMBEDDING embeddings letters`;
const QUESTION_IN_APM = `
SPAN POST
  EMBEDDING embeddings letters
  SPAN SELECT articles`;
const ARTICLES_IN_APM = `
SPAN GET
  SPAN SELECT articles`;

const idsOf = (traces) => traces.map(({ id }) => id).toSorted();

export const sample = {
  tour: {
    LANGFUSE: [QUESTION],
    APM: [QUESTION_IN_APM, ARTICLES_IN_APM],
  },
  async visit({ url }) {
    await post(`${url}/ask`, { question: 'Who has parents?' });
  },
  visited: { LANGFUSE: [QUESTION], APM: [QUESTION_IN_APM] },
  check({ LANGFUSE, APM }) {
    const questions = APM.traces().filter(({ name }) => name === 'POST');
    deepEqual(idsOf(questions), idsOf(LANGFUSE.traces()));
  },
};
