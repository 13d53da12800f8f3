/** Spans with an origin of their own when a server refuses some of them. */
import { expect, it } from 'vitest';
import { attributesOf } from '../support/otlp.js';
import {
  answer,
  type ReceivedRequest,
  RecordingServer,
} from '../support/recording-server.js';
import { exportIn, record, spansIn, startSdk } from './sdk.js';

type IsRefused = (request: ReceivedRequest) => boolean;

async function startRefusing(status: number, isRefused: IsRefused) {
  const taken: ReceivedRequest[] = [];
  const server = await RecordingServer.start((response, request) => {
    if (isRefused(request)) return answer(status)(response, request);
    taken.push(request);
    return answer(200)(response, request);
  });
  const sdk = await startSdk({ server });
  return { ...sdk, taken };
}

const names = (taken: readonly ReceivedRequest[]) =>
  taken.flatMap(spansIn).map(({ name }) => name);

it('400 for one span: it is found, and all others arrive with their scope', async () => {
  const isPoisoned: IsRefused = (request) =>
    spansIn(request).some(({ name }) => name === 'span 13');
  const { provider, processor, taken } = await startRefusing(400, isPoisoned);
  for (let i = 0; i < 40; i++) {
    record(provider.getTracer(`langsmith.v${i % 3}`), `span ${i}`);
  }
  expect(await processor.flush()).toMatchObject({
    delivered: 39,
    dropped: { rejected: 1 },
  });
  expect(new Set(names(taken)).size).toBe(39);
  for (const { resourceSpans } of taken.map(exportIn)) {
    for (const { resource, scopeSpans } of resourceSpans) {
      const [{ scope, spans }] = scopeSpans as [(typeof scopeSpans)[number]];
      const [, number] = /(\d+)/.exec(spans[0]!.name)!;
      expect(scope.name).toBe(`langsmith.v${Number(number) % 3}`);
      expect(attributesOf(resource.attributes)).toHaveProperty([
        'service.name',
      ]);
    }
  }
});

it('413: batches are split, and a span that is too large alone is cut', async () => {
  const isTooLarge: IsRefused = ({ body }) => body.length > 20_000;
  const server = await RecordingServer.start((response, request) =>
    answer(isTooLarge(request) ? 413 : 200)(response, request),
  );
  const { llm, processor } = await startSdk({
    server,
    langfuse: { compression: 'none' },
  });
  for (let i = 0; i < 20; i++)
    record(llm, `small ${i}`, { text: 'x'.repeat(2_000) });
  record(llm, 'large', { text: 'y'.repeat(100_000), short: 'kept' });
  expect(await processor.flush()).toMatchObject({ delivered: 21 });
  const taken = server.requests.filter((request) => !isTooLarge(request));
  const spans = taken.flatMap(spansIn);
  expect(new Set(spans.map(({ name }) => name)).size).toBe(21);
  const large = spans.find(({ name }) => name === 'large');
  expect(large!.attributes).toMatchObject({ short: 'kept' });
  const text = String(large!.attributes['text']);
  expect(text.length).toBeLessThan(20_000);
  expect(text.slice(-50)).toMatch(/… \[Truncated: \d+ of \d+ bytes\]$/);
  expect(
    exportIn(taken.at(-1)!).resourceSpans[0]!.scopeSpans[0]!.scope.name,
  ).toBe('openinference');
});
