import {
  type BeforeApplicationShutdown,
  Injectable,
  type OnApplicationShutdown,
  type OnModuleInit,
} from '@nestjs/common';
import { SHUTDOWN_MESSAGE } from './langfuse.constants.js';
import type { LangfuseRuntime } from './langfuse.runtime.js';
import { systemClock, type Timer } from './queue/index.js';

/**
 * Drains the queue when the application ends. It installs no signal handler and
 * never ends the process: that is Nest's and the application's business.
 *
 * No hook here rejects, and each is bounded by `shutdownTimeoutMs`, since Nest
 * waits for hooks without a limit.
 */
@Injectable()
export class LangfuseLifecycle
  implements OnModuleInit, BeforeApplicationShutdown, OnApplicationShutdown
{
  private lastCall: Timer | undefined;

  constructor(private readonly runtime: LangfuseRuntime) {}

  onModuleInit(): void {
    process.on('beforeExit', this.drainBeforeExit);
  }

  /**
   * Requests still run, and end observations while they do. A client that keeps
   * its connection open (server-sent events) holds the next hook back for as
   * long as it likes, so after `shutdownTimeoutMs` what is there is sent.
   */
  beforeApplicationShutdown(): void {
    const { queue, recorder, options } = this.runtime;
    void queue.flush();
    this.lastCall = systemClock.after(options.shutdownTimeoutMs, () => {
      recorder.endOpen(SHUTDOWN_MESSAGE);
      void queue.flush();
    });
  }

  /** Requests have ended; nothing is recorded any more. */
  async onApplicationShutdown(): Promise<void> {
    const { queue, recorder } = this.runtime;
    this.lastCall?.cancel();
    process.off('beforeExit', this.drainBeforeExit);
    recorder.endOpen(SHUTDOWN_MESSAGE);
    await queue.shutdown();
  }

  /**
   * A script that ends by itself never closes its application. The event loop is
   * empty here, so who is still open will not end any more, and nobody will be
   * there to wait for a destination that is down: what it does not take within
   * `shutdownTimeoutMs` is dropped, which the log tells.
   */
  private readonly drainBeforeExit = (): void => {
    const { queue, recorder } = this.runtime;
    recorder.endOpen(SHUTDOWN_MESSAGE);
    const { queued, inFlight } = queue.stats();
    if (queued + inFlight === 0) return;
    void queue.shutdown();
  };
}
