import { type Context, context as otelContext } from '@opentelemetry/api';
import type { Scope } from './active-scope.js';
import { threwMark } from './capture/index.js';
import { guarded } from './guarded.js';
import {
  type LangfuseObservation,
  startObservation,
} from './langfuse-observation.js';
import type { GenerationAttributes } from './observation-attributes.js';
import type { Recorder } from './recorder.js';
import { RecordingSpan } from './recording-span.js';
import { CallObserver } from './results/call-observer.js';
import { Chunks } from './results/chunks.js';
import { TraceAttributes } from './trace-attributes.js';
import type { UntypedTraceOptions } from './trace-options.interface.js';

/** What is known of a call before its method runs. */
export interface CallStart {
  readonly name: string;
  readonly options: UntypedTraceOptions;
  readonly attributes: GenerationAttributes;
  /** By `performance.now()`. */
  readonly startTime: number;
  /** What is active in OpenTelemetry: a parent of last resort. */
  readonly context: Context;
}

/**
 * One call of a traced method. It is the scope that the method runs in, and its
 * observation starts when somebody looks for it there, at the latest when the
 * method returns. So a method that only prepares a cold result, such as an
 * Observable that nobody subscribes to, leaves nothing behind.
 */
export class TracedCall extends CallObserver implements Scope {
  observation: LangfuseObservation | undefined;

  private readonly options: UntypedTraceOptions;
  private isEntered = false;
  private isCold = false;
  private chunks: Chunks | undefined;
  private traceAtStart: TraceAttributes | undefined;
  // Timers and sockets of the method keep its scope for as long as they live:
  // what is not needed any more is given up.
  private start: CallStart | undefined;
  private around: Scope | undefined;

  /** @param around - The scope of the caller. */
  constructor(recorder: Recorder, around: Scope, start: CallStart) {
    super(recorder);
    this.options = start.options;
    this.start = start;
    this.around = nearestTo(around);
  }

  protected get scope(): Scope {
    return this;
  }

  get hasBegun(): boolean {
    return this.observation !== undefined;
  }

  get span(): RecordingSpan | undefined {
    if (!this.observation) {
      // The recorder looks at what it is about to enter.
      if (!this.isEntered) return undefined;
      if (this.isCold) return this.around?.span;
    }
    this.begin();
    const span = this.observation?.otelSpan;
    return span instanceof RecordingSpan ? span : undefined;
  }

  get trace(): TraceAttributes {
    if (this.isCold && !this.observation && this.around) {
      return this.around.trace;
    }
    this.begin();
    return this.traceAtStart ?? TraceAttributes.none;
  }

  /** Calls the method. */
  enter(method: () => unknown): unknown {
    // What is active for us is active in OpenTelemetry then, from the start.
    if (this.recorder.ownsOtelContext) this.begin();
    return this.recorder.run(this, () => {
      this.isEntered = true;
      return method();
    });
  }

  /** Begins only when the result is read, and then below its reader. */
  waitForReader(): void {
    this.isCold = true;
  }

  begin(): void {
    const { start, around, recorder, isCold } = this;
    if (this.observation || !start || !around) return;
    const reader = isCold ? nearestTo(recorder.scope) : around;
    const scope = reader.span ? reader : around;
    this.start = undefined;
    this.around = undefined;
    const { name, options, attributes, startTime, context } = start;
    const observation = recorder.run(scope, () => {
      const asType = options.asType ?? 'span';
      if (isCold)
        return startObservation(recorder, name, attributes, { asType });
      return otelContext.with(context, () =>
        startObservation(recorder, name, attributes, { asType, startTime }),
      );
    });
    this.observation = observation;
    const { otelSpan: span } = observation;
    if (span instanceof RecordingSpan) this.traceAtStart = span.trace;
  }

  another(): TracedCall {
    const { start, around, recorder } = this;
    if (!start || !around) return this;
    const reading = new TracedCall(recorder, around, start);
    reading.isEntered = true;
    reading.waitForReader();
    return reading;
  }

  /** What is in force here for who must not keep this call. */
  get nearest(): Scope {
    return this.isCold && !this.observation && this.around ? this.around : this;
  }

  protected onChunk(chunk: unknown): void {
    const { captureOutput, reduce, onResult } = this.options;
    if (captureOutput === false && !onResult) return;
    this.chunks ??= new Chunks(reduce !== undefined);
    this.chunks.add(chunk);
  }

  protected onReturned(value: unknown): void {
    this.finish(value);
  }

  protected onStreamEnd(returnValue: unknown, endTime?: number): void {
    const { chunks } = this;
    if (chunks === undefined) return this.finish(returnValue, endTime);
    if (returnValue !== undefined) this.note('returned', returnValue);
    this.finish(this.resultOf(chunks), endTime);
  }

  protected onThrew(error: unknown): void {
    this.begin();
    const { observation, chunks } = this;
    const { captureOutput = true } = this.options;
    // A selector is for complete results, and may be there to hide something.
    if (chunks && captureOutput === true) {
      observation?.update({ output: this.resultOf(chunks) });
    }
    observation?.fail(error).end();
    this.chunks = undefined;
  }

  protected onHandedOver(): void {
    this.begin();
    this.observation?.end();
  }

  private finish(result: unknown, endTime?: number): void {
    this.begin();
    this.chunks = undefined;
    const { observation } = this;
    if (observation === undefined) return;
    const { captureOutput = true, onResult } = this.options;
    if (captureOutput !== false) {
      const output =
        captureOutput === true
          ? result
          : guarded(() => captureOutput(result), threwMark);
      observation.update({ output });
    }
    if (onResult) {
      const found = guarded(
        () => onResult(result, observation),
        (error) => this.note('langfuse_threw.onResult', threwMark(error)),
      );
      if (found) observation.update(found);
    }
    observation.end(endTime);
  }

  private resultOf(chunks: Chunks): unknown {
    const { reduce } = this.options;
    if (!reduce) return chunks.output();
    if (chunks.missing) this.note('langfuse_chunks', chunks.missing);
    return guarded(() => reduce([...chunks.all]), threwMark);
  }

  private note(key: string, value: unknown): void {
    this.observation?.update({ metadata: { [key]: value } });
  }
}

function nearestTo(scope: Scope): Scope {
  return scope instanceof TracedCall ? scope.nearest : scope;
}
