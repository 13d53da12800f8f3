import fc from 'fast-check';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { Capture } from '../../lib/observe/capture/index.js';
import { anyValue, part, weird } from '../support/hostile-values.js';

const MiB = 1024 * 1024;

const limits = fc.constantFrom(5, 40, 64, 200, 2_000, MiB);

describe('capture of anything', () => {
  it('is what JSON.stringify makes of plain data', () => {
    fc.assert(
      fc.property(
        fc.jsonValue({ stringUnit: 'binary', depthSize: 'medium' }),
        (value) => {
          const capture = new Capture({ maxValueBytes: MiB });
          const expected =
            typeof value === 'string' ? value : JSON.stringify(value);
          expect(capture.text(value)).toBe(expected);
          expect(capture.marks).toBe(0);
        },
      ),
    );
  });

  it('is the same text when a neighbour needs a mark', () => {
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: 'binary' }), (good) => {
        const capture = new Capture({ maxValueBytes: MiB });
        expect(capture.text({ good, big: 1n, twice: [good] })).toBe(
          JSON.stringify({ good, big: '1n', twice: [good] }),
        );
      }),
    );
  });

  it('never throws, is valid JSON and within the limit', () => {
    fc.assert(
      fc.property(anyValue, limits, (make, maxValueBytes) => {
        const value = make();
        const text = new Capture({ maxValueBytes }).text(value);
        // JSON leaves it out as well.
        if (text === undefined) return JSON.stringify(value) === undefined;
        expect(Buffer.byteLength(text)).toBeLessThanOrEqual(maxValueBytes);
        if (typeof value !== 'string') JSON.parse(text);
        return true;
      }),
      { numRuns: 2_000 },
    );
  });

  it('costs no neighbour', () => {
    fc.assert(
      fc.property(
        fc.jsonValue(),
        part,
        fc.jsonValue(),
        (before, make, after) => {
          const bad = make();
          const value = { before, bad, after, list: [before, bad, after] };
          const text = new Capture({ maxValueBytes: MiB }).text(value)!;
          const parsed = JSON.parse(text) as typeof value;
          const good = JSON.parse(
            JSON.stringify({ before, after }),
          ) as typeof value;
          expect(parsed.before).toEqual(good.before);
          expect(parsed.after).toEqual(good.after);
          expect(parsed.list).toHaveLength(3);
          expect(parsed.list[0]).toEqual(good.before);
          expect(parsed.list[2]).toEqual(good.after);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('keeps small fields beside large ones in little space', () => {
    fc.assert(
      fc.property(
        fc.record({ id: fc.integer(), ok: fc.boolean(), role: fc.string() }),
        fc.array(fc.string({ unit: 'binary', minLength: 300 }), {
          minLength: 1,
          maxLength: 3,
        }),
        (small, large) => {
          const capture = new Capture({ maxValueBytes: 400 });
          const text = capture.text({ large, ...small })!;
          expect(Buffer.byteLength(text)).toBeLessThanOrEqual(400);
          expect(JSON.parse(text)).toMatchObject(small);
          expect(capture.marks).toBeGreaterThan(0);
        },
      ),
    );
  });

  it('leaves the value as it was', () => {
    fc.assert(
      fc.property(weird, limits, (value, maxValueBytes) => {
        const look = () =>
          inspect(value, { depth: Infinity, showHidden: true });
        const before = look();
        new Capture({ maxValueBytes }).text(value);
        expect(look()).toBe(before);
      }),
    );
  });
});
