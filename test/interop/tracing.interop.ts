/** `@langfuse/tracing` inside `@Trace()`. */
import { createRequire } from 'node:module';
import { TextPromptClient } from '@langfuse/client';
import * as tracing from '@langfuse/tracing';
import { describe, expect, test } from 'vitest';
import { MODES, startInterop } from './interop-application.js';

const require = createRequire(import.meta.url);

describe.each(MODES)('@langfuse/tracing with %j', (options) => {
  test('it records with the provider of the application', async () => {
    const { langfuse, close } = await startInterop(options);
    const scope = ['langfuse-sdk', '5.11.1'] as const;
    const tracer = langfuse.getTracer(...scope);
    const provider = tracing.getLangfuseTracerProvider();
    expect(provider.getTracer(...scope)).toBe(tracer);
    await close();
    const after = tracing.getLangfuseTracerProvider();
    expect(after.getTracer(...scope)).not.toBe(tracer);
  });

  test('its observations and ours are one tree', async () => {
    const { call, langfuse, tree } = await startInterop(options);
    await call(async () => {
      tracing.startObservation('search', {}, { asType: 'retriever' }).end();
      await tracing.startActiveObservation('active', async (active) => {
        await Promise.resolve();
        tracing.startObservation('theirs').end();
        langfuse.startObservation('ours').end();
        active.startObservation('by method', {}, { asType: 'tool' }).end();
        langfuse.startActiveObservation('ours active', () => {
          tracing.startObservation('theirs in ours').end();
        });
      });
      const observed = tracing.observe(() => 42, {
        name: 'observed',
        asType: 'agent',
      });
      expect(observed()).toBe(42);
    });
    expect(await tree()).toEqual([
      'SPAN caller',
      '  SPAN active',
      '    TOOL by method',
      '    SPAN ours',
      '    SPAN ours active',
      '      SPAN theirs in ours',
      '    SPAN theirs',
      '  AGENT observed',
      '  RETRIEVER search',
    ]);
  });

  test('the copies for import and require record alike', async () => {
    const { call, tree } = await startInterop(options);
    const copy = require('@langfuse/tracing') as typeof tracing;
    expect(copy.startObservation).not.toBe(tracing.startObservation);
    call(() => copy.startObservation('from the other copy').end());
    expect(await tree()).toEqual(['SPAN caller', '  SPAN from the other copy']);
  });

  test('users and tags that the service propagates reach its observations', async () => {
    const { call, langfuse, observation } = await startInterop(options);
    call(() =>
      langfuse.propagateAttributes({ userId: 'ada', tags: ['beta'] }, () =>
        tracing.startObservation('theirs').end(),
      ),
    );
    expect(await observation('theirs')).toMatchObject({
      userId: 'ada',
      tags: ['beta'],
    });
  });

  test('a prompt of @langfuse/client links to a generation of ours', async () => {
    const { langfuse, observation } = await startInterop(options);
    const prompt = new TextPromptClient({
      type: 'text',
      name: 'capital',
      version: 4,
      prompt: 'Capital of {{country}}?',
      config: {},
      labels: ['production'],
      tags: [],
    });
    langfuse
      .startObservation('answer', { prompt }, { asType: 'generation' })
      .end();
    expect(await observation('answer')).toMatchObject({
      promptName: 'capital',
      promptVersion: 4,
    });
  });
});

/** Whether the context of OpenTelemetry is kept, which these speak through. */
describe.each(MODES)('what needs a context, with %j', (options) => {
  const { registerGlobally: works } = options;

  test('children inside observe()', async () => {
    const { call, langfuse, tree } = await startInterop(options);
    const observed = tracing.observe(
      async () => {
        await Promise.resolve();
        tracing.startObservation('theirs').end();
        langfuse.startObservation('ours').end();
      },
      { name: 'observed' },
    );
    await call(observed);
    expect(await tree()).toEqual(
      works
        ? ['SPAN caller', '  SPAN observed', '    SPAN ours', '    SPAN theirs']
        : ['SPAN caller', '  SPAN observed', '  SPAN ours', '  SPAN theirs'],
    );
  });

  test('propagateAttributes()', async () => {
    const { call, langfuse, observation } = await startInterop(options);
    call(() =>
      tracing.propagateAttributes(
        { userId: 'ada', tags: ['beta'], metadata: { plan: 'free' } },
        () => {
          tracing.startObservation('theirs').end();
          langfuse.startObservation('ours').end();
        },
      ),
    );
    const expected = works
      ? { userId: 'ada', tags: ['beta'], metadata: { plan: 'free' } }
      : { userId: null, tags: [] };
    for (const name of ['theirs', 'ours']) {
      expect(await observation(name)).toMatchObject(expected);
    }
  });

  test('updateActiveObservation() and the active ids', async () => {
    const { call, observation } = await startInterop(options);
    const ids = call(() => {
      tracing.updateActiveObservation({ output: 'updated' });
      return [tracing.getActiveTraceId(), tracing.getActiveSpanId()];
    });
    const { id, traceId, output } = await observation('caller');
    expect(output).toBe(works ? 'updated' : null);
    expect(ids).toEqual(works ? [traceId, id] : [undefined, undefined]);
  });

  test('one line says what has no effect, and how to have it', async () => {
    const { call, log } = await startInterop(options);
    const warnings = () =>
      log.lines.filter((line) => line.includes('registerGlobally'));
    expect(warnings()).toEqual([]);
    call(() => tracing.startObservation('theirs').end());
    call(() => tracing.startObservation('theirs').end());
    expect(warnings()).toHaveLength(works ? 0 : 1);
  });
});
