/** A Lambda function URL: each request is an invocation. */
import { once } from 'node:events';
import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import { text } from 'node:stream/consumers';
import type { LocalLambda } from './local-lambda.js';

/** @throws Error of Node when it cannot listen. */
export async function openFunctionUrl(
  lambda: LocalLambda,
  port: number,
): Promise<Server> {
  const server = createServer((request, response) => {
    void answer(lambda, request, response);
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

async function answer(
  lambda: LocalLambda,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    const outcome = await lambda.invoke(await text(request));
    if ('error' in outcome) throw new Error(outcome.error);
    const { statusCode = 200, headers, body } = outcome.result;
    response.writeHead(statusCode, headers as Record<string, string>);
    response.end(body);
  } catch (error) {
    console.error(error);
    response.writeHead(502).end('Internal Server Error');
  }
}
