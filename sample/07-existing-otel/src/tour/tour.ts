/** A question to a model, and a request that has nothing to do with one. */
import type { Destination } from './destination.js';

export interface Destinations {
  readonly langfuse: Destination | undefined;
  readonly apm: Destination | undefined;
}

export async function takeTour(
  url: string,
  { langfuse, apm }: Destinations,
): Promise<void> {
  const response = await fetch(`${url}/ask`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ question: 'What can be shared?', userId: 'ada' }),
  });
  const { answer } = (await response.json()) as { readonly answer: string };
  console.log(`\n1. Ada asks: What can be shared?\n\n   ${answer}`);
  await langfuse?.show('ChatService.answer');
  await apm?.show('POST');

  const articles = await fetch(`${url}/articles`);
  console.log(
    `\n2. Somebody lists the articles\n\n   ${await articles.text()}`,
  );
  await apm?.show('GET');
}
