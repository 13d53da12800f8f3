/** One call of a chat model behind an OpenAI-compatible endpoint. */
import { BadGatewayException } from '@nestjs/common';
import type { OpenAiSettings } from './openai.settings.js';

export interface ChatMessage {
  readonly role: 'system' | 'user';
  readonly content: string;
}

/** The only temperature that every model takes, reasoning models included. */
export const MODEL_PARAMETERS = { temperature: 1 } as const;

const TIMEOUT_MS = 60_000;

/** What is read of the answer; endpoints differ in how much of it they send. */
export interface ChatCompletion {
  readonly model?: string;
  readonly choices: readonly {
    readonly message: { readonly content: string };
  }[];
  readonly usage?: ChatUsage;
}

export interface ChatUsage {
  readonly prompt_tokens?: number;
  readonly completion_tokens?: number;
  readonly total_tokens?: number;
  readonly prompt_tokens_details?: Readonly<Record<string, unknown>> | null;
  readonly completion_tokens_details?: Readonly<Record<string, unknown>> | null;
  /** US dollars; OpenRouter and some gateways say it. */
  readonly cost?: number;
}

/** @throws BadGatewayException with what the endpoint said. */
export async function completeChat(
  { baseUrl, apiKey, model }: OpenAiSettings,
  messages: readonly ChatMessage[],
): Promise<ChatCompletion> {
  const url = `${baseUrl}/chat/completions`;
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(apiKey && { authorization: `Bearer ${apiKey}` }),
    },
    body: JSON.stringify({ model, messages, ...MODEL_PARAMETERS }),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  }).catch((error: unknown) => {
    throw new BadGatewayException(`${url} does not answer: ${reason(error)}`);
  });
  const text = await response.text();
  if (!response.ok) {
    throw new BadGatewayException(
      `${url} answered ${response.status}: ${text.slice(0, 300)}`,
    );
  }
  return parseCompletion(text, url);
}

function parseCompletion(text: string, url: string): ChatCompletion {
  try {
    const completion = JSON.parse(text) as ChatCompletion;
    if (typeof completion.choices[0]?.message.content === 'string') {
      return completion;
    }
  } catch {
    // Not JSON, or of another shape: told below.
  }
  throw new BadGatewayException(
    `${url} answered with no chat completion: ${text.slice(0, 300)}`,
  );
}

/** `fetch` hides the reason in `cause`. */
function reason(error: unknown): string {
  const { cause = error } = error as { readonly cause?: unknown };
  return cause instanceof Error ? cause.message : String(cause);
}
