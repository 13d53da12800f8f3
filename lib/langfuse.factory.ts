import { Logger } from '@nestjs/common';
import { LOG_CONTEXT } from './langfuse.constants.js';
import { createRuntime } from './langfuse.runtime.js';
import { type LangfuseModuleOptions, resolveOptions } from './options/index.js';
import type { LangfuseQueue } from './queue/index.js';

/**
 * A queue without Nest's dependency injection: for scripts and tests. Options
 * and environment variables are those of the module.
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
