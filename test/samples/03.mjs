// A stream that is read to its end, one that is left, and the page of both.
import { equal, match, ok } from 'node:assert/strict';
import { npm } from '../package/application.mjs';

const READ = `
SPAN GET /chat
  SPAN ChatService.answer
    GENERATION say`;
const LEFT = READ.replace('GET /chat', 'GET /chat WARNING');
const BROWSER = `${import.meta.dirname}/browser`;

export const sample = {
  tour: { LANGFUSE: [READ, LEFT] },
  async visit({ url }) {
    const left = await fetch(`${url}/chat?question=lighthouse`);
    for await (const _ of left.body) break;
    const read = await fetch(`${url}/chat?question=Who&session=mine`);
    await read.text();
  },
  visited: { LANGFUSE: [LEFT, READ] },
  check({ LANGFUSE }) {
    const [read, left] = LANGFUSE.observations({ name: 'say' });
    match(read.output, /^A streamed answer .* before the last\.$/);
    ok(read.completionStartTime > read.startTime, 'time to the first word');
    match(left.output, /^The keeper climbed .* steps [\w ]*$/);
    match(left.statusMessage, /^stopped after \d+ chunks$/);
    const [request] = LANGFUSE.observations({ sessionId: 'mine' });
    ok(request, 'the session of the query');
    const [asked] = LANGFUSE.observations({ level: 'WARNING' });
    equal(asked.statusMessage, 'the client closed the connection');
  },
  async look(url) {
    const { findChromium } = await import('./browser/chromium.mjs');
    const executablePath = findChromium();
    if (!executablePath) return 'its page, since there is no Chromium';
    npm(['ci', '--prefer-offline'], BROWSER);
    const { lookAtChat } = await import('./browser/chat-page.mjs');
    await lookAtChat(url, executablePath);
    return undefined;
  },
};
