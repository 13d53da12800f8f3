/** Tracers for libraries: their spans are told apart by their scope. */
import { describe, expect, it, onTestFinished } from 'vitest';
import { startReceiver, startSendingTo } from '../support/application.js';
import { CollectingService } from '../support/collecting-service.js';

async function start() {
  const server = await startReceiver();
  const { langfuse } = await startSendingTo(server);
  const observations = async () => {
    await langfuse.flush();
    return server.observations();
  };
  return { langfuse, observations };
}

describe('a tracer for a library', () => {
  it('records below the active observation, with the scope of the library', async () => {
    const { langfuse, observations } = await start();
    langfuse.startActiveObservation('ask', () =>
      langfuse.getTracer('ai', '6.0.0').startSpan('answer').end(),
    );
    const all = await observations();
    const [answer, ask] = ['answer', 'ask'].map((name) =>
      all.find((observation) => observation.name === name),
    );
    expect(answer).toMatchObject({
      parentObservationId: ask!.id,
      isRootObservation: false,
      metadata: { 'scope.name': 'ai', 'scope.version': '6.0.0' },
    });
    expect(ask!.metadata['scope.name']).toBe('langfuse-sdk/nestjs-langfuse');
    const sdk = 'resourceAttributes.telemetry.sdk.name';
    expect(answer!.metadata[sdk]).toBe('nestjs-langfuse');
    expect(answer!.metadata[sdk]).toBe(ask!.metadata[sdk]);
  });

  it('is our own without a name', async () => {
    const { langfuse, observations } = await start();
    langfuse.getTracer().startSpan('ours').end();
    const untyped = [undefined, '', 7] as unknown as string[];
    for (const name of untyped) {
      expect(langfuse.getTracer(name)).toBe(langfuse.getTracer());
    }
    const [ours] = await observations();
    expect(ours!.metadata['scope.name']).toBe('langfuse-sdk/nestjs-langfuse');
  });

  it('is the same for the same name and version only', async () => {
    const { langfuse } = await start();
    const tracer = langfuse.getTracer('a', '1');
    expect(langfuse.getTracer('a', '1')).toBe(tracer);
    const others = [
      langfuse.getTracer('a'),
      langfuse.getTracer('a', '2'),
      langfuse.getTracer('b', '1'),
      langfuse.getTracer(),
    ];
    expect(new Set([tracer, ...others]).size).toBe(5);
  });

  it('shows shouldExportSpan the scope of the library', () => {
    const seen: unknown[] = [];
    const service = new CollectingService({
      shouldExportSpan: ({ otelSpan }) =>
        seen.push(otelSpan.instrumentationScope) > 0,
    });
    onTestFinished(() => service.close());
    for (const scope of [['ai', '6.0.0'], ['pg'], []]) {
      service.langfuse
        .getTracer(...scope)
        .startSpan('a')
        .end();
    }
    expect(seen).toEqual([
      { name: 'ai', version: '6.0.0' },
      { name: 'pg' },
      { name: 'langfuse-sdk/test', version: '0' },
    ]);
  });
});
