/** What many runs came to. */
import type { Run } from './simulate.js';

/** Sums over the seeds of a process, or of several. */
export class Totals {
  seeds = 0;
  failed = 0;
  private readonly sums = {
    records: 0,
    requests: 0,
    faults: 0,
    faultyReplies: 0,
    delivered: 0,
    duplicates: 0,
  };

  add(run: Run): void {
    this.seeds += 1;
    if (run.breaches.length > 0) this.failed += 1;
    for (const name of this.names) this.sums[name] += run[name];
  }

  /** @param other As it came from another process: without methods. */
  addAll(other: Totals): void {
    this.seeds += other.seeds;
    this.failed += other.failed;
    for (const name of this.names) this.sums[name] += other.sums[name];
  }

  describe(seconds: number): string {
    const { seeds, failed, sums } = this;
    const average = this.names
      .map((name) => `${name} ${(sums[name] / seeds).toFixed(1)}`)
      .join(', ');
    return (
      `${seeds} seeds in ${seconds.toFixed(1)} s ` +
      `(${(seeds / seconds).toFixed(0)} a second), ` +
      `${failed} with a breach; a seed on average: ${average}`
    );
  }

  private get names(): (keyof Totals['sums'])[] {
    return Object.keys(this.sums) as (keyof Totals['sums'])[];
  }
}
