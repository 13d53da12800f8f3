import { Logger } from '@nestjs/common';
import { LOG_CONTEXT } from './langfuse.constants.js';
import { createRuntime } from './langfuse.runtime.js';
import { type LangfuseModuleOptions, resolveOptions } from './options/index.js';
import type { LangfuseQueue } from './queue/index.js';

/**
 * A queue without Nest's dependency injection. Options and environment
 * variables are those of the module. Nobody drains it but you: it does not keep
 * the process alive, so end with `await queue.shutdown()`.
 *
 * @throws LangfuseOptionsError with all invalid options in one message
 * @publicApi
 */
export function createLangfuseQueue(
  options?: LangfuseModuleOptions,
): LangfuseQueue {
  const logger = new Logger(LOG_CONTEXT);
  return createRuntime(resolveOptions(options, process.env), logger).queue;
}
