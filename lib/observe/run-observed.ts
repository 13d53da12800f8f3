import type { Scope } from './active-scope.js';
import type { LangfuseObservation } from './langfuse-observation.js';
import type { Recorder } from './recorder.js';
import { RecordingSpan } from './recording-span.js';
import { CallObserver } from './results/call-observer.js';
import { watchResult } from './results/watch-result.js';

/** What is told about the end of a function, once. */
interface EndOfCall<R> {
  /** With undefined for a stream, which is no value. */
  returned(value: R | undefined): void;
  threw(error: unknown): void;
}

/**
 * Calls `fn` with `observation` active, and tells `end` when what it returns
 * has really ended.
 *
 * @returns what `fn` returns, or what behaves as it does: see `watchResult`
 */
export function runObserved<R>(
  recorder: Recorder,
  observation: LangfuseObservation,
  fn: () => R,
  end: EndOfCall<Awaited<R>>,
): R {
  const { otelSpan: span } = observation;
  if (!(span instanceof RecordingSpan)) return fn();
  const { trace } = recorder.scope.span === span ? recorder.scope : span;
  const scope = { span, trace };
  const observer = new FunctionObserver(recorder, scope, observation, end);
  let result: R;
  try {
    result = observer.run(fn);
  } catch (error) {
    observer.threw(error);
    throw error;
  }
  return watchResult(result, observer) as R;
}

/** Observes a function that has an observation, which others speak for, too. */
class FunctionObserver<R> extends CallObserver {
  readonly hasBegun = true;

  constructor(
    recorder: Recorder,
    protected readonly scope: Scope,
    readonly observation: LangfuseObservation,
    private readonly end: EndOfCall<R>,
  ) {
    super(recorder);
  }

  begin(): void {}

  /** There is one observation, whatever is read again. */
  another(): FunctionObserver<R> {
    return this;
  }

  protected onChunk(): void {}

  protected onReturned(value: unknown): void {
    this.end.returned(value as R);
  }

  protected onStreamEnd(): void {
    this.end.returned(undefined);
  }

  protected onThrew(error: unknown): void {
    this.end.threw(error);
  }

  protected onHandedOver(): void {
    this.end.returned(undefined);
  }
}
