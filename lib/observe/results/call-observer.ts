import type { LangfuseObservation } from '../langfuse-observation.js';
import type { Scope } from '../active-scope.js';
import type { Recorder } from '../recorder.js';
import { RecordingSpan } from '../recording-span.js';
import { hrTimeOf } from '../timing.js';
import { isSettled } from './abandoned-results.js';
import type { ResultObserver } from './result-observer.js';

/**
 * Observes one call or one reading of its result: it ends once, and says of a
 * stream when its first chunk came and whether it was left early.
 *
 * Leaving early is how `take(1)`, `firstValueFrom()` and `break` work, so it is
 * no warning, unless the reader had nothing at all by then: that is how a
 * timeout or a cancelled request looks.
 */
export abstract class CallObserver implements ResultObserver {
  private isOver = false;
  private isStream = false;
  private chunkCount = 0;
  /** When the stream last gave something, by `performance.now()`. */
  private lastSign: number | undefined;

  constructor(protected readonly recorder: Recorder) {}

  abstract readonly hasBegun: boolean;
  abstract begin(): void;
  abstract another(): ResultObserver;

  /** What is in force for the producer. */
  protected abstract readonly scope: Scope;
  abstract readonly observation: LangfuseObservation | undefined;
  protected abstract onChunk(chunk: unknown): void;
  protected abstract onReturned(value: unknown): void;
  /** @param endTime - Now, where it is left out. */
  protected abstract onStreamEnd(returnValue: unknown, endTime?: number): void;
  protected abstract onThrew(error: unknown): void;
  protected abstract onHandedOver(): void;

  run<T>(fn: () => T): T {
    return this.recorder.run(this.scope, fn);
  }

  outside(): <T>(fn: () => T) => T {
    const { recorder } = this;
    const { scope } = recorder;
    return (fn) => recorder.run(scope, fn);
  }

  chunk(value: unknown): void {
    if (this.isOver) return;
    this.isStream = true;
    this.lastSign = performance.now();
    this.chunkCount += 1;
    if (this.chunkCount === 1) this.markFirstChunk();
    this.onChunk(value);
  }

  returned(value: unknown): void {
    if (this.close()) this.onReturned(value);
  }

  completed(returnValue?: unknown): void {
    this.isStream = true;
    if (this.close()) this.onStreamEnd(returnValue);
  }

  threw(error: unknown): void {
    if (this.close()) this.onThrew(error);
  }

  stopped(): void {
    this.isStream = true;
    if (!this.close()) return;
    this.observation?.update(
      this.chunkCount > 0
        ? { statusMessage: `stopped after ${this.chunkCountText()}` }
        : { level: 'WARNING', statusMessage: 'stopped before the first chunk' },
    );
    this.onStreamEnd(undefined);
  }

  handedOver(): void {
    if (this.close()) this.onHandedOver();
  }

  abandoned(): void {
    if (!this.close()) return;
    const read =
      this.chunkCount > 0
        ? `not read beyond ${this.chunkCountText()}`
        : 'never read';
    this.observation?.update({ statusMessage: `the result was ${read}` });
    this.onStreamEnd(undefined, this.lastSign);
  }

  private close(): boolean {
    if (this.isOver) return false;
    this.isOver = true;
    if (this.isStream) isSettled(this);
    return true;
  }

  private chunkCountText(): string {
    return this.chunkCount === 1 ? '1 chunk' : `${this.chunkCount} chunks`;
  }

  private markFirstChunk(): void {
    const span = this.observation?.otelSpan;
    if (!(span instanceof RecordingSpan)) return;
    // By the clock of the trace, and rounded up: never before the start.
    const [seconds, nanoseconds] = hrTimeOf(undefined, span.anchor);
    const ms = seconds * 1000 + Math.ceil(nanoseconds / 1e6);
    this.observation?.update({ completionStartTime: new Date(ms) });
  }
}
