/** What must hold of texts that were cut to make a record shorter. */
import { expect } from 'vitest';

/** A text before and after; sizes are those in the record, in bytes. */
export interface CutPair {
  readonly before: string;
  readonly after: string;
  readonly bytesBefore: number;
  readonly bytesAfter: number;
}

type SizeOf = (text: string) => number;

const MARK = /^([^]*)… {1,8}\[Truncated: (\d+) of (\d+) bytes\]$/u;

/** Tag and length of each message that holds a string can grow by a byte. */
const STEP_BYTES = 8;

export function cutPairs(
  before: readonly string[],
  after: readonly string[],
  sizeOf: SizeOf = Buffer.byteLength,
): CutPair[] {
  expect(after).toHaveLength(before.length);
  return before.map((text, index) => ({
    before: text,
    after: after[index]!,
    bytesBefore: sizeOf(text),
    bytesAfter: sizeOf(after[index]!),
  }));
}

/** The mark alone, for a text that is longer than that. */
export function leastText(text: string): string {
  return leastOf(text, Buffer.byteLength(text));
}

/** @param bytes Length of the text in the record. */
export function leastOf(text: string, bytes: number): string {
  const mark = `… [Truncated: 0 of ${bytes} bytes]`;
  return Buffer.byteLength(mark) < bytes ? mark : text;
}

/**
 * The longest were cut, all to one length, and no further than needed; each
 * says how much of it is left.
 */
export function expectFairCuts(
  pairs: readonly CutPair[],
  recordBytes: number,
  maxBytes: number,
  sizeOf: SizeOf = Buffer.byteLength,
): void {
  const cut = pairs.filter(({ before, after }) => before !== after);
  const whole = pairs.filter(({ before, after }) => before === after);
  expect(recordBytes).toBeLessThanOrEqual(maxBytes);
  expect(cut).not.toHaveLength(0);
  expect(recordBytes + STEP_BYTES * cut.length).toBeGreaterThan(maxBytes);

  const shortestCut = Math.min(...cut.map(({ bytesAfter }) => bytesAfter));
  const longestWhole = Math.max(
    0,
    ...whole.map(({ bytesBefore }) => bytesBefore),
  );
  expect(longestWhole).toBeLessThanOrEqual(shortestCut);
  for (const { before, after, bytesBefore, bytesAfter } of cut) {
    const [, head, kept, bytes] = MARK.exec(after)!;
    expect(before.startsWith(head!)).toBe(true);
    expect(sizeOf(head!)).toBe(Number(kept));
    expect(bytesBefore).toBe(Number(bytes));
    expect(bytesAfter).toBeLessThan(bytesBefore);
    // Only a mark without text may be longer, by the digits of its count.
    if (Number(kept) > 0) expect(bytesAfter).toBe(shortestCut);
  }
}
