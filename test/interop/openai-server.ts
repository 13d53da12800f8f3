/**
 * An OpenAI-compatible server on loopback, as much of it as the official client
 * needs for chat completions. What is asked for decides what is answered:
 * `tools` gets a call of the first one, `stream` server-sent events, and the
 * model `refusing` an error.
 */
import {
  createServer,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';

/** What a request for a chat completion says, as far as it matters here. */
interface ChatRequest {
  readonly model: string;
  readonly stream?: boolean;
  readonly stream_options?: { readonly include_usage?: boolean };
  readonly tools?: readonly { readonly function: { readonly name: string } }[];
}

/** The answer of every chat, a word a chunk when it is streamed. */
export const ANSWER = 'Paris is the capital of France.';

/** The arguments of every tool call, in two chunks when they are streamed. */
export const TOOL_ARGUMENTS = ['{"city":', '"Paris"}'] as const;

/** Asks for this one are refused with 400, which the client does not repeat. */
export const REFUSING_MODEL = 'refusing';

/** The model that answers is not the alias that was asked for. */
export const answeringModel = (asked: string): string => `${asked}-2026-11-01`;

/** What every answer is said to have cost: 12 input (4 cached) + 7 output. */
export const USAGE = {
  prompt_tokens: 12,
  completion_tokens: 7,
  total_tokens: 19,
  prompt_tokens_details: { cached_tokens: 4 },
} as const;

export interface OpenAiServer {
  /** The client's `baseURL`. */
  readonly baseUrl: string;
  /** Streams whose client went away before their end. */
  readonly streamsLeft: () => number;
  close(): Promise<void>;
}

export async function startOpenAiServer(): Promise<OpenAiServer> {
  let left = 0;
  const server = createServer((request, response) => {
    response.once('close', () => {
      if (!response.writableFinished) left += 1;
    });
    void answer(request, response);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    baseUrl: `http://127.0.0.1:${port}/v1`,
    streamsLeft: () => left,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (request.url !== '/v1/chat/completions') {
    refuse(response, 404, `no such route: ${request.url}`);
    return;
  }
  const chat = (await json(request)) as ChatRequest;
  if (chat.model === REFUSING_MODEL) {
    refuse(response, 400, 'the prompt is not allowed');
  } else if (chat.stream) {
    stream(chat, response);
  } else {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(completion(chat)));
  }
}

function refuse(
  response: ServerResponse,
  status: number,
  message: string,
): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  const type = 'invalid_request_error';
  response.end(JSON.stringify({ error: { message, type, code: null } }));
}

function completion({ model, tools }: ChatRequest) {
  const call = tools?.[0];
  const message = call
    ? { role: 'assistant', content: null, tool_calls: [toolCall(call)] }
    : { role: 'assistant', content: ANSWER };
  const finish_reason = call ? 'tool_calls' : 'stop';
  return {
    ...head(model, 'chat.completion'),
    choices: [{ index: 0, message, finish_reason }],
    usage: USAGE,
  };
}

/**
 * The last chunks are held back until the first ones have been taken, so that
 * a client which leaves after the first one leaves for sure before the end.
 */
function stream(chat: ChatRequest, response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  const chunks = [...chunksOf(chat)];
  const send = (chunk: unknown) =>
    response.write(`data: ${JSON.stringify(chunk)}\n\n`);
  send(chunks[0]);
  setTimeout(() => {
    chunks.slice(1).forEach(send);
    response.end('data: [DONE]\n\n');
  }, 50);
}

function* chunksOf({ model, tools, stream_options: options }: ChatRequest) {
  const chunk = (delta: object, finish_reason: string | null = null) => ({
    ...head(model, 'chat.completion.chunk'),
    choices: [{ index: 0, delta, finish_reason }],
    ...(options?.include_usage ? { usage: null } : undefined),
  });
  const call = tools?.[0];
  if (call) {
    const [first, second] = TOOL_ARGUMENTS;
    const start = { index: 0, ...toolCall(call, first) };
    yield chunk({ role: 'assistant', tool_calls: [start] });
    const rest = { index: 0, function: { arguments: second } };
    yield chunk({ tool_calls: [rest] });
    yield chunk({}, 'tool_calls');
  } else {
    yield chunk({ role: 'assistant', content: '' });
    for (const content of ANSWER.match(/\S+\s*/g) ?? []) {
      yield chunk({ content });
    }
    yield chunk({}, 'stop');
  }
  if (options?.include_usage) {
    const last = head(model, 'chat.completion.chunk');
    yield { ...last, choices: [], usage: USAGE };
  }
}

function toolCall(
  tool: { readonly function: { readonly name: string } },
  given = TOOL_ARGUMENTS.join(''),
) {
  const { name } = tool.function;
  return {
    id: 'call_1',
    type: 'function',
    function: { name, arguments: given },
  };
}

function head(model: string, object: string) {
  return {
    id: 'chatcmpl-1',
    object,
    created: 1_795_000_000,
    model: answeringModel(model),
  };
}
