/** Waits for something to arrive. */
// The globals may be fake timers of the test that waits.
import { clearTimeout, setTimeout } from 'node:timers';

/** What is waited for, and how it can end otherwise. */
export interface Wanted<T> {
  /** Undefined as long as it is not there. What it throws ends the waiting. */
  readonly probe: () => T | undefined;
  /** Calls back when it is worth asking again; returns what ends this. */
  readonly watch: (check: () => void) => () => void;
  readonly isClosed: () => boolean;
  readonly timeoutMs: number;
  /** The error of an end without a result. */
  readonly failure: (why: string) => Error;
}

/** Asks at once and whenever something arrives; leaves no timer behind. */
export function waitFor<T>(wanted: Wanted<T>): Promise<T> {
  const { probe, watch, isClosed, timeoutMs, failure } = wanted;
  return new Promise((resolve, reject) => {
    const settle = (finish: () => void) => {
      clearTimeout(timer);
      unwatch();
      finish();
    };
    const check = () => {
      try {
        const found = probe();
        if (found !== undefined) return settle(() => resolve(found));
      } catch (error) {
        return settle(() => reject(error));
      }
      if (isClosed()) giveUp('the application was closed');
    };
    const giveUp = (why: string) => settle(() => reject(failure(why)));
    const unwatch = watch(check);
    const timer = setTimeout(
      () => giveUp(`nothing fitted within ${timeoutMs} ms`),
      timeoutMs,
    );
    check();
  });
}
