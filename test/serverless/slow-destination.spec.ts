/** In a file of its own, since it does nothing but wait for half a minute. */
import { describe, expect, it } from 'vitest';
import { startReceiver } from '../support/application.js';
import { Destination } from './destination.js';
import { FrozenFunction } from './frozen-function.js';
import { ALL_DELIVERED, names, wholeTraces } from './invocations.js';

describe('a function that is frozen after each of 100 invocations', () => {
  it('delivers each one before its freeze to a destination that needs 300 ms', async () => {
    const receiver = await startReceiver();
    const destination = await Destination.slow(receiver, 300);
    const frozen = new FrozenFunction({ url: destination.url, wrapped: true });
    for (const [i, name] of names.entries()) {
      await frozen.invoke({ name });
      expect(receiver.stats()).toMatchObject({ traces: i + 1 });
    }
    expect(receiver.stats()).toMatchObject(ALL_DELIVERED);
    expect(wholeTraces(receiver)).toEqual(names);
  }, 90_000);
});
