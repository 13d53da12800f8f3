import type { ExecutionContext } from '@nestjs/common';
import type { WireAttributes } from '../../wire/index.js';
import { messageOf } from '../message-of.js';
import { isLeftOutHandler } from '../no-trace.decorator.js';
import type { Propagation } from '../propagation/index.js';
import {
  checkPropagated,
  type PropagatedAttributes,
} from '../propagated-attributes.js';
import type { Scope } from '../active-scope.js';
import type { Recorder } from '../recorder.js';
import type { WarnOnce } from '../warn-once.js';
import {
  type GraphqlField,
  graphqlField,
  GraphqlOperation,
  OwnOperation,
} from './graphql-operation.js';
import {
  type AdapterRequest,
  type AdapterResponse,
  httpExchange,
  rawRequest,
} from './http-exchange.js';
import { handlingOfHttp, httpIncoming } from './http-handling.js';
import { HttpRequest } from './http-request.js';
import { type IgnoreRoutes, isListed } from './ignored-routes.js';
import type { Handling, IncomingRequest } from './incoming-request.js';
import { MessageHandling } from './message-handling.js';
import type { RequestStart } from './request-scope.js';
import { rpcMessage } from './rpc-message.js';
import { wsMessage } from './ws-message.js';

/**
 * User, session and the like of a request, from what its guards have found out.
 * It is called once for each recorded request, before the handler.
 *
 * @returns what all observations of the request carry, if anything
 * @publicApi
 */
export type RequestAttributesFunction = (
  context: ExecutionContext,
) => PropagatedAttributes | undefined;

/** What the recording of requests works with. */
export interface RequestTracingSettings {
  readonly recorder: Recorder;
  readonly propagation: Propagation;
  readonly warnings: WarnOnce;
  readonly requestAttributes?: RequestAttributesFunction | undefined;
  readonly ignoreRoutes: IgnoreRoutes;
}

/** A request that is being handled: where, and who follows it. */
export interface TracedRequest {
  readonly scope: Scope;
  /** Undefined where another follows the request already. */
  readonly handling: Handling | undefined;
}

const NONE: WireAttributes = new Map();

/**
 * An interceptor that is bound globally and to a controller runs twice, each
 * perhaps of another project.
 */
const traced = new WeakMap<ExecutionContext, Scope>();
const requests = new WeakMap<object, HttpRequest>();

/** Records requests, for the interceptor and what runs before it. */
export class RequestTracing {
  readonly recorder: Recorder;
  private readonly operations = new WeakMap<
    object,
    Map<object, GraphqlOperation>
  >();

  constructor(private readonly settings: RequestTracingSettings) {
    this.recorder = settings.recorder;
  }

  /**
   * Lets `next` run where the observation of the request will be active as soon
   * as it begins, exception filters included.
   */
  enter(
    request: AdapterRequest,
    response: AdapterResponse,
    begins: 'with-handler' | 'with-request',
    next: () => void,
  ): void {
    const entered = this.recorder.isOn
      ? this.safely(() => this.open(request, response, begins))
      : undefined;
    if (entered) entered.enter(next);
    else next();
  }

  /** Begins to record; undefined for what is not to be recorded. */
  begin(context: ExecutionContext): TracedRequest | undefined {
    const scope = traced.get(context);
    if (scope) return { scope, handling: undefined };
    const begun = this.safely(() => this.beginByType(context));
    if (begun) traced.set(context, begun.scope);
    return begun;
  }

  private beginByType(context: ExecutionContext): TracedRequest | undefined {
    switch (context.getType<string>()) {
      case 'http':
        return this.beginHttp(context);
      case 'graphql':
        return this.beginField(context, graphqlField(context));
      case 'rpc':
        return this.beginMessage(context, rpcMessage(context));
      case 'ws':
        return this.beginMessage(context, wsMessage(context));
      default:
        return undefined;
    }
  }

  private beginHttp(context: ExecutionContext): TracedRequest | undefined {
    const http = context.switchToHttp();
    const raw = http.getRequest<AdapterRequest>();
    const request =
      requests.get(rawRequest(raw)) ??
      this.open(raw, http.getResponse<AdapterResponse>(), 'with-handler');
    // Fastify's own request knows the body, Node's that came first does not.
    const exchange = httpExchange(raw, http.getResponse<AdapterResponse>());
    const incoming = httpIncoming(exchange);
    if (this.leavesOut(context, incoming)) {
      request.leaveOut();
      return undefined;
    }
    request.begin(this.startOf(context, incoming));
    return { scope: request, handling: handlingOfHttp(request, context) };
  }

