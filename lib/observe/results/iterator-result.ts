import { types } from 'node:util';
import { endWhenCollected } from './abandoned-results.js';
import type { ResultObserver } from './result-observer.js';
import { hasMethod, type Method, standInFor } from './stand-in-object.js';

/** Stand-ins for generators, which `node:util` does not know as such. */
const coldStandIns = new WeakSet<object>();

/** Whether nothing of `iterator` has run: a generator before its first step. */
export function isColdIterator(iterator: object): boolean {
  return types.isGeneratorObject(iterator) || coldStandIns.has(iterator);
}

/**
 * An iterator, synchronous or not: each step runs with the observation active,
 * which ends when the iterator is done, throws, or is left early. A cold one
 * begins with its first step.
 */
export function watchIterator<T extends object>(
  iterator: T,
  observer: ResultObserver,
): T {
  const isCold = isColdIterator(iterator);
  const steps = new Steps(observer);
  const proxy: T = standInFor(iterator, (key, method, self) => {
    switch (key) {
      case 'next':
        return (...args) => {
          if (!observer.hasBegun) {
            observer.begin();
            endWhenCollected(self, observer);
          }
          return steps.take(() => Reflect.apply(method, iterator, args));
        };
      case 'throw':
        return (...args) =>
          steps.take(() => Reflect.apply(method, iterator, args));
      case 'return':
        return (...args) =>
          steps.leave(() => Reflect.apply(method, iterator, args));
      default:
        // The methods that all iterators inherit call those above.
        return isCold ? method : undefined;
    }
  });
  if (isCold) coldStandIns.add(proxy);
  if (observer.hasBegun) endWhenCollected(proxy, observer);
  return proxy;
}

/** The steps of one iterator, whose results come at once or as promises. */
class Steps {
  constructor(private readonly observer: ResultObserver) {}

  take(step: () => unknown): unknown {
    return this.after(step, (result) => this.saw(result));
  }

  leave(step: () => unknown): unknown {
    // Before its first step a generator only notes that it is over.
    if (!this.observer.hasBegun) return step();
    return this.after(step, (result) => {
      // A `finally` of the generator may go on giving.
      if (isDone(result)) this.observer.stopped();
      else this.saw(result);
    });
  }

  private after(step: () => unknown, saw: (result: unknown) => void): unknown {
    const { observer } = this;
    let result: unknown;
    try {
      result = observer.hasBegun ? observer.run(step) : step();
    } catch (error) {
      observer.threw(error);
      throw error;
    }
    if (!(result instanceof Promise)) {
      saw(result);
      return result;
    }
    return result.then(
      (value: unknown) => {
        saw(value);
        return value;
      },
      (error: unknown) => {
        observer.threw(error);
        throw error;
      },
    );
  }

  private saw(result: unknown): void {
    if (typeof result !== 'object' || result === null) return;
    const { value } = result as { value?: unknown };
    if (isDone(result)) this.observer.completed(value);
    else this.observer.chunk(value);
  }
}

function isDone(result: unknown): boolean {
  return Boolean((result as { done?: unknown } | null | undefined)?.done);
}

/**
 * An object that can be iterated asynchronously and is no iterator itself. Its
 * work has begun; the first iteration is what is observed of it.
 */
export function watchAsyncIterable<T extends object>(
  iterable: T,
  observer: ResultObserver,
): T {
  const iterate = firstIteration(observer);
  if (keepsIteratorFactory(iterable)) {
    // The streams of OpenAI, Anthropic and others generated alike: `tee()`,
    // `toReadableStream()` and iteration all call this field. A Proxy would
    // miss that, since the class keeps other fields private.
    const { iterator } = iterable;
    iterable.iterator = function (this: unknown, ...args) {
      return iterate(Reflect.apply(iterator, this, args));
    };
    endWhenCollected(iterable, observer);
    return iterable;
  }
  const proxy = standInFor(iterable, (key, method) =>
    key === Symbol.asyncIterator
      ? (...args) => iterate(Reflect.apply(method, iterable, args))
      : undefined,
  );
  endWhenCollected(proxy, observer);
  return proxy;
}

function firstIteration(observer: ResultObserver): (it: unknown) => unknown {
  let isFirst = true;
  return (iterator) => {
    if (!isFirst || typeof iterator !== 'object' || iterator === null) {
      return iterator;
    }
    isFirst = false;
    return watchIterator(iterator, observer);
  };
}

function keepsIteratorFactory(
  iterable: object,
): iterable is { iterator: Method } {
  const own = Reflect.getOwnPropertyDescriptor(iterable, 'iterator');
  return own?.writable === true && hasMethod(iterable, 'iterator');
}
