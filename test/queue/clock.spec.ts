import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { systemClock } from '../../lib/queue/clock.js';

/** Timers that keep the process alive. */
function holding(): number {
  return process.getActiveResourcesInfo().filter((name) => name === 'Timeout')
    .length;
}

function fakeTimers(): void {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
}

describe('the clock of the machine', () => {
  it('is not moved by a wall clock that jumps', () => {
    fakeTimers();
    const before = systemClock.now();
    vi.setSystemTime(0);
    vi.advanceTimersByTime(7);
    expect(systemClock.now() - before).toBe(7);
  });

  it.each(['after', 'afterHolding'] as const)(
    '%s() fires once, after so many milliseconds',
    (method) => {
      fakeTimers();
      const fired = vi.fn();
      systemClock[method](1_000, fired);
      vi.advanceTimersByTime(999);
      expect(fired).not.toHaveBeenCalled();
      vi.advanceTimersByTime(1);
      expect(fired).toHaveBeenCalledOnce();
      vi.advanceTimersByTime(10_000);
      expect(fired).toHaveBeenCalledOnce();
    },
  );

  it.each(['after', 'afterHolding'] as const)(
    '%s() does not fire once it is cancelled',
    (method) => {
      fakeTimers();
      const fired = vi.fn();
      systemClock[method](1_000, fired).cancel();
      expect(vi.getTimerCount()).toBe(0);
      vi.advanceTimersByTime(1_000);
      expect(fired).not.toHaveBeenCalled();
    },
  );

  it('keeps the process alive only for who waits', () => {
    const before = holding();
    const background = systemClock.after(60_000, () => undefined);
    expect(holding()).toBe(before);
    const awaited = systemClock.afterHolding(60_000, () => undefined);
    expect(holding()).toBe(before + 1);
    awaited.cancel();
    background.cancel();
    expect(holding()).toBe(before);
  });
});
