import { endWhenCollected, isSettled } from './abandoned-results.js';
import type { ResultObserver } from './result-observer.js';
import { standInFor } from './stand-in-object.js';
import type { WatchResult } from './watch-result.js';

const SETTLING: readonly PropertyKey[] = ['then', 'catch', 'finally'];

/**
 * A promise of a class that has its own `then`: calling that may start the work
 * or decide what is read of an answer, so nobody does before the application.
 * Its other methods, such as OpenAI's `withResponse()`, may give a promise in
 * its place, which is followed then.
 */
export function watchLazyPromise(
  promise: Promise<unknown>,
  observer: ResultObserver,
  watch: WatchResult,
): Promise<unknown> {
  let isFollowed = false;
  let settled: Promise<unknown> | undefined;
  const settle = () => {
    isSettled(observer);
    settled ??= observer.run(() =>
      promise.then(
        (value) => (isFollowed ? value : watch(value, observer)),
        (error: unknown) => {
          if (!isFollowed) observer.threw(error);
          throw error;
        },
      ),
    );
    return settled;
  };
  const proxy: Promise<unknown> = standInFor(promise, (key, method, self) => {
    if (SETTLING.includes(key)) {
      return (...args) =>
        Reflect.apply(
          Reflect.get(Promise.prototype, key) as typeof method,
          settle(),
          args,
        );
    }
    return (...args) => {
      const result = Reflect.apply(method, promise, args);
      if (result === promise) return self;
      if (!(result instanceof Promise) || settled || isFollowed) return result;
      isFollowed = true;
      isSettled(observer);
      return watch(result, observer);
    };
  });
  endWhenCollected(proxy, observer);
  return proxy;
}
