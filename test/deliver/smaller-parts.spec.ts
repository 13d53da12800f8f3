import { describe, expect, it } from 'vitest';
import { CutRecords, halves } from '../../lib/deliver/smaller-parts.js';
import type { QueueRecord } from '../../lib/queue/index.js';
import { encodeScoreEvent } from '../../lib/wire/index.js';

function recordsOf(count: number): QueueRecord[] {
  return Array.from({ length: count }, (_, index) => ({
    lane: 'spans',
    id: `${index}`,
    bytes: new Uint8Array(1),
  }));
}

describe('halves', () => {
  it('are none of what is not divisible', () => {
    expect(halves([])).toEqual([]);
    expect(halves(recordsOf(1))).toEqual([]);
  });

  it.each([2, 3, 4, 7, 512])(
    'of %i are all of them, oldest on top',
    (count) => {
      const records = recordsOf(count);
      const [later, earlier] = halves(records);
      expect([...earlier!, ...later!]).toEqual(records);
      expect(Math.abs(earlier!.length - later!.length)).toBeLessThan(2);
    },
  );
});

describe('a score that is too large', () => {
  const score = (comment: string): QueueRecord => ({
    lane: 'scores',
    id: 'a',
    bytes: encodeScoreEvent({
      eventId: 'a',
      timestamp: new Date(0).toISOString(),
      id: 'b',
      traceId: 't',
      name: 'n',
      dataType: 'NUMERIC',
      value: 1,
      comment,
    }),
  });

  it('is cut to half of its size, and is otherwise the same', () => {
    const record = score('x'.repeat(10_000));
    const [[smaller]] = new CutRecords().shrunk(record) as [[QueueRecord]];
    const { byteLength } = smaller.bytes;
    expect(byteLength).toBeLessThanOrEqual(record.bytes.byteLength / 2);
    expect(smaller).toMatchObject({ lane: 'scores', id: 'a' });
    const text = Buffer.from(smaller.bytes).toString();
    expect(text).toContain('"traceId":"t"');
    expect(text).toContain('Truncated');
  });

  it('has no smaller form when there is nothing to cut', () => {
    expect(new CutRecords().shrunk(score(''))).toEqual([]);
  });
});
