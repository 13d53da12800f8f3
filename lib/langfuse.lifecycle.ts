import {
  type BeforeApplicationShutdown,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
  type OnModuleInit,
} from '@nestjs/common';
import { metrics } from '@opentelemetry/api';
import { drainBeforeExit } from './langfuse.before-exit.js';
import {
  LOG_CONTEXT,
  SDK_NAME,
  SDK_VERSION,
  SHUTDOWN_MESSAGE,
} from './langfuse.constants.js';
import { NO_METRICS } from './langfuse.messages.js';
import { admitLibraries } from './langfuse.open-telemetry.js';
import type { LangfuseRuntime } from './langfuse.runtime.js';
import type { Projects } from './observe/index.js';
import { registerQueueMetrics } from './operate/index.js';
import { systemClock, type Timer } from './queue/index.js';

/**
 * Lets other libraries record while the application runs, and drains the queue
 * when it ends. It installs no signal handler and never ends the process: that
 * is Nest's and the application's business.
 *
 * No hook here rejects, and each is bounded by `shutdownTimeoutMs`, since Nest
 * waits for hooks without a limit.
 */
@Injectable()
export class LangfuseLifecycle
  implements
    OnModuleInit,
    OnApplicationBootstrap,
    BeforeApplicationShutdown,
    OnApplicationShutdown
{
  private lastCall: Timer | undefined;
  private forgetExit: (() => void) | undefined;
  private shutLibrariesOut: (() => void) | undefined;
  private endMetrics: (() => void) | undefined;

  constructor(
    private readonly runtime: LangfuseRuntime,
    private readonly projects: Projects,
  ) {}

  onModuleInit(): void {
    const { queue, recorder, options, isInMemory } = this.runtime;
    const logger = new Logger(LOG_CONTEXT);
    if (this.projects.isFirst(recorder)) {
      this.shutLibrariesOut = admitLibraries(this.runtime, logger);
    }
    if (isInMemory) return;
    this.forgetExit = drainBeforeExit({
      queue,
      timeoutMs: options.shutdownTimeoutMs,
      // The event loop is empty: who is still open will not end any more.
      prepare: () => recorder.endOpen(SHUTDOWN_MESSAGE),
    });
  }

  /** A meter provider that a module of the application registers is there now. */
  onApplicationBootstrap(): void {
    const { queue, recorder, options, isInMemory, verifyKeys } = this.runtime;
    if (options.verifyOnBoot) void verifyKeys();
    if (!options.metrics || !recorder.isEnabled || isInMemory) return;
    try {
      const meter = metrics.getMeter(SDK_NAME, SDK_VERSION);
      this.endMetrics = registerQueueMetrics(queue, options, meter);
    } catch (error) {
      // The application's meter provider is no reason for it not to start.
      new Logger(LOG_CONTEXT).warn(NO_METRICS(error));
    }
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
      if (this.runtime.isLast()) recorder.endOpen(SHUTDOWN_MESSAGE);
      void queue.flush();
    });
  }

  /** Requests have ended; nothing is recorded any more. */
  async onApplicationShutdown(): Promise<void> {
    const { queue, recorder, options } = this.runtime;
    this.lastCall?.cancel();
    this.forgetExit?.();
    this.shutLibrariesOut?.();
    if (this.runtime.leave()) {
      recorder.endOpen(SHUTDOWN_MESSAGE);
      await queue.shutdown();
    } else {
      await queue.flush({ timeoutMs: options.shutdownTimeoutMs });
    }
    try {
      this.endMetrics?.();
    } catch {
      // Nobody collects any more.
    }
  }
}
