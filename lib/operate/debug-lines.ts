/** What the option `debug` writes: what the queue does, in counts and times. */
import type {
  DropReason,
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

/** Where whole batches of records are dropped. */
const SOURCE_OF_DROPS: { readonly [reason in DropReason]?: string } = {
  rejected: 'batch',
  transport_error: 'batch',
  spool_quota: 'spool',
  spool_ttl: 'spool',
  spool_corrupt: 'spool',
};

/** Undefined for what the log tells in any case, and not batch by batch. */
function describe(event: QueueEvent): string | undefined {
  switch (event.type) {
    case 'delivered': {
      const { lane, count, durationMs } = event;
      return `batch of ${lane}: ${count} delivered in ${milliseconds(durationMs)}`;
    }
    case 'dropped': {
      const { lane, count, reason } = event;
      const from = SOURCE_OF_DROPS[reason];
      return from && `${from} of ${lane}: ${count} dropped (${reason})`;
    }
    case 'destination': {
      const { state } = event;
      const cause = state.status === 'failing' ? `: ${state.cause}` : '';
      return `gate of ${state.concerns}: ${state.status}${cause}`;
    }
    case 'adopted': {
      const { lane, count } = event;
      return `spool of ${lane}: ${count} of an ended process`;
    }
    case 'spool': {
      const { state } = event;
      const cause = state.status === 'failing' ? `: ${state.cause}` : '';
      return `spool: ${state.status}${cause}`;
    }
    case 'flushed':
      return `flush: ${describeResult(event.result)}`;
    case 'shutdown':
      return `shutdown: ${describeResult(event.result)}`;
  }
}

function describeResult(result: FlushResult): string {
  const { delivered, dropped, pending, timedOut, durationMs } = result;
  const spooled = result.spooled > 0 ? `, ${result.spooled} to the disk` : '';
  return (
    `${delivered} delivered, ${sum(dropped)} dropped, ${pending} pending` +
    `${spooled} in ${milliseconds(durationMs)}${timedOut ? ', timed out' : ''}`
  );
}

/** Retries show here: they have no line of their own while nothing fails. */
function describeStats(stats: QueueStats): string {
  const { queued, inFlight, bytes, requests, retries, spool } = stats;
  const disk = spool ? `on the disk alone ${stats.spooled}, ` : '';
  return (
    `queued ${queued}, in flight ${inFlight}, bytes ${bytes}, ${disk}` +
    `requests ${requests}, retries ${retries}`
  );
}

function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((total, count) => total + count, 0);
}

function milliseconds(ms: number): string {
  return `${Math.round(ms)} ms`;
}
