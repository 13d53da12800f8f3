import { ConfigurableModuleBuilder, type Provider } from '@nestjs/common';
import { APP_INTERCEPTOR } from '@nestjs/core';
import { TRACE_REQUESTS } from './langfuse.constants.js';
import { BAD_TRACE_REQUESTS } from './langfuse.messages.js';
import { LangfuseInterceptor, type TraceRequests } from './observe/index.js';
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
    { isGlobal: true, traceRequests: false },
    (definition, { isGlobal, traceRequests }) => ({
      ...definition,
      global: isGlobal,
      providers: [
        ...(definition.providers ?? []),
        ...requestProviders(traceRequests),
      ],
    }),
  )
  .build();

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
