import { watchLazyPromise } from './lazy-promise-result.js';
import type { ResultObserver } from './result-observer.js';
import type { WatchResult } from './watch-result.js';

/** A promise ends when it settles, or later, when it resolves to a stream. */
export function watchPromise(
  promise: Promise<unknown>,
  observer: ResultObserver,
  watch: WatchResult,
): Promise<unknown> {
  // A class of its own may start its work only in `then`, as OpenAI's does.
  if (promise.then !== Promise.prototype.then) {
    return watchLazyPromise(promise, observer, watch);
  }
  const watched = promise.then(
    (value) => watch(value, observer),
    (error: unknown) => {
      observer.threw(error);
      throw error;
    },
  );
  // What a promise has beyond one, its `then` does not pass on.
  if (
    Object.getPrototypeOf(promise) !== Promise.prototype ||
    Object.keys(promise).length > 0
  ) {
    watched.catch(() => undefined);
    return promise;
  }
  // Handing out the original would mark its rejection as handled, and an error
  // that the application forgot to catch would pass unnoticed.
  return watched;
}
