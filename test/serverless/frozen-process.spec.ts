/** A real process that the platform stops between any two invocations. */
import { describe, expect, it } from 'vitest';
import { startReceiver } from '../support/application.js';
import { Destination } from './destination.js';
import { FrozenFunction } from './frozen-function.js';
import {
  ALL_DELIVERED,
  names,
  NO_TIME_LEFT_MS,
  wholeTraces,
} from './invocations.js';

describe('a function that is frozen after each of 100 invocations', () => {
  it('loses all of them without the wrapper', async () => {
    const receiver = await startReceiver();
    const frozen = new FrozenFunction({ url: receiver.url, wrapped: false });
    for (const name of names) await frozen.invoke({ name });
    expect(receiver.stats()).toMatchObject({ requests: 0, traces: 0 });
  });

  it('delivers each one before its freeze, with one application', async () => {
    const receiver = await startReceiver();
    const frozen = new FrozenFunction({ url: receiver.url, wrapped: true });
    for (const [i, name] of names.entries()) {
      expect(await frozen.invoke({ name })).toMatchObject({ name, created: 1 });
      expect(receiver.stats()).toMatchObject({ traces: i + 1 });
    }
    expect(receiver.stats()).toMatchObject(ALL_DELIVERED);
    expect(wholeTraces(receiver)).toEqual(names);
    expect(frozen.log).toBe('');
  });

  it('does so when connections die while it is frozen', async () => {
    const receiver = await startReceiver();
    const destination = await Destination.slow(receiver, 0);
    const frozen = new FrozenFunction({ url: destination.url, wrapped: true });
    for (const name of names) {
      await frozen.invoke({ name });
      destination.disconnect();
    }
    expect(receiver.stats()).toMatchObject(ALL_DELIVERED);
    expect(wholeTraces(receiver)).toEqual(names);
    expect(frozen.log).toBe('');
  });

  it('delivers later what it had no time to wait for', async () => {
    const receiver = await startReceiver();
    const destination = await Destination.slow(receiver, 300);
    const frozen = new FrozenFunction({ url: destination.url, wrapped: true });
    for (const name of names.slice(1)) {
      await frozen.invoke({ name, remainingMs: NO_TIME_LEFT_MS });
    }
    expect(receiver.stats().traces).toBeLessThan(names.length - 1);
    await frozen.invoke({ name: names[0]! });
    expect(receiver.stats()).toMatchObject(ALL_DELIVERED);
    expect(wholeTraces(receiver)).toEqual(names);
  });
});
