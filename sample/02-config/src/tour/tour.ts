/** Three requests, each with its traces. */

const REQUESTS = [
  {
    title: 'A customer asks: How do I change my plan?',
    path: '/ask',
    body: { question: 'How do I change my plan?' },
  },
  {
    title: 'Billing reminds a customer; address and card stay here',
    path: '/invoices/1001/reminder',
    body: {},
  },
  {
    title: 'A customer asks: Did I pay invoice 1002?',
    path: '/ask',
    body: { question: 'Did I pay invoice 1002?' },
  },
];

/** @param show - Called after each request, to show its traces. */
export async function takeTour(
  url: string,
  show: () => Promise<void>,
): Promise<void> {
  for (const [index, { title, path, body }] of REQUESTS.entries()) {
    const response = await fetch(url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    const { text } = (await response.json()) as { readonly text: string };
    console.log(`\n${index + 1}. ${title}\n\n   ${text}`);
    await show();
  }
}
