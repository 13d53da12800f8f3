/** Which request goes where, and who may send it. */
import { authorize, type Access, type LocalKeys } from './basic-auth.js';
import type { Exchange, Reply } from './http-exchange.js';
import {
  parseIngestionBody,
  receiveBatch,
  type IngestionOptions,
} from './ingestion-route.js';
import { receiveTraces, type OtlpTracesOptions } from './otlp-traces-route.js';
import {
  health,
  listObservations,
  listScores,
  projects,
} from './read-routes.js';
import type { TraceStore } from './trace-store.js';

/** What the routes need of the receiver around them. */
export interface RouteContext extends OtlpTracesOptions, IngestionOptions {
  readonly store: TraceStore;
  /** Undefined: any well-formed pair passes. */
  readonly keys: LocalKeys | undefined;
}

type Route = (
  exchange: Exchange,
  context: RouteContext,
) => Reply | Promise<Reply>;

const ROUTES: ReadonlyMap<string, Route> = new Map<string, Route>([
  ['/api/public/otel/v1/traces', post(forProject(receiveTraces))],
  ['/api/public/ingestion', ingestion],
  ['/api/public/health', get(health)],
  ['/api/public/projects', get(forProject(projects))],
  [
    '/api/public/v2/observations',
    get(forProject(({ query }, { store }) => listObservations(store, query))),
  ],
  [
    '/api/public/v3/scores',
    get(forProject(({ query }, { store }) => listScores(store, query))),
  ],
]);

/** Answers one request. The route leaves what it learnt in the exchange. */
export async function answer(
  exchange: Exchange,
  context: RouteContext,
): Promise<Reply> {
  const route = ROUTES.get(exchange.path);
  return route === undefined
    ? {
        status: 404,
        body: {
          message: `Not found: ${exchange.path}. The local Langfuse receiver answers ${[...ROUTES.keys()].join(', ')}.`,
        },
      }
    : route(exchange, context);
}

function get(route: Route): Route {
  return onlyMethod('GET', route);
}

function post(route: Route): Route {
  return onlyMethod('POST', route);
}

function onlyMethod(method: string, route: Route): Route {
  return (exchange, context) =>
    exchange.method === method ? route(exchange, context) : methodNotAllowed();
}

/** Only a full key pair may read, and send observations. */
function forProject(route: Route): Route {
  return (exchange, context) => {
    const access = accessOf(exchange, context);
    switch (access.kind) {
      case 'refused':
        return { status: 401, body: { message: access.message } };
      case 'scores':
        return {
          status: 403,
          body: {
            message:
              'Access denied: Bearer auth and org api keys are not allowed to access',
            error: 'ForbiddenError',
          },
        };
      case 'project':
        return route(exchange, context);
    }
  };
}

async function ingestion(
  exchange: Exchange,
  context: RouteContext,
): Promise<Reply> {
  const parsed = await parseIngestionBody(exchange);
  if ('status' in parsed) {
    return parsed;
  }
  if (exchange.method !== 'POST') {
    return methodNotAllowed();
  }
  const access = accessOf(exchange, context);
  return access.kind === 'refused'
    ? {
        status: 401,
        body: { error: 'UnauthorizedError', message: access.message },
      }
    : receiveBatch(exchange, parsed.json, context);
}

function accessOf(exchange: Exchange, { keys }: RouteContext): Access {
  return authorize(exchange.headers.authorization, keys);
}

function methodNotAllowed(): Reply {
  return {
    status: 405,
    body: { message: 'Method not allowed', error: 'MethodNotAllowedError' },
  };
}
