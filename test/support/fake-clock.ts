import type { Clock, Timer } from '../../lib/queue/clock.js';

interface Alarm {
  readonly at: number;
  readonly holds: boolean;
  readonly callback: () => void;
}

/** A clock that stands still until it is told to go on. */
export class FakeClock implements Clock {
  private time = 0;
  private readonly alarms = new Set<Alarm>();

  now(): number {
    return this.time;
  }

  after(delayMs: number, callback: () => void): Timer {
    return this.arm({ at: this.time + delayMs, holds: false, callback });
  }

  afterHolding(delayMs: number, callback: () => void): Timer {
    return this.arm({ at: this.time + delayMs, holds: true, callback });
  }

  /** Delays, from now, of the timers that are armed. */
  get armed(): readonly { readonly inMs: number; readonly holds: boolean }[] {
    return [...this.alarms]
      .toSorted((a, b) => a.at - b.at)
      .map(({ at, holds }) => ({ inMs: at - this.time, holds }));
  }

  /** Goes on by `ms`, firing timers in order and letting promises settle. */
  async advance(ms: number): Promise<void> {
    const until = this.time + ms;
    for (;;) {
      await settled();
      const next = [...this.alarms].toSorted((a, b) => a.at - b.at)[0];
      if (next === undefined || next.at > until) break;
      this.alarms.delete(next);
      this.time = next.at;
      next.callback();
    }
    this.time = until;
    await settled();
  }

  private arm(alarm: Alarm): Timer {
    this.alarms.add(alarm);
    return { cancel: () => this.alarms.delete(alarm) };
  }
}

/** After all promise reactions that are due, and those that they cause. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
