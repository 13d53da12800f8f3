/** Holds a queue's books against what was recorded and what the server has. */
import type { QueueStats } from '../../lib/index.js';
import { type Expectation, sum } from './row.js';
import type { ServerTruth } from './server-truth.js';

/** The keys of all rows; the secret one must not be logged. */
export const PUBLIC_KEY = 'pk-lf-faults';
export const SECRET_KEY = 'sk-lf-never-to-be-seen';

const CREDENTIALS = Buffer.from(`${PUBLIC_KEY}:${SECRET_KEY}`);

/** What both sides have at the end of a row. */
export interface Evidence {
  /** Of a queue that has shut down. */
  readonly stats: QueueStats;
  readonly truth: ServerTruth;
  readonly recordedIds: ReadonlySet<string>;
  readonly log: string;
}

/** What does not agree, or is not as expected. */
export function audit(
  expected: Expectation,
  { stats, truth, recordedIds, log }: Evidence,
): string[] {
  const failures: string[] = [];
  const same = (what: string, got: number | string, wanted: typeof got) => {
    if (got !== wanted) failures.push(`${what}: ${got}, expected ${wanted}`);
  };
  const atMost = (what: string, got: number, most: number) => {
    if (got > most) failures.push(`${what}: ${got}, at most ${most} expected`);
  };
  const { dropped = {}, duplicates = 0, requests = Infinity } = expected;
  const lost = sum(stats.dropped);

  same('enqueued', stats.enqueued, recordedIds.size);
  same('accounted for', stats.delivered + lost, stats.enqueued);
  same('left over', stats.queued + stats.inFlight + stats.bytes, 0);
  same('the ledger has as delivered', stats.delivered, truth.acknowledged.size);
  if (dropped !== 'any') {
    same('dropped', inWords(stats.dropped), inWords(dropped));
  }
  const foreign = [...truth.ids].filter((id) => !recordedIds.has(id));
  same('ids that nobody recorded', foreign.length, 0);
  atMost('duplicates', truth.duplicates, duplicates);
  atMost('uncounted duplicates', truth.duplicates, stats.resentAfterUnknown);
  atMost('requests', stats.requests, requests);
  for (const secret of [SECRET_KEY, CREDENTIALS.toString('base64')]) {
    if (log.includes(secret)) failures.push('the secret key is in the log');
  }
  return failures;
}

function inWords(counts: object): string {
  const entries = Object.entries(counts).map(([key, n]) => `${key} ${n}`);
  return entries.toSorted().join(', ') || 'nothing';
}
