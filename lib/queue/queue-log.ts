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

/** What may happen often. */
type Repeated = DropReason | 'adopted';

/** What goes on is told again at most this often, with its total. */
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
  spool_quota: 'newer ones needed their room on the disk',
  spool_ttl: 'they waited on the disk for too long',
  spool_corrupt: 'the disk does not have them any more',
};

/**
 * Turns queue events into log lines: one per change of state, with counts, so
 * that an outage writes two lines and not thousands.
 */
export class QueueLog {
  private readonly failing = new Set<DestinationState['concerns']>();
  private readonly untold = new Map<
    Repeated,
    { count: number; toldAt: number }
  >();

  constructor(
    private readonly logger: QueueLogger,
    private readonly clock: Clock,
  ) {}

  /** @param waiting Counts the records in memory that are not settled. */
  record(event: QueueEvent, waiting: () => number): void {
    switch (event.type) {
      case 'dropped':
        return this.dropped(event);
      case 'adopted':
        return this.adopted(event);
      case 'destination':
        return this.destination(event.state, waiting);
      case 'spool':
        return this.spool(event.state);
    }
  }

  /** The destination answers again and what had waited for it is settled. */
  recovered(concerns: DestinationState['concerns'], delivered: number): void {
    if (!this.failing.delete(concerns)) return;
    this.write(
      'log',
      `Langfuse takes data again: ${records(delivered, 'that had waited was', 'that had waited were')} delivered.`,
    );
  }

  /** The last line: only when something was not delivered. */
  closed(ledger: LedgerSnapshot): void {
    const dropped = totalDropped(ledger.dropped);
    const { delivered, spooled } = ledger;
    if (dropped + spooled === 0) return;
    const reasons = Object.entries(ledger.dropped)
      .map(([reason, count]) => `${reason}: ${count}`)
      .join(', ');
    this.write(
      dropped > 0 ? 'warn' : 'log',
      `Shut down with ${records(delivered)} delivered` +
        (dropped > 0 ? ` and ${dropped} dropped (${reasons}).` : '.') +
        (spooled > 0
          ? ` ${records(spooled, 'is', 'are')} on the disk: the next start delivers them.`
          : ''),
    );
  }

  private destination(state: DestinationState, waiting: () => number): void {
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

  private spool(
    state: (QueueEvent & { readonly type: 'spool' })['state'],
  ): void {
    if (state.status === 'working') {
      return this.write('log', 'The disk of the spool takes records again.');
    }
    this.write(
      'error',
      `The spool cannot write: ${state.cause}. Records stay in memory only ` +
        'until it can: a crash would lose them.',
    );
  }

  private adopted({ count }: QueueEvent & { readonly type: 'adopted' }): void {
    const total = this.countUp('adopted', count);
    if (total === undefined) return;
    this.write(
      'log',
      `${records(total, 'was', 'were')} left in the spool by a process that has ended; delivery goes on.`,
    );
  }

  private dropped(event: QueueEvent & { readonly type: 'dropped' }): void {
    const { reason, count, cause } = event;
    // The line that `closed()` writes tells of these, with all others.
    if (reason === 'shutdown_deadline') return;
    const total = this.countUp(reason, count);
    if (total === undefined) return;
    this.write(
      'warn',
      `${records(total)} dropped: ${MEANING[reason]}` +
        (cause === undefined ? '.' : `: ${cause}`),
    );
  }

  /** How many there are to tell of; undefined while it is too early for that. */
  private countUp(what: Repeated, count: number): number | undefined {
    const now = this.clock.now();
    const untold = this.untold.get(what) ?? { count: 0, toldAt: -Infinity };
    this.untold.set(what, untold);
    untold.count += count;
    if (now - untold.toldAt < REPEAT_MS) return undefined;
    const total = untold.count;
    untold.count = 0;
    untold.toldAt = now;
    return total;
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
