/**
 * Processes on one spool that are killed at any instant of their work, by what a
 * server has in the end. `SPOOL_FULL=1` kills a thousand.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { startChild } from './children.js';
import { IdServer } from './id-server.js';
import { replayed, startSpooling } from './next-start.js';
import { spoolFolder } from './spool-folder.js';

const isFull = process.env['SPOOL_FULL'] === '1';
const KILLS = isFull ? 1_000 : 20;
const TIMEOUT_MS = isFull ? 3_600_000 : 120_000;

const SEGMENT_BYTES = 1024 * 1024;

/** The most records that a segment of these holds: the smallest are this large. */
const RECORDS_PER_SEGMENT = SEGMENT_BYTES / 350;

/** Starts a process and kills it; returns the ids that were safe. */
async function runAndKill(
  prefix: string,
  url: string,
  dir: string,
): Promise<string[]> {
  const child = startChild('recorder', [prefix], { url, dir, mode: 'event' });
  await child.printed(/safe/);
  await sleep(Math.random() * 300);
  child.signal('SIGKILL');
  await child.ended;
  // It may have been killed in the middle of a line.
  const lines = child.output.split('\n').slice(0, -1);
  return lines.flatMap((line) =>
    line.startsWith('safe ') ? [line.slice(5)] : [],
  );
}

it(
  'loses nothing that was safe when 1 to 4 processes at a time are killed',
  async () => {
    const server = await IdServer.start();
    server.delayMs = () => Math.random() * 20;
    // Down for a third of the time, so that there is something to replay.
    const weather = setInterval(() => {
      server.status = Math.random() < 0.33 ? 503 : 200;
    }, 150);
    const dir = spoolFolder();
    const safe = new Set<string>();
    const prefixes = Array.from({ length: KILLS }, (_, i) => `p${i}`);
    while (prefixes.length > 0) {
      const together = prefixes.splice(0, Math.ceil(Math.random() * 4));
      const said = await Promise.all(
        together.map((prefix) => runAndKill(prefix, server.url, dir)),
      );
      for (const id of said.flat()) safe.add(id);
    }
    clearInterval(weather);
    server.status = 200;
    const beforeLast = server.taken.size;

    const options = { spoolMaxBytes: 2 ** 40 };
    const application = await startSpooling(server, dir, options);
    const lost = await server.has(safe, 60_000);
    // Some of what is left has arrived before: it comes for the second time.
    await replayed(application, dir);
    const duplicates = [...server.duplicates.values()];
    const more = duplicates.reduce((sum, times) => sum + times, 0);
    process.stdout.write(
      `${KILLS} kills, ${safe.size} records safe, ${lost.length} lost, ` +
        `${more} duplicates, ${safe.size - beforeLast} by the last start\n`,
    );
    expect(safe.size).toBeGreaterThan(KILLS * 20);
    expect(lost).toEqual([]);
    expect(more).toBeLessThanOrEqual(KILLS * RECORDS_PER_SEGMENT);
    expect(application.queue.stats().dropped).toEqual({});
  },
  TIMEOUT_MS,
);
