/** Language models for the Vercel AI SDK that answer without a network. */
import { simulateReadableStream } from 'ai';
import { MockEmbeddingModelV3, MockLanguageModelV3 } from 'ai/test';

export const AI_MODEL = 'mock-model-1';
export const AI_ANSWER = 'Paris';

const usage = {
  inputTokens: { total: 10, noCache: 10, cacheRead: 0, cacheWrite: 0 },
  outputTokens: { total: 3, text: 3, reasoning: 0 },
};
const stop = { unified: 'stop', raw: 'stop' } as const;
const toolCalls = { unified: 'tool-calls', raw: 'tool_calls' } as const;

/** Answers {@link AI_ANSWER}, at once or streamed. */
export function answeringModel() {
  return new MockLanguageModelV3({
    modelId: AI_MODEL,
    doGenerate: {
      content: [{ type: 'text', text: AI_ANSWER }],
      finishReason: stop,
      usage,
      warnings: [],
    },
    doStream: async () => ({
      stream: simulateReadableStream({
        initialDelayInMs: null,
        chunkDelayInMs: null,
        chunks: [
          { type: 'stream-start', warnings: [] },
          { type: 'text-start', id: '1' },
          { type: 'text-delta', id: '1', delta: 'Par' },
          { type: 'text-delta', id: '1', delta: 'is' },
          { type: 'text-end', id: '1' },
          { type: 'finish', finishReason: stop, usage },
        ],
      }),
    }),
  });
}

/** Calls the tool `name` first, and answers when it has the result. */
export function toolCallingModel(name: string, input: object) {
  return new MockLanguageModelV3({
    modelId: AI_MODEL,
    doGenerate: [
      {
        content: [
          {
            type: 'tool-call',
            toolCallId: 'call-1',
            toolName: name,
            input: JSON.stringify(input),
          },
        ],
        finishReason: toolCalls,
        usage,
        warnings: [],
      },
      {
        content: [{ type: 'text', text: AI_ANSWER }],
        finishReason: stop,
        usage,
        warnings: [],
      },
    ],
  });
}

/** Fails, as a provider that cannot be reached. */
export function failingModel() {
  return new MockLanguageModelV3({
    modelId: AI_MODEL,
    doGenerate: async () => {
      throw new Error('the provider is down');
    },
  });
}

/** Embeds every text alike, for 4 tokens. */
export function embeddingModel() {
  return new MockEmbeddingModelV3({
    modelId: AI_MODEL,
    doEmbed: async ({ values }) => ({
      embeddings: values.map(() => [0.1, 0.2]),
      usage: { tokens: 4 },
      warnings: [],
    }),
  });
}
