import { type LangfuseQueue, systemClock } from './queue/index.js';

/** The queue of a script, and how it ends. */
export interface ExitDrain {
  readonly queue: LangfuseQueue;
  /** Milliseconds that the drain may take: the option `shutdownTimeoutMs`. */
  readonly timeoutMs: number;
  /** Ends what is still open, before the queue is looked at. */
  readonly prepare?: () => void;
}

/**
 * Drains the queue of a script that ends by itself and closes nothing. The event
 * loop is empty then, so nobody will be there to wait for a destination that is
 * down: what it does not take within `timeoutMs` stays on the disk where there is
 * a spool, and is dropped otherwise, which the log tells.
 *
 * @returns what makes it forget about the queue
 */
export function drainBeforeExit({
  queue,
  timeoutMs,
  prepare,
}: ExitDrain): () => void {
  let isDraining = false;
  const drain = () => {
    if (isDraining) return;
    prepare?.();
    const { queued, inFlight, spooled } = queue.stats();
    if (queued + inFlight + spooled === 0) return;
    isDraining = true;
    void (spooled > 0 ? replayAndEnd(queue, timeoutMs) : queue.shutdown());
  };
  process.on('beforeExit', drain);
  return () => void process.off('beforeExit', drain);
}

/** A short script may never run for long enough to send what earlier ones left. */
async function replayAndEnd(
  queue: LangfuseQueue,
  timeoutMs: number,
): Promise<void> {
  const endsAt = systemClock.now() + timeoutMs;
  void queue.flush();
  await untilReplayed(queue, timeoutMs);
  await queue.shutdown({ timeoutMs: Math.max(0, endsAt - systemClock.now()) });
}

/** Resolves when the disk has nothing left, or is not going to be relieved of it. */
function untilReplayed(queue: LangfuseQueue, timeoutMs: number): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      deadline.cancel();
      watch.unsubscribe();
      resolve();
    };
    const deadline = systemClock.afterHolding(timeoutMs, end);
    const watch = queue.events$.subscribe(() => {
      const { spooled, inFlight, outages } = queue.stats();
      if (outages.length > 0 || spooled + inFlight === 0) end();
    });
  });
}
