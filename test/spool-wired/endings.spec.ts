/** What each mode saves in which death, by what a server has after the next start. */
import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import type { ChildApplication } from '../support/child-application.js';
import { startChild } from './children.js';
import { IdServer } from './id-server.js';
import { deliverRest } from './next-start.js';
import { spoolFolder } from './spool-folder.js';

const RECORDED = 200;

const MODES = ['off', 'overflow', 'event'] as const;

/** What is saved of observations that have ended, and of one that has not. */
type Saved = 'all' | 'ended' | 'none';

const ENDINGS: Readonly<
  Record<string, { readonly [mode in (typeof MODES)[number]]: Saved }>
> = {
  'app.close()': { off: 'none', overflow: 'all', event: 'all' },
  'end of a script': { off: 'none', overflow: 'all', event: 'all' },
  'SIGTERM with shutdown hooks': { off: 'none', overflow: 'all', event: 'all' },
  'process.exit(1)': { off: 'none', overflow: 'all', event: 'all' },
  uncaughtException: { off: 'none', overflow: 'all', event: 'all' },
  unhandledRejection: { off: 'none', overflow: 'all', event: 'all' },
  'SIGTERM without shutdown hooks': {
    off: 'none',
    overflow: 'none',
    event: 'ended',
  },
  'out of memory': { off: 'none', overflow: 'none', event: 'ended' },
  SIGKILL: { off: 'none', overflow: 'none', event: 'ended' },
};

const table: string[][] = [];

afterAll(() => {
  const rows = [['ending', ...MODES], ...table];
  process.stdout.write(
    `${rows.map((cells) => `| ${cells.join(' | ')} |`).join('\n')}\n`,
  );
});

async function end(child: ChildApplication, ending: string): Promise<void> {
  await child.printed(/recorded\n/);
  if (ending.startsWith('SIGTERM')) {
    // The hooks are installed in the turn after the line.
    await sleep(50);
    child.signal('SIGTERM');
  }
  if (ending === 'SIGKILL') child.signal('SIGKILL');
  await child.ended;
}

/** What a server has after the next start. */
async function savedIn(dir: string, server: IdServer): Promise<Saved> {
  server.status = 200;
  await deliverRest(server, dir);
  const ended = [...server.taken.keys()].filter((id) => id.startsWith('r-'));
  expect(server.duplicates.size).toBe(0);
  if (ended.length === 0) return 'none';
  expect(ended).toHaveLength(RECORDED);
  return server.taken.has('open-1') ? 'all' : 'ended';
}

describe.each(Object.entries(ENDINGS))('%s', (ending, expected) => {
  it('saves what its mode says, in an outage', async () => {
    const saved = await Promise.all(
      MODES.map(async (mode) => {
        const dir = spoolFolder();
        const server = await IdServer.startDown();
        const env = {
          LANGFUSE_FLUSH_INTERVAL: '0.01',
          ...(ending === 'out of memory' && {
            NODE_OPTIONS: '--max-old-space-size=40',
          }),
        };
        const child = startChild('endings', [ending, `${RECORDED}`, '1000'], {
          url: server.url,
          dir,
          mode,
          env,
        });
        await end(child, ending);
        return [mode, existsSync(dir) ? await savedIn(dir, server) : 'none'];
      }),
    );
    table.push([ending, ...saved.map(([, what]) => what!)]);
    expect(Object.fromEntries(saved)).toEqual(expected);
  });
});
