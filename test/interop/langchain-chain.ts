/** A LangChain chain that looks a question up and asks a fake chat model. */
import { CallbackManagerForLLMRun } from '@langchain/core/callbacks/manager';
import { Document } from '@langchain/core/documents';
import { BaseChatModel } from '@langchain/core/language_models/chat_models';
import { AIMessage } from '@langchain/core/messages';
import { StringOutputParser } from '@langchain/core/output_parsers';
import type { ChatResult } from '@langchain/core/outputs';
import { ChatPromptTemplate } from '@langchain/core/prompts';
import {
  RunnableLambda,
  RunnablePassthrough,
  RunnableSequence,
} from '@langchain/core/runnables';
import { FakeRetriever } from '@langchain/core/utils/testing';

export const MODEL = 'fake-chat-1';

/** Answers what it was asked last, and says what that cost. */
class FakeChat extends BaseChatModel {
  constructor() {
    super({});
  }

  override _llmType(): string {
    return 'fake-chat';
  }

  override invocationParams() {
    return { model: MODEL, temperature: 0.5 };
  }

  override async _generate(
    messages: Parameters<BaseChatModel['_generate']>[0],
    _options?: unknown,
    _run?: CallbackManagerForLLMRun,
  ): Promise<ChatResult> {
    const question = String(messages.at(-1)?.content);
    if (question.includes('fail')) throw new Error('the model is down');
    const message = new AIMessage({
      content: `You asked: ${question}`,
      usage_metadata: { input_tokens: 20, output_tokens: 6, total_tokens: 26 },
      response_metadata: { model_name: MODEL },
    });
    return { generations: [{ text: String(message.content), message }] };
  }
}

/** `chain.invoke(question, { callbacks: [handler] })` */
export function createChain() {
  const retriever = new FakeRetriever({
    output: [new Document({ pageContent: 'Paris is a city in France.' })],
  });
  const asText = RunnableLambda.from((documents: Document[]) =>
    documents.map(({ pageContent }) => pageContent).join('\n'),
  );
  const prompt = ChatPromptTemplate.fromMessages([
    ['system', 'Answer from: {context}'],
    ['human', '{question}'],
  ]);
  return RunnableSequence.from([
    {
      context: retriever.pipe(asText),
      question: new RunnablePassthrough<string>(),
    },
    prompt,
    new FakeChat(),
    new StringOutputParser(),
  ]);
}
