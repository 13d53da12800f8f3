/** The processor without Nest, in processes of their own. */
import { describe, expect, it } from 'vitest';
import {
  PUBLIC_KEY,
  SECRET_KEY,
  startReceiver,
} from '../support/application.js';
import { ChildApplication } from '../support/child-application.js';
import { closedPort } from '../support/recording-server.js';

const ENDED_BY_ITSELF = { code: 0, signal: null };

type ScriptEnding = 'just end' | 'shut the SDK down' | 'wait for SIGTERM';

function startScript(ending: ScriptEnding, url: string): ChildApplication {
  return new ChildApplication(
    new URL('fixtures/script.mjs', import.meta.url),
    [ending],
    {
      LANGFUSE_PUBLIC_KEY: PUBLIC_KEY,
      LANGFUSE_SECRET_KEY: SECRET_KEY,
      LANGFUSE_BASE_URL: url,
      // Nothing leaves the queue before somebody asks for it.
      LANGFUSE_FLUSH_AT: '10000',
      LANGFUSE_FLUSH_INTERVAL: '3600',
    },
  );
}

describe('a script with an SDK and LangfuseSpanProcessor', () => {
  it.each(['just end', 'shut the SDK down'] as const)(
    'delivers all: %s',
    async (ending) => {
      const receiver = await startReceiver();
      const script = startScript(ending, receiver.url);
      expect(await script.ended).toEqual(ENDED_BY_ITSELF);
      expect(receiver.stats()).toMatchObject({
        observations: 1_000,
        duplicates: 0,
      });
    },
  );

  it('delivers all on SIGTERM', async () => {
    const receiver = await startReceiver();
    const script = startScript('wait for SIGTERM', receiver.url);
    await script.printed(/waiting/);
    script.signal('SIGTERM');
    expect(await script.ended).toEqual(ENDED_BY_ITSELF);
    expect(receiver.stats()).toMatchObject({
      observations: 1_000,
      duplicates: 0,
    });
  });

  it('ends also while the receiver is down, and Nest’s logger says what is lost', async () => {
    const url = `http://127.0.0.1:${await closedPort()}`;
    const script = startScript('just end', url);
    expect(await script.ended).toEqual(ENDED_BY_ITSELF);
    expect(script.output).toMatch(
      /WARN \[LangfuseModule\] Shut down with 0 records delivered and 1000 dropped \(shutdown_deadline: 1000\)\./,
    );
  });
});
