/** Name under which the library writes log lines. */
export const LOG_CONTEXT = 'LangfuseModule';

/** This package, as the server is told. */
export const SDK_NAME = 'nestjs-langfuse';

/** Version of this package; a test holds it equal to package.json's. */
export const SDK_VERSION = '0.1.0';

/** Everything that one root module consists of. */
export const LANGFUSE_RUNTIME = 'LANGFUSE_RUNTIME';

/** The name of a module among several; undefined for the one without. */
export const PROJECT_NAME = 'LANGFUSE_PROJECT_NAME';

/** Optional: what starts the runtime in the place of `createRuntime()`. */
export const LANGFUSE_START_RUNTIME = 'LANGFUSE_START_RUNTIME';

/** Which requests are recorded without an interceptor of the application. */
export const TRACE_REQUESTS = 'LANGFUSE_TRACE_REQUESTS';

/** Status message of observations that a shutdown had to end. */
export const SHUTDOWN_MESSAGE = 'ended by application shutdown';

/** Status message of observations that were open when the process exited. */
export const EXIT_MESSAGE = 'ended by the exit of the process';
