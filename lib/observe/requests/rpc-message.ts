/** Messages and events of a Nest microservice, over any of its transports. */
import 'reflect-metadata';
import type { ExecutionContext } from '@nestjs/common';
import { guarded } from '../guarded.js';
import type { IncomingRequest } from './incoming-request.js';
import { carrierIn, withoutCarrier } from './payload.js';

/** What `@MessagePattern()` and `@EventPattern()` put on a handler. */
const PATTERN_METADATA = 'microservices:pattern';
const HANDLER_TYPE_METADATA = 'microservices:handler_type';
const EVENT_HANDLER = 2;

/** Contexts of Nest's transports, as far as messages have headers there. */
interface TransportContext {
  /** NATS. */
  getHeaders?(): unknown;
  /** Kafka (`headers`), RabbitMQ (`properties`). */
  getMessage?(): {
    headers?: unknown;
    properties?: { headers?: unknown };
  } | null;
  /** MQTT 5 (`properties.userProperties`). */
  getPacket?(): { properties?: { userProperties?: unknown } } | undefined;
  /** TCP and Redis: what a client's `setOnDispatchHook()` has put there. */
  getMetadata?(): unknown;
}

export function rpcMessage(context: ExecutionContext): IncomingRequest {
  const rpc = context.switchToRpc();
  const data: unknown = rpc.getData();
  const handler = context.getHandler();
  const pattern = patternOf(handler);
  const isEvent =
    Reflect.getMetadata(HANDLER_TYPE_METADATA, handler) === EVENT_HANDLER;
  return {
    name: `${isEvent ? 'event' : 'message'} ${pattern}`,
    routes: [pattern],
    input: withoutCarrier(data),
    metadata: { pattern },
    carrier:
      carrierIn(data) ??
      guarded(
        () => headersOf(rpc.getContext()),
        () => undefined,
      ),
  };
}

/** As it is declared: a received one can be of any number (`user.*`). */
function patternOf(handler: { readonly name: string }): string {
  const declared: unknown = Reflect.getMetadata(PATTERN_METADATA, handler);
  const pattern: unknown = Array.isArray(declared) ? declared[0] : declared;
  if (typeof pattern === 'string') return pattern;
  return pattern === undefined ? handler.name : JSON.stringify(pattern);
}

/** gRPC's context is the metadata itself. */
function headersOf(context: TransportContext | undefined): unknown {
  const message = context?.getMessage?.();
  return (
    context?.getHeaders?.() ??
    message?.headers ??
    message?.properties?.headers ??
    context?.getPacket?.()?.properties?.userProperties ??
    context?.getMetadata?.() ??
    context
  );
}
