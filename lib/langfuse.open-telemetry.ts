import { NO_OTEL_CONTEXT, REGISTERED_ALREADY } from './langfuse.messages.js';
import type { LangfuseRuntime } from './langfuse.runtime.js';
import {
  hasContextManager,
  offerToOfficialPackages,
  registerAsGlobal,
} from './otel/index.js';

/**
 * Lets other libraries in: Langfuse's own packages always, those that look for
 * OpenTelemetry's globals with `registerGlobally`.
 *
 * @returns what shuts them out again
 */
export function admitLibraries(
  { recorder, tracers, options }: LangfuseRuntime,
  logger: { warn(message: string): void },
): () => void {
  if (!recorder.isEnabled) return () => undefined;
  let deregister: (() => void) | undefined;
  if (options.registerGlobally) {
    deregister = registerAsGlobal(tracers.asGlobal());
    if (!deregister) logger.warn(REGISTERED_ALREADY);
    recorder.ownsOtelContext = deregister !== undefined;
  }
  const takeBack = offerToOfficialPackages(tracers, () => {
    if (!hasContextManager()) logger.warn(NO_OTEL_CONTEXT);
  });
  return () => {
    takeBack();
    recorder.ownsOtelContext = false;
    deregister?.();
  };
}
