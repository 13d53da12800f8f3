/** Operations of GraphQL: queries, mutations and what starts a subscription. */
import type { ExecutionContext } from '@nestjs/common';
import { recordFailure } from './failure.js';
import type { AdapterRequest } from './http-exchange.js';
import type { HttpRequest } from './http-request.js';
import type { Handling, IncomingRequest } from './incoming-request.js';
import { RequestScope, type RequestStart } from './request-scope.js';
import { outputOf } from './response-output.js';

/** What a resolver is told of its field, as far as it is read here. */
interface ResolveInfo {
  readonly fieldName: string;
  readonly path: { readonly key: string | number; readonly prev?: object };
  readonly operation: {
    readonly operation: string;
    readonly name?: { readonly value: string };
  };
}

/** A field as a resolver gets it. */
export interface GraphqlField {
  /** Undefined for one below a field of the operation itself. */
  readonly key: string | undefined;
  readonly args: unknown;
  /** One for each execution, unless the application made it something else. */
  readonly context: unknown;
  /** The parsed operation, which a server may keep for the next request. */
  readonly operation: object;
  /** The HTTP request, where the context leads to it. */
  readonly request: AdapterRequest | undefined;
  readonly incoming: IncomingRequest;
}

/** Reads the arguments of a resolver: `[root, args, context, info]`. */
export function graphqlField(context: ExecutionContext): GraphqlField {
  const [, args, graphqlContext, info] =
    context.getArgs<[unknown, unknown, unknown, ResolveInfo]>();
  const { operation, path, fieldName } = info;
  const request = requestIn(graphqlContext);
  const name = operation.name?.value;
  return {
    key: path.prev ? undefined : String(path.key),
    args,
    context: graphqlContext,
    operation,
    request,
    incoming: {
      name: `${operation.operation} ${name ?? fieldName}`,
      routes: name === undefined ? [fieldName] : [name, fieldName],
      input: undefined,
      metadata: { operation: operation.operation },
      carrier: request?.headers,
    },
  };
}

/** Apollo's context has `req`, Yoga's `request`, Mercurius' `reply`. */
function requestIn(context: unknown): AdapterRequest | undefined {
  if (typeof context !== 'object' || context === null) return undefined;
  const { req, request, reply } = context as {
    req?: AdapterRequest;
    request?: AdapterRequest;
    reply?: { request?: AdapterRequest };
  };
  return req ?? request ?? reply?.request;
}

/**
 * One operation: one observation, however many fields it asks for. Inputs and
 * outputs stand below the names of the fields, as in GraphQL's own `data`.
 *
 * Over HTTP it is the request, and ends with it. Otherwise it ends with the last
 * of its fields.
 */
export class GraphqlOperation {
  private readonly inputs: Record<string, unknown> = {};
  private readonly outputs: Record<string, unknown> = {};
  private pending = 0;
  private hasEnded = false;

  constructor(private readonly request: HttpRequest | OwnOperation) {
    if (!(request instanceof OwnOperation)) request.answersFields();
  }

  get scope(): RequestScope {
    return this.request;
  }

  get isOver(): boolean {
    return this.hasEnded;
  }

  /** Begins with its first field, and learns of each further one. */
  field(key: string, args: unknown, start: RequestStart): Handling {
    this.pending += 1;
    this.inputs[key] = args;
    const attributes = { ...start.attributes, input: this.inputs };
    if (this.request.hasBegun) this.request.update({ input: this.inputs });
    else this.request.begin({ ...start, attributes });
    let last: unknown;
    const end = (output: unknown = null) => {
      this.outputs[key] = output;
      this.request.update({ output: this.outputs });
      this.pending -= 1;
      if (this.pending === 0) this.settle();
    };
    return {
      // Of several values Nest answers with the last one.
      next: (value) => (last = value),
      failed: (error) => {
        this.request.failed(error);
        end();
      },
      completed: () => end(outputOf(last)),
      stopped: () => end(),
    };
  }

  /** The next field of a mutation begins when the one before has ended. */
  private settle(): void {
    const endTime = performance.now();
    setImmediate(() => {
      if (this.pending > 0 || this.hasEnded) return;
      this.hasEnded = true;
      if (this.request instanceof OwnOperation) this.request.end(endTime);
    });
  }
}

/** An operation that no HTTP request of its own stands for. */
export class OwnOperation extends RequestScope {
  failed(error: unknown): void {
    if (this.observation) recordFailure(this.observation, error);
  }

  end(endTime: number): void {
    this.observation?.end(endTime);
  }
}
