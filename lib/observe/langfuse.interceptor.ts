import {
  type CallHandler,
  type ExecutionContext,
  Injectable,
  type NestInterceptor,
} from '@nestjs/common';
import { Observable, tap } from 'rxjs';
import { type HttpExchange, httpExchange } from './http-exchange.js';
import {
  type LangfuseObservation,
  startObservation,
} from './langfuse-observation.js';
import { messageOf } from './message-of.js';
import { Recorder } from './recorder.js';
import { RecordingSpan } from './recording-span.js';

/** An interceptor that is bound globally and to a controller runs twice. */
const recorded = new WeakSet<object>();

/**
 * Records each HTTP request as the root observation of a trace, named by its
 * method and route, with the status that was really sent. What is traced while
 * the request is handled becomes its children.
 *
 * Use it for all routes with
 * `{ provide: APP_INTERCEPTOR, useExisting: LangfuseInterceptor }`, or with
 * `@UseInterceptors(LangfuseInterceptor)` where it is wanted. Requests that a
 * guard turns away never reach an interceptor.
 *
 * @publicApi
 */
@Injectable()
export class LangfuseInterceptor implements NestInterceptor {
  constructor(private readonly recorder: Recorder) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    if (!this.recorder.isOn || context.getType() !== 'http') {
      return next.handle();
    }
    const exchange = httpExchange(context);
    if (recorded.has(exchange.request)) return next.handle();
    recorded.add(exchange.request);
    const { method, route } = exchange;
    const observation = startObservation(
      this.recorder,
      `${method} ${route}`,
      { input: exchange.input, metadata: { method, route } },
      {},
    );
    const span = observation.otelSpan;
    if (!(span instanceof RecordingSpan)) return next.handle();

    const failure: { error?: unknown } = {};
    exchange.onEnd(() => endRequest(observation, exchange, failure));
    // Subscribing within the scope, and not only calling handle() in it, is what
    // carries it to handlers that return Observables.
    return new Observable((subscriber) =>
      this.recorder.run({ span, trace: span.trace }, () =>
        next
          .handle()
          .pipe(
            tap({
              next: (output) => observation.update({ output }),
              error: (error: unknown) => (failure.error = error),
            }),
          )
          .subscribe(subscriber),
      ),
    );
  }
}

/** Exception filters have had their say: the status is what the client sees. */
function endRequest(
  observation: LangfuseObservation,
  { status, isComplete }: HttpExchange,
  failure: { readonly error?: unknown },
): void {
  observation.update({ metadata: { status: status() } });
  if (status() >= 500 && 'error' in failure) {
    observation.fail(failure.error);
  } else if (status() >= 500) {
    observation.update({ level: 'ERROR', statusMessage: `HTTP ${status()}` });
  } else if (!isComplete()) {
    const statusMessage = 'the client closed the connection';
    observation.update({ level: 'WARNING', statusMessage });
  } else if ('error' in failure) {
    const statusMessage = messageOf(failure.error);
    observation.update({ level: 'WARNING', statusMessage });
  }
  observation.end();
}
