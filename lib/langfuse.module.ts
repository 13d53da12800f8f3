import {
  type DynamicModule,
  Inject,
  Module,
  type NestModule,
  Optional,
} from '@nestjs/common';
import { HttpAdapterHost, ModulesContainer } from '@nestjs/core';
import {
  LANGFUSE_RUNTIME,
  LANGFUSE_START_RUNTIME,
  PROJECT_NAME,
  TRACE_REQUESTS,
} from './langfuse.constants.js';
import { LangfuseLifecycle } from './langfuse.lifecycle.js';
import {
  ASYNC_WITHOUT_FACTORY,
  SECOND_TRACE_REQUESTS,
} from './langfuse.messages.js';
import {
  type ASYNC_OPTIONS_TYPE,
  ConfigurableModuleClass,
  MODULE_OPTIONS_TOKEN,
  type OPTIONS_TYPE,
} from './langfuse.module-definition.js';
import type { LangfuseRuntime } from './langfuse.runtime.js';
import { startProject } from './langfuse.start.js';
import {
  enterAllRequests,
  Projects,
  TraceExplorer,
  type TraceRequests,
} from './observe/index.js';

/**
 * Langfuse tracing for a Nest application. Import it once, in the root module;
 * for several projects of Langfuse once for each, all but one with a `name`.
 *
 * @publicApi
 */
@Module({
  providers: [
    {
      provide: Projects,
      inject: [ModulesContainer],
      useFactory: Projects.of,
    },
    {
      provide: LANGFUSE_RUNTIME,
      inject: [
        MODULE_OPTIONS_TOKEN,
        Projects,
        { token: PROJECT_NAME, optional: true },
        { token: LANGFUSE_START_RUNTIME, optional: true },
      ],
      useFactory: startProject,
    },
    {
      provide: LangfuseLifecycle,
      inject: [LANGFUSE_RUNTIME, Projects],
      useFactory: createLifecycle,
    },
    {
      provide: TraceExplorer,
      inject: [LANGFUSE_RUNTIME, Projects, ModulesContainer],
      useFactory: createExplorer,
    },
  ],
})
export class LangfuseModule
  extends ConfigurableModuleClass
  implements NestModule
{
  constructor(
    @Inject(LANGFUSE_RUNTIME) private readonly runtime: LangfuseRuntime,
    private readonly adapterHost: HttpAdapterHost,
    @Optional()
    @Inject(TRACE_REQUESTS)
    private readonly traceRequests: Exclude<TraceRequests, false> | undefined,
    projects: Projects,
    @Optional() @Inject(PROJECT_NAME) name?: string,
  ) {
    super();
    if (traceRequests !== undefined && !projects.takeRequests(name)) {
      throw new Error(SECOND_TRACE_REQUESTS(name));
    }
  }

  /** Nest calls it while the application has no routes yet. @internal */
  configure(): void {
    const { runtime, adapterHost, traceRequests } = this;
    const { requests, recorder } = runtime;
    if (traceRequests === undefined || !recorder.isEnabled) return;
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

function createLifecycle(
  runtime: LangfuseRuntime,
  projects: Projects,
): LangfuseLifecycle {
  return new LangfuseLifecycle(runtime, projects);
}

function createExplorer(
  { recorder }: LangfuseRuntime,
  projects: Projects,
  modules: ModulesContainer,
): TraceExplorer {
  return new TraceExplorer(modules, projects, recorder);
}
