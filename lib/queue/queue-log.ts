import type { Clock } from './clock.js';
import {
  type DropReason,
  type LedgerSnapshot,
  totalDropped,
} from './ledger.js';
import type { QueueEvent } from './queue-events.js';
import type { DestinationState } from './transport.interface.js';

/** Where the queue writes its few lines; Nest's `Logger` fits. */
export interface QueueLogger {
  log(message: string): void;
  warn(message: string): void;
  error(message: string): void;
}

/** A reason that goes on is told again at most this often, with its total. */
const REPEAT_MS = 60_000;

/** What each reason means to the person who reads the log. */
const MEANING: { readonly [reason in DropReason]: string } = {
  overflow:
    'the queue is full (see the options maxQueueSize and maxQueueBytes)',
  rejected: 'the server refused them',
  invalid: 'they could not be sent as they were (see the warnings before)',
  closed: 'they came after shutdown',
  shutdown_deadline:
    'they were not delivered before shutdown had to end (see shutdownTimeoutMs)',
  transport_error: 'the transport failed unexpectedly',
};

/**
 * Turns queue events into log lines: one per change of state, with counts, so
 * that an outage writes two lines and not thousands.
 */
export class QueueLog {
  private readonly failing = new Set<DestinationState['concerns']>();
  private readonly drops = new Map<
    DropReason,
    { count: number; loggedAt: number }
  >();

  constructor(
    private readonly logger: QueueLogger,
    private readonly clock: Clock,
  ) {}

  /** @param waiting Counts the records that are not settled. */
  record(event: QueueEvent, waiting: () => number): void {
    if (event.type === 'dropped') return this.dropped(event);
    if (event.type !== 'destination') return;
    const { state } = event;
    if (state.status !== 'failing') return;
    const { concerns, endpoint, cause } = state;
    if (this.failing.has(concerns)) return;
    this.failing.add(concerns);
    this.write(
      'error',
      `Langfuse does not take data at ${endpoint}: ${cause}. ` +
        `${records(waiting(), 'waits', 'wait')} in memory; ` +
        'delivery is retried until it succeeds.',
    );
  }

  /** The destination answers again and what had waited for it is settled. */
  recovered(concerns: DestinationState['concerns'], delivered: number): void {
    if (!this.failing.delete(concerns)) return;
    this.write(
      'log',
      `Langfuse takes data again: ${records(delivered, 'that had waited was', 'that had waited were')} delivered.`,
    );
  }

  /** The last line: only when something was lost. */
  closed(ledger: LedgerSnapshot): void {
    const dropped = totalDropped(ledger.dropped);
    if (dropped === 0) return;
    const reasons = Object.entries(ledger.dropped)
      .map(([reason, count]) => `${reason}: ${count}`)
      .join(', ');
    this.write(
      'warn',
      `Shut down with ${records(ledger.delivered)} delivered and ` +
        `${dropped} dropped (${reasons}).`,
    );
  }

  private dropped(event: QueueEvent & { readonly type: 'dropped' }): void {
    const { reason, count, cause } = event;
    // The line that `closed()` writes tells of these, with all others.
    if (reason === 'shutdown_deadline') return;
    const now = this.clock.now();
    const drop = this.drops.get(reason) ?? { count: 0, loggedAt: -Infinity };
    this.drops.set(reason, drop);
    drop.count += count;
    if (now - drop.loggedAt < REPEAT_MS) return;
    this.write(
      'warn',
      `${records(drop.count)} dropped: ${MEANING[reason]}` +
        (cause === undefined ? '.' : `: ${cause}`),
    );
    drop.count = 0;
    drop.loggedAt = now;
  }

  private write(level: keyof QueueLogger, message: string): void {
    try {
      this.logger[level](message);
    } catch {
      // A logger that throws must not end delivery, and there is nobody to tell.
    }
  }
}

/** How many, with the verb that goes with one and the one for any other. */
function records(count: number, one = '', other = ''): string {
  return (count === 1 ? `1 record ${one}` : `${count} records ${other}`).trim();
}
