import {
  describeOption,
  describeValue,
  type KeyName,
} from './options/index.js';

export const TRACING_OFF_WITHOUT_KEYS = (missing: readonly KeyName[]) =>
  'Tracing is off, the application runs without it: ' +
  missing.map(describeOption).join(' and ') +
  ' missing. Set what is missing, or set enabled: false ' +
  '(LANGFUSE_TRACING_ENABLED=false) to say that this is intended.';

export const PROJECT_OFF_WITHOUT_KEYS = (
  name: string,
  missing: readonly KeyName[],
) =>
  `Tracing into the project '${name}' is off, the application runs without it: ` +
  `${missing.join(' and ')} missing. Give them to the LangfuseModule of that ` +
  'name (LANGFUSE_PUBLIC_KEY and LANGFUSE_SECRET_KEY are those of the module ' +
  'without a name), or set its enabled: false to say that this is intended.';

export const UNUSED_PLATFORM_VARIABLE = (problem: string) =>
  `${problem}. The platform set it, so it is left out; set the option to choose a value.`;

export const SECOND_ROOT = (name: string | undefined) =>
  'LangfuseModule: the results of two calls of forRoot() or forRootAsync() ' +
  (name === undefined ? '' : `with name: '${name}' `) +
  'are imported in this application. Call it once, in the root module; it is ' +
  'global, so all other modules see it. For a second project give it a name.';

export const BAD_PROJECT_NAME = (value: unknown) =>
  `LangfuseModule: name: ${describeValue(value)} is no text or empty; give a ` +
  'name, or leave it out where the application records into one project.';

export const ONLY_WITHOUT_NAME = (name: string) =>
  `it is for the LangfuseModule without a name, and this is that of '${name}'; ` +
  'leave it out here.';

export const SECOND_TRACE_REQUESTS = (name: string | undefined) =>
  `LangfuseModule: traceRequests ${name === undefined ? '' : `(name: '${name}') `}` +
  'is set in two modules of Langfuse. A request belongs to one trace, and so to ' +
  'one project: set it in one of them.';

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

export const NO_METRICS = (error: unknown) =>
  `The metrics of the queue are not recorded: OpenTelemetry's meter provider threw ${String(error)}.`;

export const NO_OTEL_CONTEXT =
  'A package of Langfuse that builds on @langfuse/tracing records here, but ' +
  'OpenTelemetry has no context manager. Without one propagateAttributes(), ' +
  'updateActiveObservation() and nesting within observe() of that package have ' +
  'no effect, nor have userId, sessionId and tags of observeOpenAI() and of ' +
  "LangChain's CallbackHandler. Set registerGlobally: true if you use these, or " +
  'use the methods of LangfuseService.';
