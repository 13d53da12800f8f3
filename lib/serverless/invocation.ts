/** One invocation of a function: when it has ended, and who waits for its flush. */
import {
  findWaitUntil,
  isHead,
  remainingTimeMs,
  responseSent,
  type WaitUntil,
} from './platform.js';
import {
  isUnreadResponse,
  type UnreadResponse,
  withBodyEnd,
} from './streamed-response.js';

/** So much of AWS Lambda's remaining time is left to hand over the result. */
const SAFETY_MARGIN_MS = 500;

/** Beyond this Node's timers fire at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * What is flushed: `LangfuseQueue`, `LangfuseService`, or anything of yours that
 * resolves once what was recorded is delivered.
 *
 * @publicApi
 */
export interface FlushTarget {
  /** `timeoutMs`: milliseconds after which nobody waits any more. */
  flush(options: { readonly timeoutMs: number }): Promise<unknown>;
}

/** How invocations are flushed. */
export interface FlushSettings {
  readonly flushTimeoutMs: number;
  readonly waitUntil: WaitUntil | undefined;
  /** Hears of a flush that threw, which `LangfuseQueue` never does. */
  readonly onError: (error: unknown) => void;
}

export class Invocation {
  constructor(
    private readonly args: readonly unknown[],
    private readonly target: FlushTarget,
    private readonly settings: FlushSettings,
  ) {}

  /** After an error of the handler. Never rejects. */
  async failed(): Promise<void> {
    await this.finish(this.flush());
  }

  /**
   * After the handler's result, which it resolves to; a response that is still
   * being streamed is replaced by its copy. Never rejects.
   */
  async returned<Result>(result: Result): Promise<Result> {
    if (isUnreadResponse(result) && !isHead(this.args)) {
      return this.flushAfterBody(result);
    }
    await this.finish(responseSent(this.args).then(() => this.flush()));
    return result;
  }

  private flushAfterBody<R extends UnreadResponse>(response: R): R {
    let bodyEnded = () => {};
    const flushed = new Promise<void>((resolve) => {
      bodyEnded = resolve;
    }).then(() => this.flush());
    const isAwaited = this.isAwaited(flushed);
    const copy = withBodyEnd(response, () => {
      bodyEnded();
      return isAwaited ? undefined : flushed;
    });
    // Platforms want a Response; whatever a subclass adds is in its headers.
    return copy as R;
  }

  private async finish(work: Promise<void>): Promise<void> {
    if (!this.isAwaited(work)) await work;
  }

  /** Hands `work` to the platform, if it has a way to wait for it. */
  private isAwaited(work: Promise<void>): boolean {
    try {
      const waitUntil = this.settings.waitUntil ?? findWaitUntil(this.args);
      waitUntil?.(work);
      return waitUntil !== undefined;
    } catch {
      // `after` of Next.js throws outside of a request.
      return false;
    }
  }

  /** Never rejects, and resolves in time whatever the target does. */
  private flush(): Promise<void> {
    const timeoutMs = this.timeoutMs();
    return new Promise((resolve) => {
      const deadline = setTimeout(resolve, timeoutMs);
      const flushed = () => {
        clearTimeout(deadline);
        resolve();
      };
      (async () => this.target.flush({ timeoutMs }))().then(
        flushed,
        (error: unknown) => {
          this.settings.onError(error);
          flushed();
        },
      );
      if (timeoutMs === 0) flushed();
    });
  }

  private timeoutMs(): number {
    const { flushTimeoutMs } = this.settings;
    const left = remainingTimeMs(this.args) - SAFETY_MARGIN_MS;
    return Math.max(0, Math.min(flushTimeoutMs, left, LONGEST_TIMER_MS));
  }
}
