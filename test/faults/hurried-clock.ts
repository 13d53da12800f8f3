/**
 * A clock for real sockets that runs faster than time, so that an outage of a
 * minute takes seconds with the library's own defaults.
 */
import type { Clock, Timer } from '../../lib/queue/index.js';

interface Pending extends Timer {
  arm(): void;
}

/** `speed` seconds of this clock are one of real time. */
export class HurriedClock implements Clock {
  private leap = 0;
  private readonly pending = new Set<Pending>();

  /** @param speed Seconds of this clock in a second of real time. */
  constructor(readonly speed: number) {}

  readonly now = (): number => performance.now() * this.speed + this.leap;

  readonly after = (delayMs: number, callback: () => void): Timer =>
    this.timer(delayMs, callback, false);

  readonly afterHolding = (delayMs: number, callback: () => void): Timer =>
    this.timer(delayMs, callback, true);

  /** Milliseconds of real time that take as long as these do here. */
  real(ms: number): number {
    return ms / this.speed;
  }

  /** Time passes while the machine sleeps: timers that are due fire on waking. */
  skip(ms: number): void {
    this.leap += ms;
    for (const timer of this.pending) timer.arm();
  }

  private timer(
    delayMs: number,
    callback: () => void,
    holding: boolean,
  ): Timer {
    const dueAt = this.now() + delayMs;
    let timeout: NodeJS.Timeout | undefined;
    const timer: Pending = {
      arm: () => {
        clearTimeout(timeout);
        const left = this.real(dueAt - this.now());
        timeout = setTimeout(
          () => {
            this.pending.delete(timer);
            callback();
          },
          Math.max(0, left),
        );
        if (!holding) timeout.unref();
      },
      cancel: () => {
        clearTimeout(timeout);
        this.pending.delete(timer);
      },
    };
    this.pending.add(timer);
    timer.arm();
    return timer;
  }
}
