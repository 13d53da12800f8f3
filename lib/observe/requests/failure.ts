import { messageOf } from '../message-of.js';
import type { LangfuseObservation } from '../langfuse-observation.js';

const SERVER_ERROR = 500;

/**
 * Tells what a handler has thrown. An exception that stands for a mistake of
 * who asked (an HTTP status below 500) is a warning, all others are failures.
 */
export function recordFailure(
  observation: LangfuseObservation,
  error: unknown,
): void {
  const status = statusOf(error);
  if (status === undefined || status >= SERVER_ERROR) {
    observation.fail(error);
  } else {
    const statusMessage = messageOf(error);
    observation.update({ level: 'WARNING', statusMessage });
  }
}

/** Of an `HttpException`, whichever copy of Nest made it. */
function statusOf(error: unknown): number | undefined {
  try {
    const { getStatus } = error as { getStatus?: unknown };
    if (typeof getStatus !== 'function') return undefined;
    const status: unknown = Reflect.apply(getStatus, error, []);
    return typeof status === 'number' ? status : undefined;
  } catch {
    return undefined;
  }
}
