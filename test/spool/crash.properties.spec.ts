import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ids, Machine } from './support/machine.js';
import { MemoryFiles } from './support/memory-files.js';
import { SCALED_TIMEOUT_MS, scaled } from './support/scale.js';
import { recoverAll, SpoolModel, type Step } from './support/spool-model.js';

const SETTINGS = { fsync: 'always', maxBytes: 64 * 1024 } as const;

const step: fc.Arbitrary<Step> = fc.tuple(
  fc.constantFrom<Step[0][]>(
    'keep',
    'keep',
    'save new',
    'save held',
    'take',
    'settle',
    'reject',
    'wait',
    'wait long',
    'kill',
    'close',
  ),
  fc.nat(1_000),
);

/** Numbers from 0 to 1 that are the same for the same seed. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

describe('a loss of power', () => {
  it(
    'loses nothing that was safe, wherever it happens, with fsync: always',
    async () => {
      let crashes = 0;
      await fc.assert(
        fc.asyncProperty(
          fc.array(step, { minLength: 5, maxLength: 25 }),
          fc.nat(),
          async (steps, seed) => {
            const files = new MemoryFiles();
            const model = new SpoolModel(files, SETTINGS);
            for (const one of steps) model.play(one);
            const random = seeded(seed);
            for (let count = 0; count <= files.operations.length; count++) {
              const disk = files.afterCrash(count, random);
              const { clock, spans } = new Machine(disk, SETTINGS).start();
              clock.advance(40_000);
              const found = new Set(ids(recoverAll(spans)));
              const needed = [...model.promisedAt].filter(([id, at]) => {
                const settledFrom = model.settledFrom.get(id) ?? Infinity;
                return at <= count && count <= settledFrom;
              });
              const missing = needed.filter(([id]) => !found.has(id));
              expect(missing, `after ${count} operations`).toEqual([]);
              crashes += 1;
            }
            // What spools have yet to tell would keep all these disks in memory.
            await Promise.resolve();
          },
        ),
        { numRuns: scaled(10_000, 25) },
      );
      expect(crashes).toBeGreaterThan(500);
    },
    SCALED_TIMEOUT_MS,
  );

  it('may lose something with fsync: never: this test can see it', () => {
    const files = new MemoryFiles();
    const model = new SpoolModel(files, { ...SETTINGS, fsync: 'never' });
    model.play(['save new', 7]);
    const counts = Array.from({ length: 20 }, (_, seed) => {
      const disk = files.afterCrash(files.operations.length, seeded(seed));
      return recoverAll(new Machine(disk, SETTINGS).start().spans).length;
    });
    expect(Math.min(...counts)).toBeLessThan(model.promised.size);
  });
});
