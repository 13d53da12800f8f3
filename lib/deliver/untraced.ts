import { AsyncResource } from 'node:async_hooks';
import { context, createContextKey } from '@opentelemetry/api';

/**
 * The key by which OpenTelemetry's instrumentations leave a request alone
 * (`suppressTracing` of `@opentelemetry/core`; keys are made by name).
 */
const SUPPRESS_TRACING = createContextKey(
  'OpenTelemetry SDK Context Key SUPPRESS_TRACING',
);

/**
 * Made at load time, so outside of any request of the application: a socket
 * that is opened while a request is served would otherwise keep that request's
 * async context, and all that hangs on it, for the life of the socket.
 */
const outside = new AsyncResource('nestjs-langfuse');

/** Runs `fn` outside of any request and unseen by OpenTelemetry. */
export function untraced(fn: () => void): void {
  outside.runInAsyncScope(() => {
    context.with(context.active().setValue(SUPPRESS_TRACING, true), fn);
  });
}
