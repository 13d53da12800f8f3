import {
  ConfigurableModuleBuilder,
  type InjectionToken,
  type Provider,
} from '@nestjs/common';
import { APP_INTERCEPTOR } from '@nestjs/core';
import { PROJECT_NAME, TRACE_REQUESTS } from './langfuse.constants.js';
import { BAD_PROJECT_NAME, BAD_TRACE_REQUESTS } from './langfuse.messages.js';
import {
  getLangfuseQueueToken,
  getLangfuseToken,
  LangfuseInterceptor,
  LangfuseService,
  Recorder,
  recorderToken,
  RequestTracing,
  type TraceRequests,
} from './observe/index.js';
import type { LangfuseModuleOptions } from './options/index.js';
import { LangfuseQueue } from './queue/index.js';

/**
 * Settings that shape the module itself. In `forRootAsync()` they stand beside
 * the factory and not in its result: modules are built before factories run.
 *
 * @publicApi
 */
export interface LangfuseModuleExtras {
  /**
   * Whether all modules see the providers without importing the module.
   * @default true
   */
  isGlobal?: boolean;
  /**
   * For an application that records into several projects of Langfuse: one
   * module each, all but one with a name. A named one is addressed as
   * `@InjectLangfuse(name)`, `@Trace({ project: name })` and
   * `getLangfuseToken(name)`. Its keys are options: the variables
   * `LANGFUSE_PUBLIC_KEY` and `LANGFUSE_SECRET_KEY` are not its own.
   *
   * At shutdown the projects are drained one after the other, each within its
   * `shutdownTimeoutMs`.
   */
  name?: string;
  /**
   * Which requests are recorded: `true` those that reach a handler (HTTP,
   * GraphQL, microservice, WebSocket), `'middleware'` also HTTP requests that a
   * guard turns away, `false` those that `@UseInterceptors(LangfuseInterceptor)`
   * is for.
   *
   * Not all by default: most requests of most applications have nothing to do
   * with a model, and Langfuse counts and shows each one as a trace.
   *
   * A microservice of a hybrid application also needs
   * `connectMicroservice(options, { inheritAppConfig: true })`.
   *
   * @default false
   */
  traceRequests?: TraceRequests;
}

/** Makes options; for `useClass` and `useExisting`. @publicApi */
export interface LangfuseOptionsFactory {
  /** Called once, when the application starts. */
  createLangfuseOptions():
    Promise<LangfuseModuleOptions> | LangfuseModuleOptions;
}

export const {
  ConfigurableModuleClass,
  MODULE_OPTIONS_TOKEN,
  OPTIONS_TYPE,
  ASYNC_OPTIONS_TYPE,
} = new ConfigurableModuleBuilder<LangfuseModuleOptions>({
  moduleName: 'Langfuse',
})
  .setClassMethodName('forRoot')
  .setFactoryMethodName('createLangfuseOptions')
  .setExtras<LangfuseModuleExtras>(
    { isGlobal: true, traceRequests: false, name: undefined },
    (definition, { isGlobal, traceRequests, name }) => {
      const { providers, exports } = projectOf(name);
      return {
        ...definition,
        global: isGlobal,
        providers: [
          ...(definition.providers ?? []),
          ...requestProviders(traceRequests),
          ...providers,
        ],
        exports: [...(definition.exports ?? []), ...exports],
      };
    },
  )
  .build();

/** What the other modules see, under the names of the project. */
function projectOf(name: string | undefined): {
  providers: Provider[];
  exports: InjectionToken[];
} {
  if (name === undefined) {
    return {
      providers: [],
      exports: [
        LangfuseQueue,
        LangfuseService,
        LangfuseInterceptor,
        Recorder,
        RequestTracing,
      ],
    };
  }
  if (typeof name !== 'string' || name === '') {
    throw new Error(BAD_PROJECT_NAME(name));
  }
  const aliases = [
    { provide: getLangfuseToken(name), useExisting: LangfuseService },
    { provide: getLangfuseQueueToken(name), useExisting: LangfuseQueue },
    { provide: recorderToken(name), useExisting: Recorder },
  ];
  return {
    providers: [{ provide: PROJECT_NAME, useValue: name }, ...aliases],
    exports: aliases.map(({ provide }) => provide),
  };
}

function requestProviders(traceRequests: TraceRequests = false): Provider[] {
  if (![true, false, 'middleware'].includes(traceRequests)) {
    throw new Error(BAD_TRACE_REQUESTS(traceRequests));
  }
  if (traceRequests === false) return [];
  return [
    { provide: TRACE_REQUESTS, useValue: traceRequests },
    { provide: APP_INTERCEPTOR, useExisting: LangfuseInterceptor },
  ];
}
