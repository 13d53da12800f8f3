/**
 * Tells when a trace is complete enough to be looked at: its root has arrived
 * and nothing new came for a while. A root usually comes last, but batches of
 * the same trace may overtake each other.
 */
import type { LocalTrace } from './records.js';

/** How the watch reads traces and what it does with them. */
export interface TraceWatchOptions {
  /** Milliseconds without news. */
  readonly quietMs: number;
  /** Whether a trace is reported again when more of it arrives later. */
  readonly repeat: boolean;
  /** How many reported traces are remembered at most. */
  readonly maxTraces: number;
  readonly read: (traceId: string) => LocalTrace | undefined;
  readonly report: (trace: LocalTrace) => void;
}

export class TraceWatch {
  readonly #options: TraceWatchOptions;
  readonly #timers = new Map<string, NodeJS.Timeout>();
  readonly #reported = new Set<string>();

  constructor(options: TraceWatchOptions) {
    this.#options = options;
  }

  /** Something of this trace has arrived. */
  touch(traceId: string): void {
    const timer = this.#timers.get(traceId);
    if (timer !== undefined) {
      timer.refresh();
    } else if (this.#options.repeat || !this.#reported.has(traceId)) {
      this.#timers.set(
        traceId,
        setTimeout(() => this.#settle(traceId), this.#options.quietMs).unref(),
      );
    }
  }

  /** Reports at once what is waiting for quiet; for the end. */
  flush(): void {
    for (const traceId of this.#timers.keys()) {
      this.#settle(traceId);
    }
  }

  #settle(traceId: string): void {
    clearTimeout(this.#timers.get(traceId));
    this.#timers.delete(traceId);
    const trace = this.#options.read(traceId);
    if (trace?.root === undefined) {
      return;
    }
    this.#remember(traceId);
    this.#options.report(trace);
  }

  #remember(traceId: string): void {
    this.#reported.add(traceId);
    for (const oldest of this.#reported) {
      if (this.#reported.size <= this.#options.maxTraces) {
        return;
      }
      this.#reported.delete(oldest);
    }
  }
}
