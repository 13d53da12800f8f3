/** A deploy while the server is down: SIGTERM, then the next start. */
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { closedPort } from '../support/recording-server.js';
import { startChild } from './children.js';
import { IdServer } from './id-server.js';
import { deliverRest } from './next-start.js';
import { spoolFolder } from './spool-folder.js';

const RECORDED = 10_000;
const TIMEOUT_MS = 2_000;

/**
 * Until the process has ended, beyond the time that it was given: `SPOOL_FULL=1` on a
 * machine that has nothing else to do. Beside other tests it may take longer.
 */
const MARGIN_MS = process.env['SPOOL_FULL'] === '1' ? 250 : 3_000;

/** Starts an outage; what it returns ends it. */
const OUTAGES: Readonly<Record<string, () => Promise<Outage>>> = {
  async 'refuses connections'() {
    const port = await closedPort();
    const url = `http://127.0.0.1:${port}`;
    return { url, end: () => IdServer.start(port) };
  },
  'answers with 503': () => answering(503),
  'answers with 401': () => answering(401),
  'never answers': () => answering('mute'),
};

interface Outage {
  readonly url: string;
  readonly end: () => Promise<IdServer>;
}

async function answering(status: number | 'mute'): Promise<Outage> {
  const server = await IdServer.startDown(status);
  const end = () => {
    server.status = 200;
    return Promise.resolve(server);
  };
  return { url: server.url, end };
}

describe.each(['overflow', 'event'] as const)('%s', (mode) => {
  it.each(Object.keys(OUTAGES))(
    'a server that %s: out in time, and all arrives after the next start',
    async (name) => {
      const dir = spoolFolder();
      const outage = await OUTAGES[name]!();
      const child = startChild(
        'endings',
        ['SIGTERM with shutdown hooks', `${RECORDED}`, `${TIMEOUT_MS}`],
        { url: outage.url, dir, mode },
      );
      await child.printed(/recorded\n/);
      await sleep(100);
      const signalledAt = performance.now();
      child.signal('SIGTERM');
      const ending = await child.endsWithin(TIMEOUT_MS + MARGIN_MS);
      const tookMs = Math.round(performance.now() - signalledAt);
      process.stdout.write(`${mode}, ${name}: ${tookMs} ms\n`);
      expect(ending).toEqual({ code: null, signal: 'SIGTERM' });
      expect(child.output).toContain('on the disk');
      expect(child.output).not.toContain('dropped');

      const server = await outage.end();
      const { queue } = await deliverRest(server, dir);
      const ids = [...server.taken.keys()].filter((id) => id.startsWith('r-'));
      expect(ids).toHaveLength(RECORDED);
      expect(server.duplicates.size).toBe(0);
      expect(queue.stats().dropped).toEqual({});
    },
    60_000,
  );
});
