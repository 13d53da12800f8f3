/** What the option `debug` writes: what the queue does, in counts and times. */
import type {
  FlushResult,
  LangfuseQueue,
  QueueEvent,
  QueueStats,
} from '../queue/index.js';

/**
 * Writes a line for each batch, failure and recovery of the destination, flush
 * and shutdown. They hold neither values of the application nor keys.
 *
 * They are written with `log()`: who has set the option wants to see them, and
 * the level `debug` is off in most applications that have a problem.
 */
export function writeDebugLines(
  queue: Pick<LangfuseQueue, 'events$' | 'stats'>,
  logger: { log(message: string): void },
): void {
  queue.events$.subscribe((event) => {
    const said = describe(event);
    if (said === undefined) return;
    try {
      logger.log(`debug: ${said}; ${describeStats(queue.stats())}`);
    } catch {
      // RxJS would throw it at the process.
    }
  });
}

/** Undefined for what the log tells in any case, and not batch by batch. */
function describe(event: QueueEvent): string | undefined {
  switch (event.type) {
    case 'delivered': {
      const { lane, count, durationMs } = event;
      return `batch of ${lane}: ${count} delivered in ${milliseconds(durationMs)}`;
    }
    case 'dropped': {
      const { lane, count, reason } = event;
      return reason === 'rejected' || reason === 'transport_error'
        ? `batch of ${lane}: ${count} dropped (${reason})`
        : undefined;
    }
    case 'destination': {
      const { state } = event;
      const cause = state.status === 'failing' ? `: ${state.cause}` : '';
      return `gate of ${state.concerns}: ${state.status}${cause}`;
    }
    case 'flushed':
      return `flush: ${describeResult(event.result)}`;
    case 'shutdown':
      return `shutdown: ${describeResult(event.result)}`;
  }
}

function describeResult(result: FlushResult): string {
  const { delivered, dropped, pending, timedOut, durationMs } = result;
  return (
    `${delivered} delivered, ${sum(dropped)} dropped, ${pending} pending ` +
    `in ${milliseconds(durationMs)}${timedOut ? ', timed out' : ''}`
  );
}

/** Retries show here: they have no line of their own while nothing fails. */
function describeStats(stats: QueueStats): string {
  const { queued, inFlight, bytes, requests, retries } = stats;
  return (
    `queued ${queued}, in flight ${inFlight}, bytes ${bytes}, ` +
    `requests ${requests}, retries ${retries}`
  );
}

function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((total, count) => total + count, 0);
}

function milliseconds(ms: number): string {
  return `${Math.round(ms)} ms`;
}
