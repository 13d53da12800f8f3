/** The same questions to a function with `withLangfuseFlush()` and without. */
import { LocalLambda } from '../lambda/local-lambda.js';

const QUESTIONS = [
  'What is a cold start?',
  'What happens between two invocations?',
  'When is a process ended?',
];

/** @param show - Called when the process is frozen, to show what has arrived. */
export async function takeTour(
  lambda: LocalLambda,
  show: () => void,
): Promise<void> {
  for (const question of QUESTIONS) {
    const { ms, answer } = await ask(lambda, question);
    console.log(`\n${question}\n\n   ${answer}\n`);
    console.log(`Frozen after ${ms} ms. What has arrived:`);
    show();
  }
}

/** What the platform ends is gone, so this is for a receiver of one's own. */
export async function takeTourWithoutFlush(show: () => void): Promise<void> {
  console.log(`\n${'─'.repeat(72)}\nNow without withLangfuseFlush()`);
  const handler = new URL('handler-without-flush.js', import.meta.url);
  const lambda = await LocalLambda.start(handler);
  await takeTour(lambda, show);
  await lambda.end();
  console.log('\nThe platform has ended the process. These traces are lost.');
}

async function ask(lambda: LocalLambda, question: string) {
  const start = performance.now();
  const outcome = await lambda.invoke(JSON.stringify({ question }));
  const ms = Math.round(performance.now() - start);
  if ('error' in outcome) throw new Error(outcome.error);
  const { answer } = JSON.parse(outcome.result.body ?? '') as {
    readonly answer: string;
  };
  return { ms, answer };
}
