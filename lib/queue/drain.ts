/** What `flush()` and `shutdown()` have in common: to send, and to wait. */
import { filter, type Observable } from 'rxjs';
import type { Clock } from './clock.js';
import type { FlushResult } from './flush-result.js';
import type { Lane } from './lane.js';
import { droppedSince, type LedgerSnapshot } from './ledger.js';
import { settledWithin } from './settled-within.js';
import type { DestinationState } from './transport.interface.js';

/** What is drained. */
export interface Drained {
  readonly lanes: readonly Lane[];
  readonly stats: () => LedgerSnapshot;
  readonly clock: Clock;
  /** Tells of what it is not worth waiting for any more. */
  readonly hopeless$: Observable<DestinationState>;
}

/** Sends what is queued, and waits for that until it is settled. */
export async function drain(
  { lanes, stats, clock, hopeless$ }: Drained,
  timeoutMs: number,
): Promise<FlushResult> {
  const startedAt = clock.now();
  const before = stats();
  const marked = lanes.map((lane) => ({ lane, mark: lane.flush() }));
  const waits = marked.map(({ lane, mark }) => ({
    whenSettled: (done: () => void) => lane.whenSettled(mark, done),
    hopeless$: hopeless$.pipe(
      filter(({ concerns }) => ['destination', lane.name].includes(concerns)),
    ),
  }));
  const isSettled = await settledWithin(timeoutMs, waits, clock);
  let pending = 0;
  for (const { lane, mark } of marked) pending += lane.countUnsettled(mark);
  return {
    ...changesSince(before, stats()),
    pending,
    timedOut: !isSettled,
    durationMs: clock.now() - startedAt,
  };
}

/** What became of records between two snapshots. */
export function changesSince(
  before: LedgerSnapshot,
  after: LedgerSnapshot,
): Pick<FlushResult, 'delivered' | 'dropped' | 'spooled'> {
  return {
    delivered: after.delivered - before.delivered,
    dropped: droppedSince(after.dropped, before.dropped),
    spooled: Math.max(0, after.spooled - before.spooled),
  };
}