  private beginMessage(
    context: ExecutionContext,
    incoming: IncomingRequest,
  ): TracedRequest | undefined {
    if (this.leavesOut(context, incoming)) return undefined;
    const around = this.aroundOf(incoming);
    const handling = new MessageHandling(this.recorder, around);
    handling.begin(this.startOf(context, incoming));
    return { scope: handling, handling };
  }

  private beginField(
    context: ExecutionContext,
    field: GraphqlField,
  ): TracedRequest | undefined {
    const { key, args, incoming } = field;
    const known = this.operationOf(field);
    if (key === undefined) {
      return known && { scope: known.scope, handling: undefined };
    }
    if (this.leavesOut(context, incoming)) {
      this.requestOf(field)?.leaveOut();
      return undefined;
    }
    const operation = known && !known.isOver ? known : this.newOperation(field);
    const handling = operation.field(
      key,
      args,
      this.startOf(context, incoming),
    );
    return { scope: operation.scope, handling };
  }

  private operationOf({ context, operation }: GraphqlField) {
    return isObject(context)
      ? this.operations.get(context)?.get(operation)
      : undefined;
  }

  /** A request with several operations has an observation for each. */
  private newOperation(field: GraphqlField): GraphqlOperation {
    const { context, operation: parsed, incoming } = field;
    const request = this.requestOf(field);
    const isFirst = request !== undefined && !request.hasBegun;
    const around = request ?? this.aroundOf(incoming);
    const operation = new GraphqlOperation(
      isFirst ? request : new OwnOperation(this.recorder, around),
    );
    if (isObject(context)) {
      const all = this.operations.get(context) ?? new Map();
      this.operations.set(context, all.set(parsed, operation));
    }
    return operation;
  }

  private requestOf({ request }: GraphqlField): HttpRequest | undefined {
    const { scope } = this.recorder;
    const entered = scope instanceof HttpRequest ? scope : undefined;
    return (request && requests.get(rawRequest(request))) ?? entered;
  }

  private open(
    raw: AdapterRequest,
    response: AdapterResponse,
    begins: 'with-handler' | 'with-request',
  ): HttpRequest {
    const { ignoreRoutes } = this.settings;
    const exchange = httpExchange(raw, response);
    const around = this.aroundOf({ carrier: exchange.headers });
    const records = (routes: readonly string[]) =>
      typeof ignoreRoutes === 'function' || !isListed(ignoreRoutes, routes);
    const request = new HttpRequest(
      this.recorder,
      around,
      exchange,
      begins === 'with-request' ? records : undefined,
    );
    requests.set(exchange.key, request);
    return request;
  }

  private aroundOf({ carrier }: Pick<IncomingRequest, 'carrier'>): Scope {
    return this.settings.propagation.incoming(carrier) ?? this.recorder.scope;
  }

  private leavesOut(
    context: ExecutionContext,
    { routes }: IncomingRequest,
  ): boolean {
    const { ignoreRoutes } = this.settings;
    const { prototype } = context.getClass<{ prototype: object }>();
    if (isLeftOutHandler(prototype, context.getHandler().name)) return true;
    if (typeof ignoreRoutes !== 'function')
      return isListed(ignoreRoutes, routes);
    try {
      return ignoreRoutes(context);
    } catch (error) {
      this.warn('ignoreRoutes', `it threw: ${messageOf(error)}`);
      return false;
    }
  }

  private startOf(
    context: ExecutionContext,
    { name, input, metadata }: IncomingRequest,
  ): RequestStart {
    const propagated = this.attributesOf(context);
    return { name, attributes: { input, metadata }, propagated };
  }

  private attributesOf(context: ExecutionContext): WireAttributes {
    const { requestAttributes } = this.settings;
    if (!requestAttributes) return NONE;
    try {
      const given: unknown = requestAttributes(context);
      if (given instanceof Promise) {
        given.catch(() => undefined);
        this.warn(
          'requestAttributes',
          'it returned a promise; find out in a guard',
        );
        return NONE;
      }
      const { values, problems } = checkPropagated(
        given as PropagatedAttributes | undefined,
      );
      for (const problem of problems) this.warn('requestAttributes', problem);
      return values;
    } catch (error) {
      this.warn('requestAttributes', `it threw: ${messageOf(error)}`);
      return NONE;
    }
  }

  private warn(option: string, problem: string): void {
    const subject = problem.split(' ', 1)[0] ?? problem;
    this.settings.warnings.warn(
      `${option} ${subject}`,
      `The option ${option}: ${problem}.`,
    );
  }

  /** What is no request as the framework makes them is handled unrecorded. */
  private safely<T>(read: () => T): T | undefined {
    try {
      return read();
    } catch (error) {
      this.settings.warnings.warn(
        'request',
        `A request could not be recorded: ${messageOf(error)}.`,
      );
      return undefined;
    }
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
