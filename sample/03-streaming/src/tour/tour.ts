/** Two questions; one is left before the answer has ended. */
import type { LocalTraces } from './local-traces.js';

const QUESTIONS = [
  { text: 'What is a stream?', words: Infinity },
  { text: 'Tell me about the lighthouse', words: 8 },
];

export async function takeTour(
  url: string,
  local: LocalTraces | undefined,
): Promise<void> {
  for (const [index, { text, words }] of QUESTIONS.entries()) {
    const leaves = Number.isFinite(words) ? ` … and leaves after ${words}` : '';
    process.stdout.write(
      `\n${index + 1}. Somebody asks: ${text}${leaves}\n\n   `,
    );
    const traceId = await readAnswer(url, text, words);
    process.stdout.write('\n');
    if (local) console.log(`\n${await local.tree(traceId)}`);
  }
}

/** @returns the trace that the events name */
async function readAnswer(
  url: string,
  question: string,
  words: number,
): Promise<string> {
  const query = new URLSearchParams({ question, session: 'tour' });
  const response = await fetch(`${url}/chat?${query}`);
  let traceId = '';
  let count = 0;
  for await (const { id, data } of eventsOf(response)) {
    traceId ||= id;
    process.stdout.write(data);
    count += 1;
    // To leave the loop is to close the connection.
    if (count === words) break;
  }
  return traceId;
}

/** As a browser's `EventSource` reads it, up to the event `done`. */
async function* eventsOf({ body }: Response) {
  let text = '';
  for await (const chunk of (body ?? []) as AsyncIterable<Uint8Array>) {
    text += Buffer.from(chunk).toString();
    const events = text.split('\n\n');
    text = events.pop() ?? '';
    for (const event of events) {
      const field = (name: string) =>
        new RegExp(`^${name}: (.*)$`, 'm').exec(event)?.[1] ?? '';
      if (field('event') === 'done') return;
      yield { id: field('id'), data: field('data') };
    }
  }
}
