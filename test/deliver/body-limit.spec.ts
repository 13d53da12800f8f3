import { describe, expect, it } from 'vitest';
import { BodyLimit } from '../../lib/deliver/body-limit.js';
import type { QueueRecord } from '../../lib/queue/index.js';

function recordsOf(...sizes: number[]): QueueRecord[] {
  return sizes.map((size, index) => ({
    lane: 'spans',
    id: `${index}`,
    bytes: new Uint8Array(size),
  }));
}

function sizesOf(parts: readonly QueueRecord[][]): number[][] {
  return parts.map((part) => part.map(({ bytes }) => bytes.byteLength));
}

/** A limit of 50 bytes. */
function limited(): BodyLimit {
  const limit = new BodyLimit();
  limit.refused(recordsOf(60, 40));
  return limit;
}

function succeed(limit: BodyLimit, times: number): void {
  for (let i = 0; i < times; i++) limit.accepted();
}

describe('the limit of bodies', () => {
  it('is none before the server has said so', () => {
    const limit = new BodyLimit();
    succeed(limit, 20);
    expect(sizesOf(limit.split(recordsOf(1e6, 1e6)))).toEqual([[1e6, 1e6]]);
  });

  it('is half of what was refused, in parts that each have a record', () => {
    const parts = limited().split(recordsOf(90, 25, 25, 1, 49, 1, 70));
    expect(sizesOf(parts)).toEqual([[90], [25, 25], [1, 49], [1], [70]]);
  });

  it('has nothing to cut where nothing is sent', () => {
    expect(limited().split([])).toEqual([]);
  });

  it('is not raised by a refusal', () => {
    const limit = limited();
    limit.refused(recordsOf(1_000));
    expect(sizesOf(limit.split(recordsOf(40, 20)))).toEqual([[40], [20]]);
  });

  it('grows by a quarter after ten successes', () => {
    const limit = limited();
    succeed(limit, 9);
    expect(limit.split(recordsOf(31, 31))).toHaveLength(2);
    succeed(limit, 1);
    expect(limit.split(recordsOf(31, 31))).toHaveLength(1);
    expect(limit.split(recordsOf(32, 31))).toHaveLength(2);
    succeed(limit, 9);
    expect(limit.split(recordsOf(32, 31))).toHaveLength(2);
  });

  it('counts successes from the last refusal on', () => {
    const limit = limited();
    succeed(limit, 9);
    limit.refused(recordsOf(100));
    succeed(limit, 9);
    expect(limit.split(recordsOf(31, 31))).toHaveLength(2);
  });
});
