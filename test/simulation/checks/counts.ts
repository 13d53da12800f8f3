/** Arithmetic with dropped records by reason. */
import type { DropCounts, DropReason } from '../../../lib/queue/index.js';

/** What was delivered and dropped up to now. */
export interface Counts {
  readonly delivered: number;
  readonly dropped: DropCounts;
}

/** A reason that is missing here would not be compared. */
const EVERY_REASON: { readonly [reason in DropReason]: true } = {
  overflow: true,
  rejected: true,
  invalid: true,
  closed: true,
  shutdown_deadline: true,
  transport_error: true,
  spool_quota: true,
  spool_ttl: true,
  spool_corrupt: true,
};
const REASONS = Object.keys(EVERY_REASON) as DropReason[];

/** Whether two counts say the same of each reason. */
export function isSameCounts(a: DropCounts, b: DropCounts): boolean {
  return REASONS.every((reason) => (a[reason] ?? 0) === (b[reason] ?? 0));
}

/** Several counts as one. */
export function addCounts(all: readonly Counts[]): Counts {
  let delivered = 0;
  const dropped: { [reason in DropReason]?: number } = {};
  for (const counts of all) {
    delivered += counts.delivered;
    for (const reason of REASONS) {
      const count = counts.dropped[reason];
      if (count !== undefined) dropped[reason] = (dropped[reason] ?? 0) + count;
    }
  }
  return { delivered, dropped };
}

/** What was added from `earlier` to `later`. */
export function countsSince(later: Counts, earlier: Counts): Counts {
  const dropped: { [reason in DropReason]?: number } = {};
  for (const reason of REASONS) {
    dropped[reason] =
      (later.dropped[reason] ?? 0) - (earlier.dropped[reason] ?? 0);
  }
  return { delivered: later.delivered - earlier.delivered, dropped };
}

/** All reasons together. */
export function total(dropped: DropCounts): number {
  return Object.values(dropped).reduce((sum, count) => sum + count, 0);
}
