/** A timer that fires once unless it is cancelled first. */
export interface Timer {
  cancel(): void;
}

/**
 * Time as the queue sees it. Injected, so that a simulator and the property
 * tests can run hours of queue life in milliseconds.
 */
export interface Clock {
  /** Monotonic milliseconds: a wall clock that jumps must not move a deadline. */
  now(): number;
  /** Fires after `delayMs`; does not keep an otherwise idle process alive. */
  after(delayMs: number, callback: () => void): Timer;
  /** Like `after()`, but keeps the process alive: for somebody who waits. */
  afterHolding(delayMs: number, callback: () => void): Timer;
}

/** The clock of the machine. */
export const systemClock: Clock = {
  now: () => performance.now(),
  after(delayMs, callback) {
    const timeout = setTimeout(callback, delayMs).unref();
    return { cancel: () => clearTimeout(timeout) };
  },
  afterHolding(delayMs, callback) {
    const timeout = setTimeout(callback, delayMs);
    return { cancel: () => clearTimeout(timeout) };
  },
};
