/** `@langfuse/langchain` inside `@Trace()`, with a retriever and a fake model. */
import { CallbackHandler } from '@langfuse/langchain';
import { describe, expect, test } from 'vitest';
import { MODES, startInterop } from './interop-application.js';
import { createChain, MODEL } from './langchain-chain.js';

describe.each(MODES)('@langfuse/langchain with %j', (options) => {
  test('a chain is a tree below its caller', async () => {
    const { call, tree, observation } = await startInterop(options);
    const callbacks = [new CallbackHandler()];
    const runName = 'chain';
    await call(() => createChain().invoke('Capital?', { callbacks, runName }));
    // The official handler makes spans of chains and retrievers.
    expect(await tree()).toEqual([
      'SPAN caller',
      '  SPAN chain',
      '    SPAN ChatPromptTemplate',
      '    GENERATION FakeChat',
      '    SPAN RunnableMap',
      '      SPAN RunnablePassthrough',
      '      SPAN RunnableSequence',
      '        SPAN FakeRetriever',
      '        SPAN RunnableLambda',
      '    SPAN StrOutputParser',
    ]);
    expect(await observation('FakeChat')).toMatchObject({
      providedModelName: MODEL,
      usageDetails: { input: 20, output: 6, total: 26 },
      modelParameters: { temperature: 0.5 },
      output: JSON.stringify({
        content: 'You asked: Capital?',
        role: 'assistant',
      }),
    });
    const { input, output } = await observation('FakeRetriever');
    expect(input).toBe('Capital?');
    expect(JSON.parse(output!)).toMatchObject([
      { pageContent: 'Paris is a city in France.' },
    ]);
  });

  test('an error is on the model, the chain and the caller', async () => {
    const { call, observation } = await startInterop(options);
    const callbacks = [new CallbackHandler()];
    const runName = 'chain';
    const failed = call(() =>
      createChain().invoke('please fail', { callbacks, runName }),
    );
    await expect(failed).rejects.toThrow('the model is down');
    for (const name of ['FakeChat', 'chain', 'caller']) {
      expect(await observation(name)).toMatchObject({
        level: 'ERROR',
        statusMessage: expect.stringContaining('the model is down'),
      });
    }
  });

  test('chains that run side by side stay apart with awaited handlers', async () => {
    const { call, observations } = await startInterop(options);
    const names = ['first', 'second', 'third'];
    await Promise.all(
      names.map((runName) =>
        call(() => {
          // Handlers of LangChain run in the background, one after the other,
          // all in the async context of whoever came first.
          const handler = new CallbackHandler();
          handler.awaitHandlers = true;
          const callbacks = [handler];
          return createChain().invoke(runName, { callbacks, runName });
        }),
      ),
    );
    const all = await observations();
    const traces = names.map(
      (runName) => all.find(({ name }) => name === runName)?.traceId,
    );
    expect(new Set(traces).size).toBe(names.length);
    for (const traceId of traces) {
      expect(all.filter((each) => each.traceId === traceId)).toHaveLength(10);
    }
  });
});
