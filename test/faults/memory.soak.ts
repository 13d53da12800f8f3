/**
 * Memory under a server that never answers. `FAULTS_FULL=1` pushes 5 GB, else
 * 1 GB is pushed.
 */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import type { QueueStats } from '../../lib/index.js';
import { stayMute } from './answers.js';
import { FaultServer } from './fault-server.js';

const GB = 1_000_000_000;
const MIB = 1024 * 1024;
const MAX_QUEUE_BYTES = 64 * MIB;
const MAX_RSS_GROWTH = 1.5 * MAX_QUEUE_BYTES + 64 * MIB;

interface Report {
  readonly pushed: number;
  readonly steps: number;
  readonly mismatches: number;
  readonly rssGrowth: number;
  readonly stats: QueueStats;
}

const gigabytes = process.env['FAULTS_FULL'] ? 5 : 1;

it(
  `${gigabytes} GB for a server that never answers stay within the bounds`,
  { timeout: 300_000 },
  async () => {
    const server = await FaultServer.start(stayMute);
    const fixture = new URL('fixtures/memory.mjs', import.meta.url);
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [fileURLToPath(fixture), `${gigabytes * GB}`],
      {
        env: {
          PATH: process.env['PATH'],
          LANGFUSE_PUBLIC_KEY: 'pk-lf-faults',
          LANGFUSE_SECRET_KEY: 'sk-lf-faults',
          LANGFUSE_BASE_URL: server.url,
        },
      },
    );
    await server.close();
    const [full, closed] = stdout
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as Report);
    const { pushed, steps, mismatches, rssGrowth, stats } = full!;
    process.stdout.write(
      `\n${(pushed / GB).toFixed(1)} GB in ${stats.enqueued} records: ` +
        `${(stats.bytes / MIB).toFixed(1)} MiB held, ` +
        `${(rssGrowth / MIB).toFixed(0)} MiB more RSS ` +
        `(${MAX_RSS_GROWTH / MIB} allowed), ${steps} steps audited\n`,
    );
    expect(mismatches).toBe(0);
    expect(stats.bytes).toBeLessThanOrEqual(MAX_QUEUE_BYTES);
    expect(stats.bytes).toBeGreaterThan(0.9 * MAX_QUEUE_BYTES);
    expect(rssGrowth).toBeLessThanOrEqual(MAX_RSS_GROWTH);
    const { overflow = 0, shutdown_deadline = 0 } = closed!.stats.dropped;
    expect(overflow + shutdown_deadline).toBe(stats.enqueued);
    expect(closed!.stats.bytes).toBe(0);
  },
);
