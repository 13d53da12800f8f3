import { describe, expect, it } from 'vitest';
import type { Batch, Settlement, Transport } from '../../lib/queue/index.js';
import { outage } from './outage.js';
import { planOf } from './plan.js';
import { poisoned } from './poison.js';
import { type Sabotage, simulate } from './simulate.js';

const LONG_MS = 60_000;

describe('an outage at 100 observations a second, with default options', () => {
  const sizes = [
    { name: 'of 60 s', lastsMs: 60_000, seeds: 60, mean: 10, worst: 15 },
    { name: 'of 5 min', lastsMs: 300_000, seeds: 15, mean: 25, worst: 35 },
  ];
  it.each(sizes)(
    '$name costs few requests and no record',
    async ({ lastsMs, seeds, mean, worst }) => {
      const requests: number[] = [];
      for (let seed = 0; seed < seeds; seed++) {
        const { requestsWhileDown, lost } = await outage(seed, lastsMs);
        expect({ seed, lost }).toEqual({ seed, lost: 0 });
        requests.push(requestsWhileDown);
      }
      const total = requests.reduce((sum, each) => sum + each, 0);
      expect(total / seeds).toBeLessThanOrEqual(mean);
      expect(Math.max(...requests)).toBeLessThanOrEqual(worst);
    },
    LONG_MS,
  );
});

describe('bad records in a batch', () => {
  it('are dropped alone, with few requests', async () => {
    for (let seed = 0; seed < 200; seed++) {
      const { batch, bad, requests, allowed, ...came } = await poisoned(seed);
      expect({ seed, ...came }).toEqual({
        seed,
        delivered: batch - bad,
        rejected: bad,
        goodStored: batch - bad,
      });
      expect(requests, `seed ${seed}`).toBeLessThanOrEqual(allowed);
    }
  });
});

describe('the simulator', () => {
  const seeds = Array.from({ length: 20 }, (_, seed) => seed);

  it('does the same twice', async () => {
    for (const seed of seeds) {
      const first = await simulate(planOf(seed));
      expect(await simulate(planOf(seed))).toEqual(first);
    }
  });

  it.each<{ bug: string; invariant: string; plant: Sabotage }>([
    {
      bug: 'a record that is lost and called delivered',
      invariant: 'I4',
      plant: sending(async (batch, signal, send) => {
        const records = batch.records.slice(1);
        const settlement = await send({ ...batch, records }, signal);
        return { ...settlement, delivered: settlement.delivered + 1 };
      }),
    },
    {
      bug: 'a batch that is sent again after its answer',
      invariant: 'I4',
      plant: sending(async (batch, signal, send) => {
        await send(batch, signal);
        return send(batch, signal);
      }),
    },
    {
      bug: 'a destination that is never free again',
      invariant: 'I12',
      plant: (transport) => ({
        ...sending((batch, signal, send) => send(batch, signal))(transport),
        isFree: (lane) =>
          transport.stats.retries === 0 && transport.isFree(lane),
      }),
    },
    {
      bug: 'a shutdown that ends no request',
      invariant: 'I11',
      plant: sending((batch, _, send) =>
        send(batch, new AbortController().signal),
      ),
    },
    {
      bug: 'a bad record that is called delivered',
      invariant: 'I1',
      plant: sending(async (batch, signal, send) => {
        const { delivered, rejected } = await send(batch, signal);
        return { delivered: delivered + rejected, rejected: 0 };
      }),
    },
  ])('notices $bug', async ({ invariant, plant }) => {
    const found = new Set<string>();
    for (const seed of seeds) {
      const { breaches } = await simulate(planOf(seed), plant);
      for (const breach of breaches) found.add(breach.split(':')[0]!);
    }
    expect([...found]).toContain(invariant);
  });
});

type Send = Transport['send'];

/** A transport whose `send()` does something else. */
function sending(
  instead: (
    batch: Batch,
    signal: AbortSignal,
    send: Send,
  ) => Promise<Settlement>,
): Sabotage {
  return (transport) => ({
    isFree: (lane) => transport.isFree(lane),
    state$: transport.state$,
    get stats() {
      return transport.stats;
    },
    send: (batch, signal) =>
      instead(batch, signal, (changed, given) =>
        transport.send(changed, given),
      ),
    hasten: () => transport.hasten(),
    close: () => transport.close(),
  });
}
