/** What a mask keeps back: with the official `LangfuseSpanProcessor`, and ours. */
import { LangfuseSpanProcessor as OfficialProcessor } from '@langfuse/otel';
import { type Span, SpanStatusCode } from '@opentelemetry/api';
import {
  BasicTracerProvider,
  type SpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { describe, expect, test } from 'vitest';
import { LangfuseSpanProcessor } from '../../lib/index.js';
import { CANARY, sentText } from '../observe/canary.js';
import { RecordingServer } from '../support/recording-server.js';

const mask = ({ data }: { readonly data: unknown }) =>
  String(data).replaceAll(CANARY, '***');

const PROCESSORS: Readonly<Record<string, (baseUrl: string) => SpanProcessor>> =
  {
    official: (baseUrl) =>
      new OfficialProcessor({
        baseUrl,
        publicKey: 'pk-lf-1',
        secretKey: 'sk-lf-1',
        mediaUploadEnabled: false,
        mask,
      }),
    ours: (baseUrl) =>
      new LangfuseSpanProcessor({
        baseUrl,
        publicKey: 'pk-lf-1',
        secretKey: 'sk-lf-1',
        compression: 'none',
        mask,
      }),
  };

/** The last is whether the official one sends it as it is. */
const PLACES: readonly (readonly [string, (span: Span) => void, boolean])[] = [
  ['input', (s) => s.setAttribute('langfuse.observation.input', CANARY), false],
  [
    'output',
    (s) => s.setAttribute('langfuse.observation.output', CANARY),
    false,
  ],
  [
    'metadata as a whole',
    (s) => s.setAttribute('langfuse.observation.metadata', CANARY),
    false,
  ],
  [
    'a value of metadata',
    (s) => s.setAttribute('langfuse.observation.metadata.key', CANARY),
    true,
  ],
  [
    'a key of metadata',
    (s) => s.setAttribute(`langfuse.observation.metadata.${CANARY}`, 'x'),
    true,
  ],
  [
    'a status message',
    (s) => s.setAttribute('langfuse.observation.status_message', CANARY),
    true,
  ],
  [
    'a status of OpenTelemetry',
    (s) => s.setStatus({ code: SpanStatusCode.ERROR, message: CANARY }),
    true,
  ],
  [
    'an attribute of somebody else',
    (s) => s.setAttribute('gen_ai.prompt', CANARY),
    true,
  ],
  ['an exception', (s) => s.recordException(new Error(CANARY)), true],
  ['a name', (s) => s.updateName(CANARY), true],
  ['a user', (s) => s.setAttribute('user.id', CANARY), true],
];

/** Whether what `put` says of a span leaves the application. */
async function leaks(
  processor: (baseUrl: string) => SpanProcessor,
  put: (span: Span) => void,
): Promise<boolean> {
  const server = await RecordingServer.start();
  const provider = new BasicTracerProvider({
    spanProcessors: [processor(server.url)],
  });
  const span = provider.getTracer('langfuse-sdk').startSpan('span');
  put(span);
  span.end();
  await provider.shutdown();
  const sent = sentText(server);
  expect(sent).not.toBe('');
  return sent.includes(CANARY);
}

describe.each(PLACES)('a canary as %s', (_place, put, officialLeaks) => {
  test('with the official processor', async () => {
    expect(await leaks(PROCESSORS.official!, put)).toBe(officialLeaks);
  });

  test('with ours stays in the application', async () => {
    expect(await leaks(PROCESSORS.ours!, put)).toBe(false);
  });
});
