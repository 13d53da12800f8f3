/**
 * Plays each row of the fault table against real sockets and prints the table.
 * `FAULTS_ROWS=1,4b,19a` plays only these.
 */
import { afterAll, describe, expect, it, vi } from 'vitest';
import { systemClock } from '../../lib/queue/clock.js';
import { faultTable } from './fault-table.js';
import { playRows } from './play-row.js';
import type { RowResult } from './row.js';
import { rows } from './rows/index.js';

vi.mock('../../lib/queue/clock.js', async (importActual) => {
  const actual = await importActual<{ systemClock: typeof systemClock }>();
  const { clockInUse } = await import('./clock-in-use.js');
  return {
    get systemClock() {
      return clockInUse.current ?? actual.systemClock;
    },
  };
});

const ROW_TIMEOUT_MS = 120_000;

const fatal: string[] = [];
for (const event of ['uncaughtException', 'unhandledRejection']) {
  process.on(event, (error: unknown) =>
    fatal.push(`${event}: ${String(error)}`),
  );
}

const wanted = process.env['FAULTS_ROWS']?.split(',');
const chosen = rows.filter(({ id }) => wanted?.includes(id) ?? true);

describe('under each fault', () => {
  const playing = playRows(chosen);
  const results: RowResult[] = [];

  for (const row of chosen) {
    it(`${row.id}: ${row.fault}`, { timeout: ROW_TIMEOUT_MS }, async () => {
      const played = await playing.get(row)!;
      results.push(played);
      expect(played.failures).toEqual([]);
    });
  }

  it('nothing is thrown that nobody catches', () => {
    expect(fatal).toEqual([]);
  });

  afterAll(() => {
    process.stdout.write(`\n${faultTable(results)}`);
  });
});
