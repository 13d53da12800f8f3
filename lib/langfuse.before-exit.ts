import type { LangfuseQueue } from './queue/index.js';

/**
 * Drains the queue of a script that ends by itself and closes nothing. The event
 * loop is empty then, so nobody will be there to wait for a destination that is
 * down: what it does not take within `shutdownTimeoutMs` is dropped, which the
 * log tells.
 *
 * @param prepare Ends what is still open, before it is looked at.
 * @returns what makes it forget about the queue
 */
export function drainBeforeExit(
  queue: LangfuseQueue,
  prepare: () => void = () => undefined,
): () => void {
  const drain = () => {
    prepare();
    const { queued, inFlight } = queue.stats();
    if (queued + inFlight > 0) void queue.shutdown();
  };
  process.on('beforeExit', drain);
  return () => void process.off('beforeExit', drain);
}
