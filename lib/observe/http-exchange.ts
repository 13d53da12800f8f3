import type { ExecutionContext } from '@nestjs/common';

/** A request and its response, whichever HTTP adapter carries them. */
export interface HttpExchange {
  readonly request: object;
  readonly method: string;
  /** The route as it was declared, such as `/users/:id`. */
  readonly route: string;
  /** What came in: `params`, `query` and `body`, those that are not empty. */
  readonly input: unknown;
  /** The status that was sent. */
  readonly status: () => number;
  /** Whether the whole response was sent. */
  readonly isComplete: () => boolean;
  /** Calls back once when the response has been sent or given up. */
  readonly onEnd: (callback: () => void) => void;
}

/** The parts of Express's and Fastify's requests that are read here. */
interface AdapterRequest {
  readonly method: string;
  readonly url: string;
  readonly route?: { readonly path?: string };
  readonly routeOptions?: { readonly url?: string };
  readonly params?: unknown;
  readonly query?: unknown;
  readonly body?: unknown;
}

/** Node's response, as far as it is read here. */
interface RawResponse {
  readonly statusCode: number;
  readonly writableFinished: boolean;
  readonly closed: boolean;
  once(event: 'finish' | 'close', callback: () => void): unknown;
}

/** Reads the exchange of an `http` execution context. */
export function httpExchange(context: ExecutionContext): HttpExchange {
  const http = context.switchToHttp();
  const request = http.getRequest<AdapterRequest>();
  const response = http.getResponse<RawResponse & { raw?: RawResponse }>();
  // Fastify's reply wraps Node's response, Express's extends it.
  const raw = response.raw ?? response;
  const { method, url, route, routeOptions } = request;
  return {
    request,
    method,
    route: route?.path ?? routeOptions?.url ?? url.split('?', 1)[0] ?? url,
    input: inputOf(request),
    status: () => raw.statusCode,
    isComplete: () => raw.writableFinished,
    onEnd(callback) {
      let called = false;
      const once = () => {
        if (!called) callback();
        called = true;
      };
      raw.once('finish', once);
      raw.once('close', once);
      // The client may have left while a guard was busy.
      if (raw.closed) queueMicrotask(once);
    },
  };
}

function inputOf({ params, query, body }: AdapterRequest): unknown {
  const parts = Object.entries({ params, query, body }).filter(
    ([, value]) => !isEmpty(value),
  );
  return parts.length > 0 ? Object.fromEntries(parts) : undefined;
}

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === '') return true;
  return typeof value === 'object' && Object.keys(value).length === 0;
}
