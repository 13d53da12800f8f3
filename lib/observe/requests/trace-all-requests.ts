import type { HttpAdapterHost } from '@nestjs/core';
import type { AdapterRequest, AdapterResponse } from './http-exchange.js';
import type { RequestTracing } from './request-tracing.js';

/**
 * Which requests are recorded without `@UseInterceptors()`: those that reach a
 * handler, or (`'middleware'`, for HTTP) also those that a guard turns away. With
 * Nest 11 messages of WebSocket gateways need `@UseInterceptors()` all the same.
 *
 * @publicApi
 */
export type TraceRequests = boolean | 'middleware';

type Handler = (
  request: AdapterRequest,
  response: AdapterResponse,
  next: () => void,
) => void;

/** Fastify, as far as it is used here. */
interface Hooks {
  addHook(name: 'onRequest', hook: Handler): unknown;
}

/**
 * Has all HTTP requests of the application enter their scope, before its own
 * middleware (with Fastify: after it).
 */
export function enterAllRequests(
  { httpAdapter }: HttpAdapterHost,
  tracing: RequestTracing,
  traceRequests: Exclude<TraceRequests, false>,
): void {
  const begins =
    traceRequests === 'middleware' ? 'with-request' : 'with-handler';
  const enter: Handler = (request, response, next) =>
    tracing.enter(request, response, begins, next);
  // Nest's middleware for Fastify sees Node's request, which knows no route.
  if (httpAdapter.getType() === 'fastify') {
    httpAdapter.getInstance<Hooks>().addHook('onRequest', enter);
  } else {
    httpAdapter.use(enter);
  }
}
