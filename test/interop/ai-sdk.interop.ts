/** The Vercel AI SDK inside `@Trace()`, with its mock model. */
import { startObservation } from '@langfuse/tracing';
import { embed, generateText, stepCountIs, streamText, tool } from 'ai';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import {
  AI_ANSWER,
  AI_MODEL,
  answeringModel,
  embeddingModel,
  failingModel,
  toolCallingModel,
} from './ai-sdk-model.js';
import { startInterop } from './interop-application.js';

const prompt = 'Capital?';

/** Without our tracer it takes OpenTelemetry's global one. */
const MODES = [
  { registerGlobally: false, isGivenTracer: true },
  { registerGlobally: true, isGivenTracer: true },
  { registerGlobally: true, isGivenTracer: false },
] as const;

const MODEL_CALL = {
  type: 'GENERATION',
  providedModelName: AI_MODEL,
  usageDetails: { input: 10, output: 3, total: 13 },
  input: JSON.stringify([
    { role: 'user', content: [{ type: 'text', text: prompt }] },
  ]),
  output: AI_ANSWER,
};

const WHOLE_CALL = { output: AI_ANSWER, input: JSON.stringify({ prompt }) };

describe.each(MODES)('ai with %j', ({ registerGlobally, isGivenTracer }) => {
  async function start() {
    const interop = await startInterop({ registerGlobally });
    const tracer = isGivenTracer
      ? { tracer: interop.langfuse.getTracer('ai') }
      : {};
    const experimental_telemetry = {
      isEnabled: true,
      functionId: 'geography',
      metadata: { userId: 'ada', attempt: 1 },
      ...tracer,
    };
    return { ...interop, experimental_telemetry };
  }

  test('generateText nests below its caller', async () => {
    const { call, observation, experimental_telemetry } = await start();
    const model = answeringModel();
    const { text } = await call(() =>
      generateText({ model, prompt, experimental_telemetry }),
    );
    expect(text).toBe(AI_ANSWER);
    expect(await observation('geography:ai.generateText')).toMatchObject({
      ...WHOLE_CALL,
      type: 'SPAN',
      parent: 'caller',
      userId: 'ada',
      metadata: { attempt: 1, 'scope.name': 'ai' },
    });
    expect(
      await observation('geography:ai.generateText.doGenerate'),
    ).toMatchObject({
      ...MODEL_CALL,
      parent: 'geography:ai.generateText',
      traceName: 'caller',
      isRootObservation: false,
    });
  });

  test('streamText nests below its caller', async () => {
    const { call, observation, experimental_telemetry } = await start();
    const model = answeringModel();
    const text = await call(
      () => streamText({ model, prompt, experimental_telemetry }).text,
    );
    expect(text).toBe(AI_ANSWER);
    expect(await observation('geography:ai.streamText')).toMatchObject({
      ...WHOLE_CALL,
      parent: 'caller',
    });
    expect(await observation('geography:ai.streamText.doStream')).toMatchObject(
      {
        ...MODEL_CALL,
        parent: 'geography:ai.streamText',
        completionStartTime: expect.any(String),
      },
    );
  });

  test('embed is an embedding', async () => {
    const { call, observation, experimental_telemetry } = await start();
    const model = embeddingModel();
    await call(() => embed({ model, value: 'Paris', experimental_telemetry }));
    expect(await observation('geography:ai.embed.doEmbed')).toMatchObject({
      type: 'EMBEDDING',
      parent: 'geography:ai.embed',
      providedModelName: AI_MODEL,
      usageDetails: { total: 4 },
    });
  });

  test('a tool is one, and what it records is below it', async () => {
    const { call, tree, observation, langfuse, experimental_telemetry } =
      await start();
    const weather = tool({
      inputSchema: z.object({ city: z.string() }),
      execute: ({ city }) => {
        startObservation('by the official package').end();
        langfuse.startObservation('by the service').end();
        return `${city}: sunny`;
      },
    });
    await call(() =>
      generateText({
        model: toolCallingModel('weather', { city: 'Paris' }),
        prompt: 'Weather?',
        tools: { weather },
        stopWhen: stepCountIs(2),
        experimental_telemetry,
      }),
    );
    expect(await tree()).toEqual([
      'SPAN caller',
      '  SPAN geography:ai.generateText',
      '    GENERATION geography:ai.generateText.doGenerate',
      '    GENERATION geography:ai.generateText.doGenerate',
      '    TOOL weather',
      '      SPAN by the official package',
      '      SPAN by the service',
    ]);
    const { input, output } = await observation('weather');
    expect(JSON.parse(input!)).toEqual({ city: 'Paris' });
    expect(output).toContain('Paris: sunny');
  });

  test('an error of the provider is on all spans and on the caller', async () => {
    const { call, observation, experimental_telemetry } = await start();
    const failed = call(() =>
      generateText({
        model: failingModel(),
        prompt,
        maxRetries: 0,
        experimental_telemetry,
      }),
    );
    await expect(failed).rejects.toThrow('the provider is down');
    for (const name of [
      'geography:ai.generateText.doGenerate',
      'geography:ai.generateText',
      'caller',
    ]) {
      expect(await observation(name)).toMatchObject({
        level: 'ERROR',
        statusMessage: 'the provider is down',
      });
    }
  });
});
