import type { Clock } from '../queue/index.js';
import type { WarningLogger } from './warn-once.js';

/** A reason that goes on is told again at most this often, with its count. */
const REPEAT_MS = 60_000;

/** A bound of what may be open. */
export interface OpenBound {
  readonly option: 'maxOpenObservations' | 'maxOpenBytes' | 'maxOpenAgeMs';
  /** What ended the observation, for its status message and for the log. */
  readonly message: string;
}

/**
 * Tells of observations that a bound has ended: the first at once, then their
 * number, so that a forgotten `end()` writes a line a minute and not thousands.
 */
export class EarlyEndLog {
  private readonly untold = new Map<
    OpenBound,
    { count: number; loggedAt: number }
  >();

  constructor(
    private readonly logger: WarningLogger,
    private readonly clock: Clock,
  ) {}

  record(bound: OpenBound): void {
    const ended = this.untold.get(bound) ?? { count: 0, loggedAt: -Infinity };
    this.untold.set(bound, ended);
    ended.count += 1;
    const now = this.clock.now();
    if (now - ended.loggedAt < REPEAT_MS) return;
    this.write(bound, ended.count);
    ended.count = 0;
    ended.loggedAt = now;
  }

  /** Tells of those that wait for their minute: there may be no other. */
  close(): void {
    for (const [bound, { count }] of this.untold) {
      if (count > 0) this.write(bound, count);
    }
    this.untold.clear();
  }

  private write({ option, message }: OpenBound, count: number): void {
    const were = count === 1 ? 'observation was' : 'observations were';
    try {
      this.logger.warn(
        `${count} ${were} ${message}. Look for a missing end() with ` +
          `LangfuseService.openObservations(), or raise ${option}.`,
      );
    } catch {
      // A logger that throws must not reach who records.
    }
  }
}
