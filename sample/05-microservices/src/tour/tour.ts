/** Two questions, each with its trace. */
import type { LocalTraces } from './local-traces.js';

const QUESTIONS = [
  {
    text: 'Where do tides come from?',
    last: ['POST /ask', 'count use', 'event used'],
  },
  {
    text: 'Where do dragons come from?',
    last: ['POST /ask', 'message find'],
  },
];

export async function takeTour(url: string, local: LocalTraces | undefined) {
  for (const [index, { text, last }] of QUESTIONS.entries()) {
    const response = await fetch(`${url}/ask`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-user': 'ada' },
      body: JSON.stringify({ question: text }),
    });
    const { answer, traceId } = (await response.json()) as {
      readonly answer: string;
      readonly traceId: string;
    };
    console.log(`\n${index + 1}. ada asks: ${text}\n\n   ${answer}`);
    await local?.show(traceId, last);
  }
}
