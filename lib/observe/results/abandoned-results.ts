// Streams that nobody reads to their end are not open for ever.
import type { ResultObserver } from './result-observer.js';

const results = new FinalizationRegistry<ResultObserver>((observer) => {
  observer.abandoned();
});

/**
 * Ends the observation when `result` is collected. The observer must not lead
 * to the result, which would keep it. One that is given again counts anew.
 */
export function endWhenCollected(
  result: object,
  observer: ResultObserver,
): void {
  results.unregister(observer);
  results.register(result, observer, observer);
}

/** For an observation that has ended otherwise. */
export function isSettled(observer: ResultObserver): void {
  results.unregister(observer);
}
