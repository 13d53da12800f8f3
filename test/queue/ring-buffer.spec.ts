import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import type { QueueRecord } from '../../lib/queue/index.js';
import { RingBuffer } from '../../lib/queue/ring-buffer.js';

function recordOf(bytes: number): QueueRecord {
  return { lane: 'spans', id: `${bytes}`, bytes: new Uint8Array(bytes) };
}

function ringOf(...sizes: number[]): RingBuffer {
  const ring = new RingBuffer('spans');
  for (const size of sizes) ring.push(recordOf(size));
  return ring;
}

const sizesOf = (records: readonly QueueRecord[]) =>
  records.map(({ bytes }) => bytes.byteLength);

describe('a look at a ring', () => {
  it.each([
    ['as many as are asked for', 2, 1_000, [10, 20]],
    ['all there are', 9, 1_000, [10, 20, 30]],
    ['as many bytes as are asked for', 9, 30, [10, 20]],
    ['a record that is larger than that', 9, 5, [10]],
    ['nothing', 0, 1_000, []],
  ])('shows %s, and leaves them there', (_, count, bytes, expected) => {
    const ring = ringOf(10, 20, 30);
    expect(sizesOf(ring.peek(count, bytes))).toEqual(expected);
    expect([ring.size, ring.bytes]).toEqual([3, 60]);
    const { records, ...batch } = ring.take(count, bytes);
    expect(sizesOf(records)).toEqual(expected);
    expect(batch).toEqual({
      lane: 'spans',
      firstSeq: 0,
      lastSeq: expected.length - 1,
      bytes: expected.reduce((sum, size) => sum + size, 0),
    });
  });
});

describe('a ring', () => {
  it('does not hold what was taken from it', async () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const ring = ringOf(10);
    const taken = new WeakRef(ring.take(1, 10).records[0]!);
    // A weak reference holds until the turn ends in which it was made.
    await new Promise((resolve) => setImmediate(resolve));
    collect();
    expect(taken.deref()).toBeUndefined();
    expect(ring.size).toBe(0);
  });
});
