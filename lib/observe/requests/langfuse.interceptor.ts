import {
  type CallHandler,
  type ExecutionContext,
  Injectable,
  type NestInterceptor,
} from '@nestjs/common';
import { Observable } from 'rxjs';
import type { Handling } from './incoming-request.js';
import { RequestTracing, type TracedRequest } from './request-tracing.js';

/**
 * Records each request as an observation, the root of its trace or below the
 * `traceparent` that came with it. What is traced while the request is handled
 * becomes its children.
 *
 * | transport | name | ends with |
 * | --- | --- | --- |
 * | HTTP | `GET /users/:id` | the response, whose status it tells |
 * | `@Sse()` | `GET /events` | the response; the events' data are the output |
 * | GraphQL | `query book` | the HTTP response, else its last field |
 * | microservice | `message sum`, `event user.created` | what the handler returns |
 * | WebSocket | `ws chat` | what the handler returns |
 *
 * Of a GraphQL subscription its set-up is recorded, not what it sends. Files and
 * other streams are no output; one that breaks off is a failure.
 *
 * A message continues the trace in its headers (Kafka, NATS, RabbitMQ, MQTT 5,
 * gRPC), in what a client's `setOnDispatchHook()` has put into `metadata` (TCP and
 * Redis, Nest 12), or in the field `langfuse` of its payload; each holds what
 * `langfuse.carrier()` returned.
 *
 * `LangfuseModule.forRoot({ traceRequests: true })` binds it to all handlers (of
 * gateways with Nest 12; in Nest 11 nothing global reaches these);
 * `@UseInterceptors(LangfuseInterceptor)` where it is wanted. Exception filters
 * run outside of interceptors: only with `traceRequests`, and for HTTP, is the
 * request's observation active there.
 *
 * @publicApi
 */
@Injectable()
export class LangfuseInterceptor implements NestInterceptor {
  constructor(private readonly tracing: RequestTracing) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const { tracing } = this;
    const traced = tracing.recorder.isOn ? tracing.begin(context) : undefined;
    return traced ? this.within(traced, next) : next.handle();
  }

  /**
   * Subscribing within the scope, and not only calling handle() in it, is what
   * carries it to handlers that return Observables.
   */
  private within(
    { scope, handling = UNWATCHED }: TracedRequest,
    next: CallHandler,
  ): Observable<unknown> {
    const { recorder } = this.tracing;
    return new Observable((subscriber) => {
      let isOver = false;
      const subscription = recorder.run(scope, () =>
        next.handle().subscribe({
          next(value: unknown) {
            handling.next(value);
            subscriber.next(value);
          },
          error(error: unknown) {
            isOver = true;
            handling.failed(error);
            subscriber.error(error);
          },
          complete() {
            isOver = true;
            handling.completed();
            subscriber.complete();
          },
        }),
      );
      return () => {
        if (isOver) return;
        handling.stopped();
        recorder.run(scope, () => subscription.unsubscribe());
      };
    });
  }
}

const UNWATCHED: Handling = {
  next: () => undefined,
  failed: () => undefined,
  completed: () => undefined,
  stopped: () => undefined,
};
