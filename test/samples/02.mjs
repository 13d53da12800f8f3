// Two projects: what is whose, and whose mask applies.
import { equal, match } from 'node:assert/strict';
import { post } from './client.mjs';

const ASK = `
SPAN POST /ask
  SPAN SupportService.answer
    GENERATION write`;
const ASK_ABOUT_INVOICE = `${ASK}
    TOOL invoice status`;
const REMINDER = `
SPAN payment reminder
  RETRIEVER find invoice
  GENERATION write
  BOOLEAN ★ is polite`;

export const sample = {
  tour: {
    LANGFUSE: [ASK, ASK_ABOUT_INVOICE],
    BILLING_LANGFUSE: [REMINDER],
  },
  async visit({ url }) {
    await post(`${url}/ask`, { question: 'Is invoice 1001 open?' });
    await post(`${url}/invoices/1002/reminder`);
  },
  visited: {
    LANGFUSE: [ASK_ABOUT_INVOICE],
    BILLING_LANGFUSE: [REMINDER],
  },
  check({ LANGFUSE, BILLING_LANGFUSE }) {
    const [first] = BILLING_LANGFUSE.observations({ name: 'write' });
    match(first.output, /\[redacted card number\].*\[redacted email\]/);
    for (const receiver of [LANGFUSE, BILLING_LANGFUSE]) {
      const seen = JSON.stringify(receiver.observations());
      equal(/4242|5555|@example/.test(seen), false, 'a card or an address');
    }
  },
};
