import { AsyncResource } from 'node:async_hooks';
import { type MonoTypeOperatorFunction, Observable } from 'rxjs';

/**
 * Made at load time, so outside of any request of the application. What runs
 * here sees none of its AsyncLocalStorages and keeps none of them alive.
 */
const outside = new AsyncResource('nestjs-langfuse:queue');

/**
 * Hands values on outside of the request that happened to fill a batch: what
 * is logged or traced on its delivery is not that request's doing.
 */
export function outsideOfRequests<T>(): MonoTypeOperatorFunction<T> {
  return (source) =>
    new Observable((subscriber) =>
      source.subscribe({
        next: (value) => outside.runInAsyncScope(() => subscriber.next(value)),
        error: (error: unknown) => subscriber.error(error),
        complete: () => subscriber.complete(),
      }),
    );
}
