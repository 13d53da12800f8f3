import { Logger } from '@nestjs/common';
import { afterEach, describe, expect, expectTypeOf, it, vi } from 'vitest';
import { type FlushTarget, withLangfuseFlush } from '../../lib/index.js';
import { isSettled, lambda, Target } from './doubles.js';

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

describe('a handler with a queue', () => {
  it('gets what the platform passes; its result comes after the flush', async () => {
    const queue = new Target(true);
    const handler = withLangfuseFlush(
      async (event: { id: number }, context: object) => ({ event, context }),
      { queue },
    );
    const event = { id: 1 };
    const context = lambda(60_000);
    const result = handler(event, context);
    expectTypeOf(result).resolves.toEqualTypeOf<{
      event: { id: number };
      context: object;
    }>();
    expect(await isSettled(result)).toBe(false);
    queue.settle();
    const { event: passed, context: alsoPassed } = await result;
    expect(passed).toBe(event);
    expect(alsoPassed).toBe(context);
    expect(queue.timeouts).toEqual([2_000]);
  });

  it.each(['throws', 'rejects'])(
    'that %s does so after a flush',
    async (how) => {
      const queue = new Target(true);
      const error = new Error('of the handler');
      const result = withLangfuseFlush(
        () => {
          if (how === 'throws') throw error;
          return Promise.reject(error);
        },
        { queue },
      )();
      expect(await isSettled(result)).toBe(false);
      queue.settle();
      await expect(result).rejects.toBe(error);
      expect(queue.timeouts).toHaveLength(1);
    },
  );

  it.each([
    { remaining: 10_000, option: undefined, timeout: 2_000 },
    { remaining: 10_000, option: 5_000, timeout: 5_000 },
    { remaining: 1_500, option: 5_000, timeout: 1_000 },
    { remaining: 500, option: 5_000, timeout: 0 },
    { remaining: 20, option: 5_000, timeout: 0 },
    { remaining: 10_000, option: 0, timeout: 0 },
    { remaining: 1e12, option: Infinity, timeout: 2 ** 31 - 1 },
  ])(
    'flushes for $timeout ms with $remaining ms left and $option as the option',
    async ({ remaining, option, timeout }) => {
      const queue = new Target();
      await withLangfuseFlush((_event: object, _context: object) => 1, {
        queue,
        ...(option === undefined ? {} : { flushTimeoutMs: option }),
      })({}, lambda(remaining));
      expect(queue.timeouts).toEqual([timeout]);
    },
  );

  it('finds the context of a handler that streams, too', async () => {
    const queue = new Target();
    // A stream that nobody ends: the runtime does so once the handler returns.
    const stream = { writeHead() {}, end() {}, on() {} };
    const handler = (_event: object, _stream: object, _context: object) => 1;
    await withLangfuseFlush(handler, { queue })({}, stream, lambda(1_500));
    expect(queue.timeouts).toEqual([1_000]);
  });

  it('waits no longer than its deadline for a flush that hangs', async () => {
    vi.useFakeTimers();
    const queue = new Target(true);
    const handler = withLangfuseFlush(() => 'done', {
      queue,
      flushTimeoutMs: 700,
    });
    let result: string | undefined;
    void handler().then((value) => (result = value));
    await vi.advanceTimersByTimeAsync(699);
    expect(result).toBeUndefined();
    await vi.advanceTimersByTimeAsync(1);
    expect(result).toBe('done');
  });

  it('waits for nothing when no time is left', async () => {
    const queue = new Target(true);
    const handler = withLangfuseFlush((_: object, context: object) => context, {
      queue,
    });
    expect(await isSettled(handler({}, lambda(100)))).toBe(true);
    expect(queue.timeouts).toEqual([0]);
  });

  it.each(['throws', 'rejects'])(
    'does not hear of a flush that %s; the log does',
    async (how) => {
      const warn = vi.spyOn(Logger.prototype, 'warn').mockReturnValue();
      const queue: FlushTarget = {
        flush() {
          if (how === 'throws') throw new Error('broken');
          return Promise.reject(new Error('broken'));
        },
      };
      const handler = withLangfuseFlush(() => 'done', { queue });
      expect(await handler()).toBe('done');
      expect(warn.mock.calls).toEqual([
        [
          'withLangfuseFlush(): flush() of the option "queue" failed: Error: broken',
        ],
      ]);
    },
  );

  it.each([-1, NaN, 'soon' as unknown as number])(
    'is refused with %s as flushTimeoutMs',
    (flushTimeoutMs) => {
      const queue = new Target();
      expect(() =>
        withLangfuseFlush(() => 1, { queue, flushTimeoutMs }),
      ).toThrow(
        new RangeError(
          `withLangfuseFlush(): flushTimeoutMs is ${flushTimeoutMs}. ` +
            'Give a number of milliseconds, 0 or more.',
        ),
      );
    },
  );
});
