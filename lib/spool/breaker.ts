import type { Clock } from '../queue/index.js';

/**
 * From when on to ask a disk again that has refused. File handles come back
 * within seconds, a full disk takes a person; to ask costs one system call.
 */
const FIRST_RETRY_MS = 1_000;
const MAX_RETRY_MS = 30_000;

/** Who wants to know of a change. */
export interface BreakerListener {
  failing(cause: string): void;
  working(): void;
}

/**
 * Keeps a disk that refuses from being asked for each record: once it has
 * refused, one attempt per back-off finds out whether it still does.
 */
export class Breaker {
  private retryMs = 0;
  private retryAt = 0;

  constructor(
    private readonly clock: Clock,
    private readonly listener: BreakerListener,
  ) {}

  /** Whether the last attempt succeeded, or there was none. */
  get isWorking(): boolean {
    return this.retryMs === 0;
  }

  /** Whether an attempt may be made now. */
  mayTry(): boolean {
    return this.isWorking || this.clock.now() >= this.retryAt;
  }

  succeeded(): void {
    if (this.isWorking) return;
    this.retryMs = 0;
    this.listener.working();
  }

  failed(error: unknown): void {
    const wasWorking = this.isWorking;
    this.retryMs = Math.min(
      wasWorking ? FIRST_RETRY_MS : 2 * this.retryMs,
      MAX_RETRY_MS,
    );
    this.retryAt = this.clock.now() + this.retryMs;
    if (wasWorking) this.listener.failing(causeOf(error));
  }
}

/** One line for the log. */
export function causeOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
