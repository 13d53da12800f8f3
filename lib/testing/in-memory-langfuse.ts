/** Starts the parts of the module so that all they record stays in memory. */
import {
  createRuntime,
  type LangfuseRuntime,
  type StartRuntime,
} from '../langfuse.runtime.js';
import type { ResolvedOptions } from '../options/index.js';
import { MemoryTransport } from './memory-transport.js';

/** What one application records. */
export class InMemoryLangfuse {
  readonly transport = new MemoryTransport();
  private readonly runtimes: LangfuseRuntime[] = [];

  /** Takes the place of what the module starts by itself. */
  readonly start: StartRuntime = (options, logger) => {
    const runtime = createRuntime(inMemory(options), logger, this.transport);
    this.runtimes.push(runtime);
    return runtime;
  };

  /** Waits for what is still being made: records that wait for a mask. */
  async flush(): Promise<void> {
    await Promise.all(this.runtimes.map(({ queue }) => queue.flush()));
  }
}

/**
 * What is recorded stays as the application has configured it. It arrives
 * within the call that ends it: each record is a batch of its own, and as many
 * as there are may be under way at once.
 */
function inMemory(options: ResolvedOptions): ResolvedOptions {
  const credentials = {
    publicKey: 'pk-lf-testing',
    secretKey: 'sk-lf-testing',
  };
  return {
    ...options,
    tracing: { on: true, credentials },
    sampleRate: 1,
    exportMode: 'immediate',
    maxConcurrency: Infinity,
    maxQueueSize: Infinity,
    maxQueueBytes: Infinity,
  };
}
