import type { Clock } from '../../queue/index.js';
import type { WarningLogger } from '../warn-once.js';
import type { MaskOutcome } from './masking.js';

/** How long it has to go well before it counts as well again. */
const RECOVERED_AFTER_MS = 60_000;

/**
 * Tells when the mask begins to fail and when it works again: two lines for an
 * outage, however many texts it concerns. Never what the mask or its errors say:
 * that may be the very thing that was to be masked.
 */
export class MaskHealth {
  private failures = 0;
  private lastFailure = 0;

  constructor(
    private readonly logger: WarningLogger,
    private readonly clock: Clock,
  ) {}

  /** To be told of each record. */
  report({ failures, problem }: MaskOutcome): void {
    if (failures > 0) this.failed(failures, problem);
    else if (this.failures > 0) this.worked();
  }

  private failed(failures: number, problem = 'it failed'): void {
    const isFirst = this.failures === 0;
    this.failures += failures;
    this.lastFailure = this.clock.now();
    if (!isFirst) return;
    this.warn(
      `The mask fails (${problem}): ${texts(failures)} of an observation or ` +
        'score masked fully. This is said once until it works again.',
    );
  }

  private worked(): void {
    if (this.clock.now() - this.lastFailure < RECOVERED_AFTER_MS) return;
    const { failures } = this;
    this.failures = 0;
    this.warn(
      `The mask works again: ${texts(failures)} masked fully meanwhile.`,
    );
  }

  private warn(message: string): void {
    try {
      this.logger.warn(message);
    } catch {
      // A logger that throws must not reach who records.
    }
  }
}

function texts(count: number): string {
  return count === 1 ? '1 text was' : `${count} texts were`;
}
