import { describeOption, type KeyName } from './options/index.js';

export const TRACING_OFF_WITHOUT_KEYS = (missing: readonly KeyName[]) =>
  'Tracing is off, the application runs without it: ' +
  missing.map(describeOption).join(' and ') +
  ' missing. Set what is missing, or set enabled: false ' +
  '(LANGFUSE_TRACING_ENABLED=false) to say that this is intended.';

export const SECOND_ROOT = (count: number) =>
  `LangfuseModule: the results of ${count} calls of forRoot() or forRootAsync() ` +
  'are imported in this application. Call it once, in the root module; it is ' +
  'global, so all other modules see it.';

export const ASYNC_WITHOUT_FACTORY =
  'LangfuseModule.forRootAsync() was called without useFactory, useClass and ' +
  'useExisting. Give it one of them, or use forRoot() for options that are ' +
  'known at once.';

export const BAD_TRACE_REQUESTS = (value: unknown) =>
  `LangfuseModule: traceRequests: ${String(value)} is not true, false or ` +
  "'middleware'; leave it out for false.";

export const MEDIA_IS_NOT_UPLOADED =
  'mediaUploadEnabled: true has no effect: LangfuseSpanProcessor does not ' +
  'upload media, and data URIs stay in the spans. Leave the option out.';

export const REGISTERED_ALREADY =
  'registerGlobally: true has no effect: an OpenTelemetry tracer provider is ' +
  'registered already, and libraries record there. To have their spans in ' +
  'Langfuse give it a LangfuseSpanProcessor, and leave the option out.';

export const NO_OTEL_CONTEXT =
  'A package of Langfuse that builds on @langfuse/tracing records here, but ' +
  'OpenTelemetry has no context manager. Without one propagateAttributes(), ' +
  'updateActiveObservation() and nesting within observe() of that package have ' +
  'no effect, nor have userId, sessionId and tags of observeOpenAI() and of ' +
  "LangChain's CallbackHandler. Set registerGlobally: true if you use these, or " +
  'use the methods of LangfuseService.';
