import type { Clock, Timer } from '../../lib/queue/clock.js';

interface Alarm extends Timer {
  readonly at: number;
  /** Among alarms of one instant the one that was set first goes first. */
  readonly order: number;
  readonly holds: boolean;
  callback: (() => void) | undefined;
}

/**
 * Time that passes only from one timer to the next. `fireNext()` fires one of them;
 * promises settle in between.
 */
export class VirtualClock implements Clock {
  /** Timers that would keep the process alive. */
  holding = 0;
  private time = 0;
  private orders = 0;
  private readonly heap: Alarm[] = [];

  now(): number {
    return this.time;
  }

  after(delayMs: number, callback: () => void): Timer {
    return this.arm(delayMs, callback, false);
  }

  afterHolding(delayMs: number, callback: () => void): Timer {
    return this.arm(delayMs, callback, true);
  }

  /**
   * Goes on to the next timer and fires it. False when none is due before or
   * at `until`.
   */
  fireNext(until = Infinity): boolean {
    let next = this.heap[0];
    for (; next && !next.callback; next = this.heap[0]) this.removeFirst();
    if (!next || next.at > until) return false;
    this.removeFirst();
    const { callback } = next;
    this.time = next.at;
    next.cancel();
    callback?.();
    return true;
  }

  private arm(delayMs: number, callback: () => void, holds: boolean): Timer {
    if (!Number.isFinite(delayMs)) throw new Error(`A timer of ${delayMs} ms.`);
    const alarm: Alarm = {
      at: this.time + Math.max(0, delayMs),
      order: this.orders++,
      holds,
      callback,
      cancel: () => {
        if (alarm.callback === undefined) return;
        alarm.callback = undefined;
        if (holds) this.holding -= 1;
      },
    };
    if (holds) this.holding += 1;
    this.add(alarm);
    return alarm;
  }

  private add(alarm: Alarm): void {
    const { heap } = this;
    let at = heap.push(alarm) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!isBefore(alarm, heap[parent]!)) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = alarm;
  }

  private removeFirst(): Alarm {
    const { heap } = this;
    const first = heap[0]!;
    const last = heap.pop()!;
    if (heap.length === 0) return first;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      const right = heap[child + 1];
      if (right && isBefore(right, heap[child]!)) child += 1;
      if (!isBefore(heap[child]!, last)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = last;
    return first;
  }
}

function isBefore(a: Alarm, b: Alarm): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}

/**
 * After all promise reactions that are due, and those that they cause: a tick
 * that is asked for by a promise reaction comes when there is none left.
 */
export function settled(): Promise<void> {
  return new Promise((resolve) => process.nextTick(resolve));
}
