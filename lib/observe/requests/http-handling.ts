import 'reflect-metadata';
import type { ExecutionContext } from '@nestjs/common';
import type { HttpExchange } from './http-exchange.js';
import type { HttpRequest } from './http-request.js';
import type { Handling, IncomingRequest } from './incoming-request.js';
import { outputOf, ResponseOutput } from './response-output.js';
import { isStreamedBody, onBodyFailure } from './streamed-body.js';

/** What Nest's `@Sse()` puts on a handler. */
const SSE_METADATA = '__sse__';

/** What comes in over HTTP. */
export function httpIncoming(exchange: HttpExchange): IncomingRequest {
  const { method, path } = exchange;
  const route = exchange.route() ?? path;
  return {
    name: `${method} ${route}`,
    routes: [route, path],
    input: exchange.input(),
    metadata: { method, route },
    carrier: exchange.headers,
  };
}

/** How a handler of HTTP requests answers. */
export function handlingOfHttp(
  request: HttpRequest,
  context: ExecutionContext,
): Handling {
  const isSse =
    Reflect.getMetadata(SSE_METADATA, context.getHandler()) === true;
  return isSse ? new SseHandling(request) : new ValueHandling(request);
}

/** Of several values Nest sends the last one, and none before the end. */
class ValueHandling implements Handling {
  private last: unknown;

  constructor(private readonly request: HttpRequest) {}

  next(value: unknown): void {
    this.last = value;
    if (!isStreamedBody(value)) return;
    onBodyFailure(value, (error) => this.request.failed(error));
  }

  failed(error: unknown): void {
    this.request.failed(error);
  }

  completed(): void {
    this.request.update({ output: outputOf(this.last) });
  }

  stopped(): void {}
}

/** Server-sent events, whose data together are the output. */
class SseHandling implements Handling {
  private readonly output = new ResponseOutput();

  constructor(private readonly request: HttpRequest) {
    request.streams(this.output);
  }

  next(event: unknown): void {
    this.output.add(dataOf(event));
  }

  failed(error: unknown): void {
    this.request.failed(error);
  }

  completed(): void {}

  stopped(): void {}
}

function dataOf(event: unknown): unknown {
  return typeof event === 'object' && event !== null && 'data' in event
    ? event.data
    : event;
}
