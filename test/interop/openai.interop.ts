/** `@langfuse/openai` inside `@Trace()`, against a server on loopback. */
import { observeOpenAI } from '@langfuse/openai';
import OpenAI from 'openai';
import { describe, expect, onTestFinished, test } from 'vitest';
import { MODES, startInterop } from './interop-application.js';
import {
  ANSWER,
  answeringModel,
  REFUSING_MODEL,
  startOpenAiServer,
  TOOL_ARGUMENTS,
} from './openai-server.js';

const GENERATION = 'OpenAI.chat';
const MESSAGES = [{ role: 'user' as const, content: 'Capital of France?' }];
const TOOLS = [
  { type: 'function' as const, function: { name: 'weather', parameters: {} } },
];
const STREAM = {
  stream: true,
  stream_options: { include_usage: true },
} as const;

/** The cached tokens are taken out of the input: each token counts once. */
const USAGE = { input: 8, output: 7, total: 19, input_cached_tokens: 4 };

async function start(options: { registerGlobally: boolean }) {
  const server = await startOpenAiServer();
  onTestFinished(() => server.close());
  const client = new OpenAI({
    baseURL: server.baseUrl,
    apiKey: 'sk-test',
    maxRetries: 0,
  });
  const langfusePrompt = { name: 'capital', version: 3, isFallback: false };
  const openai = observeOpenAI(client, {
    langfusePrompt,
    userId: 'ada',
    sessionId: 'session-1',
    tags: ['beta'],
  });
  const interop = await startInterop(options);
  return { server, completions: openai.chat.completions, ...interop };
}

async function textOf(
  stream: AsyncIterable<OpenAI.ChatCompletionChunk>,
): Promise<string> {
  let text = '';
  for await (const { choices } of stream) {
    text += choices[0]?.delta.content ?? '';
  }
  return text;
}

describe.each(MODES)('@langfuse/openai with %j', (options) => {
  test('a completion is a generation below its caller', async () => {
    const { call, completions, observation } = await start(options);
    const model = 'gpt-5';
    const { choices } = await call(() =>
      completions.create({ model, messages: MESSAGES, temperature: 0.2 }),
    );
    expect(choices[0]?.message.content).toBe(ANSWER);
    const generation = await observation(GENERATION);
    expect(generation).toMatchObject({
      type: 'GENERATION',
      parent: 'caller',
      traceName: 'caller',
      isRootObservation: false,
      providedModelName: answeringModel(model),
      usageDetails: USAGE,
      promptName: 'capital',
      promptVersion: 3,
      level: 'DEFAULT',
    });
    // Said to OpenTelemetry's context alone, which somebody has to keep.
    expect(generation).toMatchObject(
      options.registerGlobally
        ? { userId: 'ada', sessionId: 'session-1', tags: ['beta'] }
        : { userId: null, sessionId: null, tags: [] },
    );
    expect(generation.modelParameters).toMatchObject({ temperature: 0.2 });
    expect(JSON.parse(generation.input!)).toEqual({ messages: MESSAGES });
    expect(JSON.parse(generation.output!)).toEqual({
      role: 'assistant',
      content: ANSWER,
    });
  });

  test('a stream is a generation with its whole text and first token', async () => {
    const { call, completions, observation } = await start(options);
    const request = { model: 'gpt-5', messages: MESSAGES, ...STREAM };
    const text = await call(async () =>
      textOf(await completions.create(request)),
    );
    expect(text).toBe(ANSWER);
    const generation = await observation(GENERATION);
    expect(generation).toMatchObject({
      type: 'GENERATION',
      parent: 'caller',
      // Of a stream the official wrapper keeps the name that was asked for.
      providedModelName: 'gpt-5',
      usageDetails: USAGE,
      output: ANSWER,
      completionStartTime: expect.any(String),
    });
  });

  test.each([
    ['at once', {}],
    ['streamed', STREAM],
  ])('a tool call, %s, is the output', async (_, stream) => {
    const { call, completions, observation } = await start(options);
    await call(async () => {
      const result: unknown = await completions.create({
        model: 'gpt-5',
        messages: MESSAGES,
        tools: TOOLS,
        ...stream,
      });
      if ('stream' in stream) {
        await textOf(result as AsyncIterable<OpenAI.ChatCompletionChunk>);
      }
    });
    const { input, output, usageDetails } = await observation(GENERATION);
    expect(JSON.parse(input!)).toMatchObject({ tools: TOOLS });
    expect(JSON.parse(output!).tool_calls[0].function).toEqual({
      name: 'weather',
      arguments: TOOL_ARGUMENTS.join(''),
    });
    expect(usageDetails).toEqual(USAGE);
  });

  test('an error is on the generation and reaches the caller', async () => {
    const { call, completions, observation } = await start(options);
    const request = { model: REFUSING_MODEL, messages: MESSAGES };
    const refused = call(() => completions.create(request));
    await expect(refused).rejects.toThrow('the prompt is not allowed');
    expect(await observation(GENERATION)).toMatchObject({
      parent: 'caller',
      level: 'ERROR',
      statusMessage: expect.stringContaining('the prompt is not allowed'),
      output: null,
    });
    expect(await observation('caller')).toMatchObject({ level: 'ERROR' });
  });

  test('a stream that is left early is sent when the application ends', async () => {
    const { call, completions, observations, observation, server, close } =
      await start(options);
    await call(async () => {
      const request = { model: 'gpt-5', messages: MESSAGES, ...STREAM };
      for await (const _ of await completions.create(request)) break;
    });
    await expect.poll(server.streamsLeft).toBe(1);
    // The official wrapper never ends this one.
    expect((await observations()).map(({ name }) => name)).toEqual(['caller']);
    await close();
    expect(await observation(GENERATION)).toMatchObject({
      type: 'GENERATION',
      parent: 'caller',
      level: 'WARNING',
    });
  });
});
