/** How a lane tells of the records that it drops. */
import type { DropReason } from './ledger.js';
import type { QueueEvent } from './queue-events.js';
import type { LaneName } from './queue-record.js';

/** Emits an event for the drops of one kind, never one for each record. */
export class Drops {
  private overflowed = 0;

  constructor(
    private readonly lane: LaneName,
    private readonly emit: (event: QueueEvent) => void,
  ) {}

  report(reason: DropReason, count: number, cause?: string): void {
    if (count === 0) return;
    this.emit({
      type: 'dropped',
      lane: this.lane,
      count,
      reason,
      ...(cause === undefined ? {} : { cause }),
    });
  }

  /** A full queue drops record by record; who listens hears of it per turn. */
  reportOverflow(): void {
    this.overflowed += 1;
    if (this.overflowed > 1) return;
    queueMicrotask(() => {
      const count = this.overflowed;
      this.overflowed = 0;
      this.report('overflow', count);
    });
  }
}
