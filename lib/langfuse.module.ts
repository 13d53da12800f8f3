import {
  type DynamicModule,
  Inject,
  Logger,
  Module,
  type NestModule,
  Optional,
} from '@nestjs/common';
import { HttpAdapterHost, ModulesContainer } from '@nestjs/core';
import {
  LANGFUSE_RUNTIME,
  LANGFUSE_START_RUNTIME,
  LOG_CONTEXT,
  TRACE_REQUESTS,
} from './langfuse.constants.js';
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
import { adoptSpanProcessor } from './langfuse.adoption.js';
import {
  createRuntime,
  type LangfuseRuntime,
  type StartRuntime,
} from './langfuse.runtime.js';
import {
  enterAllRequests,
  LangfuseInterceptor,
  LangfuseService,
  Recorder,
  RequestTracing,
  TraceExplorer,
  type TraceRequests,
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
      inject: [
        MODULE_OPTIONS_TOKEN,
        ModulesContainer,
        { token: LANGFUSE_START_RUNTIME, optional: true },
      ],
      useFactory: startRuntime,
    },
    part(LangfuseQueue, ({ queue }) => queue),
    part(LangfuseService, ({ service }) => service),
    part(Recorder, ({ recorder }) => recorder),
    part(RequestTracing, ({ requests }) => requests),
    part(LangfuseLifecycle, (runtime) => new LangfuseLifecycle(runtime)),
    LangfuseInterceptor,
    TraceExplorer,
  ],
  exports: [
    LangfuseQueue,
    LangfuseService,
    LangfuseInterceptor,
    Recorder,
    RequestTracing,
  ],
})
export class LangfuseModule
  extends ConfigurableModuleClass
  implements NestModule
{
  constructor(
    private readonly requests: RequestTracing,
    private readonly adapterHost: HttpAdapterHost,
    @Optional()
    @Inject(TRACE_REQUESTS)
    private readonly traceRequests: Exclude<TraceRequests, false> | undefined,
  ) {
    super();
  }

  /** Nest calls it while the application has no routes yet. @internal */
  configure(): void {
    const { requests, adapterHost, traceRequests } = this;
    if (traceRequests === undefined || !requests.recorder.isOn) return;
    enterAllRequests(adapterHost, requests, traceRequests);
  }

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
  start?: StartRuntime,
): LangfuseRuntime {
  const roots = [...modules.values()].filter(
    ({ metatype }) => metatype === LangfuseModule,
  ).length;
  if (roots > 1) throw new Error(SECOND_ROOT(roots));
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

function part<T>(
  provide: abstract new (...args: never[]) => T,
  useFactory: (runtime: LangfuseRuntime) => T,
) {
  return { provide, inject: [LANGFUSE_RUNTIME], useFactory };
}
