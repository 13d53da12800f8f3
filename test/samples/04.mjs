// Producer and worker: one trace for both, attempts of a job beside each other,
// and a worker that is ended while a job runs.
import { spawnSync } from 'node:child_process';
import { deepEqual } from 'node:assert/strict';
import { post } from './client.mjs';

const SUMMARY = `
SPAN POST /articles
  SPAN queue summary
    CHAIN summarise
      GENERATION write summary`;
const SUMMARY_WITH_RETRY = `
SPAN POST /articles
  SPAN queue summary
    CHAIN summarise
      GENERATION write summary
    CHAIN summarise ERROR
      GENERATION write summary ERROR`;

export const sample = {
  async prepare() {
    // The sample starts Redis itself, but does not bring it.
    const { error } = spawnSync('redis-server', ['--version']);
    return error && !process.env.REDIS_URL
      ? { skipped: 'redis-server is not installed, and REDIS_URL is not set' }
      : { env: {}, close: async () => {} };
  },
  tour: { LANGFUSE: [SUMMARY, SUMMARY_WITH_RETRY] },
  async visit({ url }) {
    const article = { text: 'One. Two.', userId: 'linus' };
    const { id } = await post(`${url}/articles`, article);
    const isWaiting = async () => {
      const progress = await fetch(`${url}/articles/${id}`);
      return (await progress.json()).state === 'waiting';
    };
    while (await isWaiting());
  },
  visited: { LANGFUSE: [SUMMARY] },
  check({ LANGFUSE }) {
    const attempts = LANGFUSE.observations({ name: 'summarise' });
    const seen = attempts.map(({ userId, traceName, metadata }) => {
      const service = metadata['resourceAttributes.service.name'];
      return [service, userId, traceName, metadata.attempt].join(' ');
    });
    deepEqual(seen.toSorted(), [
      'worker ada POST /articles 1',
      'worker grace POST /articles 1',
      'worker grace POST /articles 2',
      'worker linus POST /articles 1',
    ]);
  },
};
