import type { LangfuseObservation } from './langfuse-observation.js';
import type { Recorder } from './recorder.js';
import { RecordingSpan } from './recording-span.js';

/** What is told about the end of a function, once. */
interface EndOfCall<R> {
  returned(value: R): void;
  threw(error: unknown): void;
}

/**
 * Calls `fn` with `observation` active, and tells `end` when what it returns
 * has really ended.
 */
export function runObserved<R>(
  recorder: Recorder,
  observation: LangfuseObservation,
  fn: () => R,
  end: EndOfCall<Awaited<R>>,
): R {
  const { otelSpan: span } = observation;
  if (!(span instanceof RecordingSpan)) return fn();
  let result: R;
  try {
    const { trace } = recorder.scope.span === span ? recorder.scope : span;
    result = recorder.run({ span, trace }, fn);
  } catch (error) {
    end.threw(error);
    throw error;
  }
  return watch(result, end);
}

/**
 * Tells `end` how `result` ends, and gives the caller what behaves as `result`.
 * Every kind of result that ends later than its call has its branch here.
 */
function watch<R>(result: R, end: EndOfCall<Awaited<R>>): R {
  // Never by its `then` alone: calling that of a query builder runs the query.
  if (!(result instanceof Promise)) {
    end.returned(result as Awaited<R>);
    return result;
  }
  const watched = result.then(
    (value: Awaited<R>) => {
      end.returned(value);
      return value;
    },
    (error: unknown) => {
      end.threw(error);
      throw error;
    },
  );
  // What a promise has beyond one, its `then` does not pass on.
  if (
    Object.getPrototypeOf(result) !== Promise.prototype ||
    Object.keys(result).length > 0
  ) {
    watched.catch(() => undefined);
    return result;
  }
  // Handing out the original would mark its rejection as handled, and an error
  // that the application forgot to catch would pass unnoticed.
  return watched as R;
}
