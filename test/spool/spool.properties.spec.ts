import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ids } from './support/machine.js';
import { MemoryFiles } from './support/memory-files.js';
import { SCALED_TIMEOUT_MS, scaled } from './support/scale.js';
import { SpoolModel, type Step } from './support/spool-model.js';

const SMALL_SEGMENTS = { maxBytes: 64 * 1024 };

const usual: Step[0][] = [
  'keep',
  'keep',
  'save new',
  'save held',
  'take',
  'take',
  'settle',
  'settle',
  'reject',
  'wait',
  'wait long',
];

function steps(...more: Step[0][]): fc.Arbitrary<Step[]> {
  const step = fc.tuple(fc.constantFrom(...usual, ...more), fc.nat(1_000));
  return fc.array(step, { minLength: 1, maxLength: 60 });
}

/** Bytes of the segments that somebody in here cares for. */
function bytesOnDisk(files: MemoryFiles): number {
  let bytes = 0;
  for (const [path, content] of files.files()) {
    if (/\.(seg|open|ack)$/.test(path)) bytes += content.length;
  }
  return bytes;
}

describe('a spool on a disk that works', () => {
  it(
    'has exactly what is not settled, whoever ends, and knows its bytes',
    async () => {
      await fc.assert(
        fc.asyncProperty(steps('kill', 'close'), async (all) => {
          const model = new SpoolModel(new MemoryFiles(), SMALL_SEGMENTS);
          for (const step of all) {
            model.play(step);
            const { bytes } = model.process.spool.stats;
            expect(bytes).toBe(bytesOnDisk(model.files));
          }
          const { promised } = model;
          expect(new Set(ids(model.recover()))).toEqual(promised);
          model.process.spool.close();
          const [base] = model.files.list('/var/spool/v1');
          const left = model.files.list(`/var/spool/v1/${base}`);
          expect(left.filter((name) => name !== 'quarantine')).toEqual([]);
          const killed = all.filter(([what]) => what === 'kill').length + 1;
          expect(model.files.openHandles).toBeLessThanOrEqual(killed);
        }),
        { numRuns: scaled(20_000, 400) },
      );
    },
    SCALED_TIMEOUT_MS,
  );
});

describe('a spool on a disk that fails now and then', () => {
  it(
    'never loses what it has promised, and makes nothing up',
    async () => {
      await fc.assert(
        fc.asyncProperty(
          steps('kill', 'break disk', 'mend disk', 'mend disk'),
          async (all) => {
            const model = new SpoolModel(new MemoryFiles(), SMALL_SEGMENTS);
            for (const step of all) model.play(step);
            const { promised } = model;
            const found = new Set(ids(model.recover()));
            expect([...promised].filter((id) => !found.has(id))).toEqual([]);
          },
        ),
        { numRuns: scaled(20_000, 400) },
      );
    },
    SCALED_TIMEOUT_MS,
  );
});
