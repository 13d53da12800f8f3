/** Requests that are out, or cannot be answered, when the process is stopped. */
import { describe, expect, it } from 'vitest';
import { startReceiver } from '../support/application.js';
import { Destination } from './destination.js';
import { FrozenFunction } from './frozen-function.js';
import { NO_TIME_LEFT_MS } from './invocations.js';

/** What a handler may take longer than its deadline, on a busy machine. */
const GRACE_MS = 250;

describe('a request that is under way when the process is frozen', () => {
  it('is answered after the thaw, though its timeout has passed', async () => {
    const receiver = await startReceiver();
    const destination = await Destination.held(receiver);
    const frozen = new FrozenFunction({
      url: destination.url,
      wrapped: true,
      module: { timeout: 1 },
    });
    await frozen.start({ name: 'first', remainingMs: NO_TIME_LEFT_MS });
    await destination.received(1);
    frozen.freeze();
    destination.release();
    await receiver.waitFor((local) => local.stats().traces);
    await passed(1_500);

    await frozen.invoke({ name: 'second' });
    const { resentAfterUnknown } = await frozen.invoke({ name: 'third' });
    expect(resentAfterUnknown).toBe(0);
    expect(receiver.stats()).toMatchObject({ traces: 3, duplicates: 0 });
    expect(frozen.log).toBe('');
  });

  it('is sent again when its connection died', async () => {
    const receiver = await startReceiver();
    const destination = await Destination.held(receiver);
    const frozen = new FrozenFunction({ url: destination.url, wrapped: true });
    await frozen.start({ name: 'first', remainingMs: NO_TIME_LEFT_MS });
    await destination.received(1);
    frozen.freeze();
    destination.disconnect();
    destination.release();

    await frozen.invoke({ name: 'second' });
    expect(receiver.stats()).toMatchObject({
      traces: 2,
      observations: 6,
      duplicates: 0,
    });
  });
});

describe('a destination that does not answer', () => {
  it.each([
    ['flushTimeoutMs', { flushTimeoutMs: 300 }, 60_000, 300],
    ['the remaining time', { flushTimeoutMs: 10_000 }, 800, 300],
    ['no time at all', { flushTimeoutMs: 10_000 }, NO_TIME_LEFT_MS, 0],
    ['a flushTimeoutMs of 0', { flushTimeoutMs: 0 }, 60_000, 0],
  ])(
    'holds the handler for %s, and gets all when it is back',
    async (_, options, remainingMs, deadlineMs) => {
      const receiver = await startReceiver();
      const destination = await Destination.held(receiver);
      const frozen = new FrozenFunction({
        url: destination.url,
        wrapped: true,
        ...options,
      });
      // The first one creates the application.
      for (const name of ['first', 'second', 'third']) {
        const { tookMs } = await frozen.invoke({ name, remainingMs });
        if (name === 'first') continue;
        expect(tookMs).toBeLessThan(deadlineMs + GRACE_MS);
        expect(receiver.stats().traces).toBe(0);
      }
      destination.release();
      await frozen.start({ name: 'fourth' });
      await receiver.waitFor((local) => local.stats().traces === 4);
      expect(receiver.stats()).toMatchObject({
        observations: 12,
        duplicates: 0,
      });
    },
  );
});

describe("exportMode 'immediate' and flushAt 1", () => {
  it('deliver 1,000 observations of one invocation', async () => {
    const receiver = await startReceiver();
    const frozen = new FrozenFunction({
      url: receiver.url,
      wrapped: true,
      module: { exportMode: 'immediate', flushAt: 1 },
    });
    await frozen.invoke({ name: 'thousand', observations: 1_000 });
    expect(receiver.stats()).toMatchObject({
      observations: 1_000,
      duplicates: 0,
    });
  });
});

/** Real time, which is all that passes for a process that is stopped. */
function passed(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
