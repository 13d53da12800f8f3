/** Two articles: one that is summarised at once, one that needs two attempts. */
import { setTimeout } from 'node:timers/promises';
import type { Submitted } from '../api/articles.controller.js';
import type { Progress } from '../api/articles.service.js';

const POLL_MS = 50;

const ARTICLES = [
  {
    title: 'Ada submits a short article',
    userId: 'ada',
    text: 'Queues decouple those who ask from those who work. They also lose traces.',
  },
  {
    title: 'Grace submits a longer one; the model is overloaded at first',
    userId: 'grace',
    text:
      'A job that fails is tried again. Its first attempt is as much a part of ' +
      'what happened as the one that went well, and it may have cost money, so ' +
      'both belong into the trace of the request that queued the job. What is ' +
      'between them is the time that BullMQ waits.',
  },
];

/** @param show - Called for each article when its job is done. */
export async function takeTour(
  url: string,
  show: (traceId: string, attempts: number) => Promise<void>,
): Promise<void> {
  for (const [index, { title, ...article }] of ARTICLES.entries()) {
    const { id, traceId = '' } = await submit(url, article);
    const { state, attempts, summary } = await done(`${url}/articles/${id}`);
    const said = summary ?? `the job has ${state}`;
    console.log(`\n${index + 1}. ${title}\n\n   ${said}`);
    await show(traceId, attempts);
  }
}

async function submit(url: string, article: object): Promise<Submitted> {
  const response = await fetch(`${url}/articles`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(article),
  });
  return (await response.json()) as Submitted;
}

async function done(url: string): Promise<Progress> {
  for (;;) {
    const response = await fetch(url);
    const progress = (await response.json()) as Progress;
    if (/completed|failed/.test(progress.state)) return progress;
    await setTimeout(POLL_MS);
  }
}
