import { messageOf } from '../message-of.js';
import type { Scope } from '../active-scope.js';
import type { Recorder } from '../recorder.js';
import type { RecordingSpan } from '../recording-span.js';
import { recordFailure } from './failure.js';
import type { HttpExchange } from './http-exchange.js';
import { RequestScope, type RequestStart } from './request-scope.js';
import type { ResponseOutput } from './response-output.js';

/** Whether requests are recorded that reach no handler, and which of them. */
export type RecordsUnhandled = (routes: readonly string[]) => boolean;

/**
 * One HTTP request. Its observation ends with the response, when exception
 * filters have had their say: the status is what the client sees.
 */
export class HttpRequest extends RequestScope {
  private readonly startTime = performance.now();
  private failure: { readonly error: unknown } | undefined;
  /** What is sent in parts: its status is sent long before its end. */
  private stream: ResponseOutput | undefined;
  private statusSaysAll = true;
  private isWaiting = false;
  private isEntered = false;

  /** @param recordsUnhandled - Default: what reaches no handler is not recorded. */
  constructor(
    recorder: Recorder,
    around: Scope,
    readonly exchange: HttpExchange,
    private recordsUnhandled?: RecordsUnhandled,
  ) {
    super(recorder, around);
    if (recordsUnhandled) this.waitForEnd();
  }

  /** Who looks for the active observation before the handler begins it. */
  override get span(): RecordingSpan | undefined {
    if (this.isEntered && !this.hasBegun) this.beginUnhandled();
    return super.span;
  }

  /** Runs all that handles the request. */
  enter<T>(fn: () => T): T {
    return this.recorder.run(this, () => {
      this.isEntered = true;
      return fn();
    });
  }

  /** It is not to be recorded; what has begun all the same ends as it is. */
  leaveOut(): void {
    this.recordsUnhandled = undefined;
  }

  override begin(start: RequestStart): void {
    const { startTime } = this;
    super.begin(this.recordsUnhandled ? { ...start, startTime } : start);
    this.waitForEnd();
  }

  streams(output: ResponseOutput): void {
    this.stream = output;
    this.statusSaysAll = false;
  }

  /** The fields of a GraphQL operation can fail below a status of 200. */
  answersFields(): void {
    this.statusSaysAll = false;
  }

  failed(error: unknown): void {
    this.failure ??= { error };
  }

  /** What no route takes reaches no guard either: scanners, files, mistakes. */
  private beginUnhandled(): void {
    const { method, path, route } = this.exchange;
    const declared = route();
    const routes = declared === undefined ? [path] : [declared, path];
    if (!this.recordsUnhandled?.(routes)) return;
    this.begin({
      // As OpenTelemetry names requests: there is no end of paths.
      name: declared === undefined ? method : `${method} ${declared}`,
      attributes: { metadata: { method, path, route: declared } },
    });
  }

  private waitForEnd(): void {
    if (this.isWaiting) return;
    this.isWaiting = true;
    this.exchange.onEnd(() => this.end());
  }

  private end(): void {
    const { exchange } = this;
    if (!this.hasBegun && exchange.route() !== undefined) this.beginUnhandled();
    const { observation } = this;
    if (!observation) return;
    const status = exchange.status();
    observation.update({ metadata: { status } });
    // Nest stops a stream only after this, when its client has left.
    if (this.stream) observation.update({ output: this.stream.value() });
    this.judge(observation, status);
    observation.end();
  }

  private judge(
    observation: NonNullable<HttpRequest['observation']>,
    status: number,
  ): void {
    const { failure } = this;
    const isComplete = this.exchange.isComplete();
    if (status >= 500) {
      if (failure) observation.fail(failure.error);
      else observation.update({ level: 'ERROR', statusMessage: says(status) });
    } else if (failure && !(this.statusSaysAll && isComplete)) {
      recordFailure(observation, failure.error);
    } else if (!isComplete) {
      const statusMessage = 'the client closed the connection';
      observation.update({ level: 'WARNING', statusMessage });
    } else if (failure) {
      const statusMessage = messageOf(failure.error);
      observation.update({ level: 'WARNING', statusMessage });
    } else if (status >= 400) {
      observation.update({ level: 'WARNING', statusMessage: says(status) });
    }
  }
}

function says(status: number): string {
  return `HTTP ${status}`;
}
