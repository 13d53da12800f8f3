/** A request and its response, whichever HTTP adapter carries them. */
export interface HttpExchange {
  /** Node's request, which all that handle it share. */
  readonly key: object;
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly headers: unknown;
  /**
   * The route as it was declared, such as `/users/:id`, or where something is
   * mounted that has only one path. Undefined before the router has seen the
   * request, and where no route takes it.
   */
  readonly route: () => string | undefined;
  /** What came in: `params`, `query` and `body`, those that are not empty. */
  readonly input: () => unknown;
  /** The status that was sent. */
  readonly status: () => number;
  /** Whether the whole response was sent. */
  readonly isComplete: () => boolean;
  /** Calls back once when the response has been sent or given up. */
  readonly onEnd: (callback: () => void) => void;
}

/** The parts of Express's and Fastify's requests that are read here. */
export interface AdapterRequest {
  readonly method: string;
  readonly url: string;
  /** In Express: before a router has cut off its mount path. */
  readonly originalUrl?: string;
  /** In Express: the mount path of what is answering. */
  readonly baseUrl?: string;
  readonly headers?: unknown;
  readonly route?: { readonly path?: unknown };
  readonly routeOptions?: { readonly url?: string };
  readonly is404?: boolean;
  readonly params?: unknown;
  readonly query?: unknown;
  readonly body?: unknown;
  /** Fastify's request wraps Node's, Express's is Node's. */
  readonly raw?: object;
}

/** Node's response, as far as it is read here. */
interface RawResponse {
  readonly statusCode: number;
  readonly writableFinished: boolean;
  readonly closed: boolean;
  once(event: 'finish' | 'close', callback: () => void): unknown;
}

/** Express's response, or Fastify's reply, which wraps Node's response. */
export type AdapterResponse = RawResponse | { readonly raw: RawResponse };

/** Node's request, which middleware and handlers see in different wraps. */
export function rawRequest(request: AdapterRequest): object {
  return request.raw ?? request;
}

/** Reads an exchange of Express or Fastify. */
export function httpExchange(
  request: AdapterRequest,
  response: AdapterResponse,
): HttpExchange {
  const raw = 'raw' in response ? response.raw : response;
  return {
    key: rawRequest(request),
    method: request.method,
    path: pathOf(request),
    headers: request.headers,
    route: () => routeOf(request),
    input: () => inputOf(request),
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

function routeOf(request: AdapterRequest): string | undefined {
  const { route, routeOptions, is404, baseUrl } = request;
  if (is404) return undefined;
  const declared = route?.path ?? routeOptions?.url;
  if (declared !== undefined) return String(declared);
  // With Express a GraphQL server is no route. Files lie below a mount path.
  return baseUrl && baseUrl === pathOf(request) ? baseUrl : undefined;
}

function pathOf({ url, originalUrl = url }: AdapterRequest): string {
  return originalUrl.split('?', 1)[0] ?? originalUrl;
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
