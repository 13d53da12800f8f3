// The one place that tells the kinds of results apart.
import { ReadableStream } from 'node:stream/web';
import { StreamableFile } from '@nestjs/common';
import { isObservable } from 'rxjs';
import {
  isColdIterator,
  watchAsyncIterable,
  watchIterator,
} from './iterator-result.js';
import { isNodeStream, watchNodeStream } from './node-stream-result.js';
import { watchObservable } from './observable-result.js';
import { watchPromise } from './promise-result.js';
import type { ResultObserver } from './result-observer.js';
import { hasMethod } from './stand-in-object.js';
import { watchWebStream } from './web-stream-result.js';

/** Follows a result to its end and returns what the caller gets for it. */
export type WatchResult = (
  result: unknown,
  observer: ResultObserver,
) => unknown;

/** Whether nothing of what `result` stands for has happened yet. */
export function isCold(result: unknown): boolean {
  if (!isObject(result)) return false;
  try {
    return isColdIterator(result) || isObservable(result);
  } catch {
    // A Proxy of the application may refuse even this.
    return false;
  }
}

/**
 * Follows `result` to its true end. The caller gets `result` itself, or what
 * behaves as it does:
 *
 * | result | the observation | the caller gets |
 * | --- | --- | --- |
 * | value | ends at once | the value |
 * | Promise | ends when it settles | a promise derived of it; one of a class of its own as it is |
 * | other thenable (query builders) | ends at once, without output; `then` is never called | the thenable |
 * | Observable | one for each subscription; completes, fails, is unsubscribed | a Proxy with another `subscribe` |
 * | generator | from its first step to its end, an error, or an early `return()` | a Proxy |
 * | async iterable | from the call to the end of its first iteration | the object where it keeps its iterator in a field, else a Proxy |
 * | Node stream, StreamableFile | ends with `end`, `error` or `close` | the stream, the file |
 * | web stream | ends when it is read to its end, fails or is cancelled | a web stream that reads it |
 * | `Response` | ends at once, its body is not touched | the response |
 *
 * What is begun and never read to its end is ended when it is collected.
 */
export const watchResult: WatchResult = (result, observer) => {
  if (!isObject(result)) {
    observer.returned(result);
    return result;
  }
  try {
    return watchObject(result, observer);
  } catch {
    // Looking at it threw, as a Proxy of the application may.
    observer.returned(result);
    return result;
  }
};

function watchObject(result: object, observer: ResultObserver): unknown {
  if (result instanceof Promise) {
    return watchPromise(result, observer, watchResult);
  }
  // Never by its `then` alone: calling that of a query builder runs the query.
  if (hasMethod(result, 'then')) observer.handedOver();
  else if (isObservable(result)) return watchObservable(result, observer);
  else if (result instanceof StreamableFile) {
    watchNodeStream(result.getStream(), observer);
  } else if (isNodeStream(result)) watchNodeStream(result, observer);
  else if (result instanceof ReadableStream) {
    return watchWebStream(result, observer);
  } else if (isIterator(result)) return watchIterator(result, observer);
  else if (hasMethod(result, Symbol.asyncIterator)) {
    return watchAsyncIterable(result, observer);
  } else observer.returned(result);
  return result;
}

function isIterator(value: object): boolean {
  return (
    hasMethod(value, 'next') &&
    (hasMethod(value, Symbol.asyncIterator) ||
      hasMethod(value, Symbol.iterator))
  );
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
