/** Answers with a chat model behind any OpenAI-compatible endpoint. */
import { Injectable } from '@nestjs/common';
import { LangfuseService, Trace } from 'nestjs-langfuse';
import { Answerer, type AnswerRequest } from './answerer.js';
import {
  type ChatMessage,
  type ChatUsage,
  completeChat,
  MODEL_PARAMETERS,
} from './chat-completion.js';
import { openAiSettings } from './openai.settings.js';

const INSTRUCTIONS =
  'Answer the question in at most four sentences, only from the passages. ' +
  'If they do not hold the answer, say so.';

@Injectable()
export class OpenAiAnswerer extends Answerer {
  private readonly settings = openAiSettings(process.env);
  override readonly description = `${this.settings.model} at ${this.settings.baseUrl}`;

  constructor(private readonly langfuse: LangfuseService) {
    super();
  }

  override answer({ question, passages }: AnswerRequest): Promise<string> {
    const sources = passages.map(
      ({ source, heading, text }) => `# ${source} › ${heading}\n\n${text}`,
    );
    return this.complete([
      { role: 'system', content: INSTRUCTIONS },
      {
        role: 'user',
        content: `${sources.join('\n\n')}\n\nQuestion: ${question}`,
      },
    ]);
  }

  /** Input and output are recorded as they are: the messages and the answer. */
  @Trace({ name: 'answer', asType: 'generation' })
  private async complete(messages: readonly ChatMessage[]): Promise<string> {
    const { model } = this.settings;
    // Before the call, so that a failed one has them too.
    this.langfuse.updateActiveObservation({
      model,
      modelParameters: MODEL_PARAMETERS,
    });
    const completion = await completeChat(this.settings, messages);
    this.langfuse.updateActiveObservation({
      model: completion.model ?? model,
      ...usageAndCost(completion.usage),
    });
    return completion.choices[0]!.message.content;
  }
}

/**
 * Only what the endpoint said: Langfuse knows the prices of many models. Token
 * counts by name, since some endpoints put times and the like beside them.
 */
function usageAndCost(usage: ChatUsage | undefined) {
  const { cost, ...counts } = usage ?? {};
  return {
    usageDetails: {
      prompt_tokens: counts.prompt_tokens,
      completion_tokens: counts.completion_tokens,
      total_tokens: counts.total_tokens,
      prompt_tokens_details: counts.prompt_tokens_details,
      completion_tokens_details: counts.completion_tokens_details,
    },
    costDetails: { total: cost },
  };
}
