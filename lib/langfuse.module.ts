import { type DynamicModule, Logger, Module } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import { LANGFUSE_RUNTIME, LOG_CONTEXT } from './langfuse.constants.js';
import { LangfuseLifecycle } from './langfuse.lifecycle.js';
import {
  ASYNC_WITHOUT_FACTORY,
  SECOND_ROOT,
  TRACING_OFF_WITHOUT_KEYS,
} from './langfuse.messages.js';
import {
  type ASYNC_OPTIONS_TYPE,
  ConfigurableModuleClass,
  MODULE_OPTIONS_TOKEN,
  type OPTIONS_TYPE,
} from './langfuse.module-definition.js';
import { createRuntime, type LangfuseRuntime } from './langfuse.runtime.js';
import {
  LangfuseInterceptor,
  LangfuseService,
  Recorder,
  TraceExplorer,
} from './observe/index.js';
import { type LangfuseModuleOptions, resolveOptions } from './options/index.js';
import { LangfuseQueue } from './queue/index.js';

/**
 * Langfuse tracing for a Nest application. Import it once, in the root module.
 *
 * @publicApi
 */
@Module({
  providers: [
    {
      provide: LANGFUSE_RUNTIME,
      inject: [MODULE_OPTIONS_TOKEN, ModulesContainer],
      useFactory: startRuntime,
    },
    part(LangfuseQueue, ({ queue }) => queue),
    part(LangfuseService, ({ service }) => service),
    part(Recorder, ({ recorder }) => recorder),
    part(LangfuseLifecycle, (runtime) => new LangfuseLifecycle(runtime)),
    LangfuseInterceptor,
    TraceExplorer,
  ],
  exports: [LangfuseQueue, LangfuseService, LangfuseInterceptor, Recorder],
})
export class LangfuseModule extends ConfigurableModuleClass {
  /**
   * Registers the module with options that are known at once. What is left out
   * is read from `LANGFUSE_*` environment variables.
   *
   * Without keys tracing is off and the application runs; invalid options throw
   * {@link LangfuseOptionsError} at start-up, all of them in one message.
   */
  static override forRoot(options: typeof OPTIONS_TYPE = {}): DynamicModule {
    return super.forRoot(options);
  }

  /**
   * Registers the module with options from a factory (`useFactory`, `useClass`
   * or `useExisting`), for instance from `@nestjs/config`:
   * `forRootAsync(langfuseConfig.asProvider())`.
   */
  static override forRootAsync(
    options: typeof ASYNC_OPTIONS_TYPE,
  ): DynamicModule {
    if (!options.useFactory && !options.useClass && !options.useExisting) {
      throw new Error(ASYNC_WITHOUT_FACTORY);
    }
    return super.forRootAsync(options);
  }
}

function startRuntime(
  given: LangfuseModuleOptions,
  modules: ModulesContainer,
): LangfuseRuntime {
  const roots = [...modules.values()].filter(
    ({ metatype }) => metatype === LangfuseModule,
  ).length;
  if (roots > 1) throw new Error(SECOND_ROOT(roots));
  const logger = new Logger(LOG_CONTEXT);
  const options = resolveOptions(given, process.env);
  const { tracing } = options;
  if (!tracing.on && tracing.reason === 'missing-keys') {
    logger.warn(TRACING_OFF_WITHOUT_KEYS(tracing.missing));
  }
  return createRuntime(options, logger);
}

function part<T>(
  provide: abstract new (...args: never[]) => T,
  useFactory: (runtime: LangfuseRuntime) => T,
) {
  return { provide, inject: [LANGFUSE_RUNTIME], useFactory };
}
