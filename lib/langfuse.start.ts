/** What a module starts: the runtime of the application's only project, or of one of several. */
import { Logger } from '@nestjs/common';
import { adoptSpanProcessor } from './langfuse.adoption.js';
import { LOG_CONTEXT } from './langfuse.constants.js';
import {
  ONLY_WITHOUT_NAME,
  PROJECT_OFF_WITHOUT_KEYS,
  SECOND_ROOT,
  TRACING_OFF_WITHOUT_KEYS,
} from './langfuse.messages.js';
import {
  createRuntime,
  type LangfuseRuntime,
  type StartRuntime,
} from './langfuse.runtime.js';
import type { Projects } from './observe/index.js';
import {
  type LangfuseModuleOptions,
  LangfuseOptionsError,
  resolveOptions,
} from './options/index.js';

/**
 * @param name of the module; undefined for the one without
 * @param start what makes the runtime in the place of `createRuntime()`
 * @throws LangfuseOptionsError for options that are invalid
 */
export function startProject(
  given: LangfuseModuleOptions,
  projects: Projects,
  name?: string,
  start?: StartRuntime,
): LangfuseRuntime {
  if (projects.find(name)) throw new Error(SECOND_ROOT(name));
  const runtime =
    name === undefined
      ? startRuntime(given, start)
      : startNamedRuntime(name, given, start);
  projects.add(name, runtime);
  return runtime;
}

function startRuntime(
  given: LangfuseModuleOptions,
  start?: StartRuntime,
): LangfuseRuntime {
  const logger = new Logger(LOG_CONTEXT);
  const options = resolveOptions(given, process.env);
  if (start) return start(options, logger);
  if (options.spanProcessor) return adoptSpanProcessor(given, options);
  const { tracing } = options;
  if (!tracing.on && tracing.reason === 'missing-keys') {
    logger.warn(TRACING_OFF_WITHOUT_KEYS(tracing.missing));
  }
  return createRuntime(options, logger);
}

/** There is one tracer provider in a process, and one pair of keys in its variables. */
function startNamedRuntime(
  name: string,
  given: LangfuseModuleOptions,
  start?: StartRuntime,
): LangfuseRuntime {
  const [first, ...others] = (['registerGlobally', 'spanProcessor'] as const)
    .filter((option) => (given as LangfuseModuleOptions | undefined)?.[option])
    .map((option) => ({ option, message: ONLY_WITHOUT_NAME(name) }));
  if (first) throw new LangfuseOptionsError([first, ...others]);
  const logger = new Logger(`${LOG_CONTEXT}:${name}`);
  const {
    LANGFUSE_PUBLIC_KEY: _publicKey,
    LANGFUSE_SECRET_KEY: _secretKey,
    ...env
  } = process.env;
  const options = resolveOptions(given, env);
  if (start) return start(options, logger);
  const { tracing } = options;
  if (!tracing.on && tracing.reason === 'missing-keys') {
    logger.warn(PROJECT_OFF_WITHOUT_KEYS(name, tracing.missing));
  }
  return createRuntime(options, logger);
}
