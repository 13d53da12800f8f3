import {
  ConfigurableModuleBuilder,
  type InjectionToken,
  type Provider,
} from '@nestjs/common';
import { APP_INTERCEPTOR } from '@nestjs/core';
import {
  LANGFUSE_RUNTIME,
  PROJECT_NAME,
  TRACE_REQUESTS,
} from './langfuse.constants.js';
import { BAD_PROJECT_NAME, BAD_TRACE_REQUESTS } from './langfuse.messages.js';
import {
  getLangfuseQueueToken,
  getLangfuseToken,
  LangfuseInterceptor,
  recorderToken,
  RequestTracing,
  type TraceRequests,
} from './observe/index.js';
import type { LangfuseRuntime } from './langfuse.runtime.js';
import {
  getLangfuseHealthIndicatorToken,
  LangfuseHealthIndicator,
} from './operate/index.js';
import type { LangfuseModuleOptions } from './options/index.js';

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

/**
 * What the other modules see. A project with a name has nothing under the class
 * itself: `app.get(LangfuseService)` looks through all modules.
 */
function projectOf(name: string | undefined): {
  providers: Provider[];
  exports: InjectionToken[];
} {
  if (name !== undefined && (typeof name !== 'string' || name === '')) {
    throw new Error(BAD_PROJECT_NAME(name));
  }
  const parts = [
    part(getLangfuseQueueToken(name), ({ queue }) => queue),
    part(getLangfuseToken(name), ({ service }) => service),
    part(recorderToken(name), ({ recorder }) => recorder),
    part(
      getLangfuseHealthIndicatorToken(name),
      ({ queue, options }) => new LangfuseHealthIndicator(queue, options),
    ),
  ];
  if (name !== undefined) {
    return {
      providers: [{ provide: PROJECT_NAME, useValue: name }, ...parts],
      exports: parts.map(({ provide }) => provide),
    };
  }
  const all = [
    ...parts,
    part(LangfuseInterceptor, interceptorOf),
    // Nest makes an interceptor of its own for each `@UseInterceptors()`.
    part(RequestTracing, ({ requests }) => requests),
  ];
  return { providers: all, exports: all.map(({ provide }) => provide) };
}

function requestProviders(traceRequests: TraceRequests = false): Provider[] {
  if (![true, false, 'middleware'].includes(traceRequests)) {
    throw new Error(BAD_TRACE_REQUESTS(traceRequests));
  }
  if (traceRequests === false) return [];
  return [
    { provide: TRACE_REQUESTS, useValue: traceRequests },
    part(APP_INTERCEPTOR, interceptorOf),
  ];
}

function interceptorOf({ requests }: LangfuseRuntime): LangfuseInterceptor {
  return new LangfuseInterceptor(requests);
}

function part<T>(
  provide: InjectionToken,
  useFactory: (runtime: LangfuseRuntime) => T,
) {
  return { provide, inject: [LANGFUSE_RUNTIME], useFactory };
}
