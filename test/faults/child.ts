/** A row's load in a process of its own: for signals and blocked loops. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { QueueStats } from '../../lib/index.js';
import { PUBLIC_KEY, SECRET_KEY } from './audit.js';
import type { ForeignBooks, Stage } from './stage.js';

/** What a fixture prints about itself: one line of JSON. */
type Message = { readonly ids: string[] } | { readonly stats: QueueStats };

export interface ChildRun {
  /** Called with each line that is no books: `ready`. */
  readonly onReady?: (kill: (signal: NodeJS.Signals) => void) => void;
  /** Milliseconds from the first signal to the end, at most. */
  readonly endsWithinMs?: number;
  /** Exit code, or the signal of which it dies. Default: 0. */
  readonly ending?: number | NodeJS.Signals;
}

/**
 * Runs a fixture, with the built package, against the row's server. An error
 * that nobody catches ends it with a code of its own.
 */
export async function runChild(
  stage: Stage,
  fixture: string,
  args: readonly string[],
  { onReady, endsWithinMs = Infinity, ending = 0 }: ChildRun = {},
): Promise<ForeignBooks> {
  const path = fileURLToPath(new URL(`fixtures/${fixture}`, import.meta.url));
  const child = spawn(process.execPath, [path, ...args], {
    env: {
      PATH: process.env['PATH'],
      NO_COLOR: '1',
      NESTJS_LANGFUSE_AUDIT: '1',
      LANGFUSE_PUBLIC_KEY: PUBLIC_KEY,
      LANGFUSE_SECRET_KEY: SECRET_KEY,
      LANGFUSE_BASE_URL: stage.server.url,
    },
  });
  let output = '';
  let signalledAt: number | undefined;
  const kill = (signal: NodeJS.Signals) => {
    signalledAt ??= performance.now();
    child.kill(signal);
  };
  child.stderr.setEncoding('utf8').on('data', (text) => (output += text));
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
    if (/^ready$/m.test(text)) onReady?.(kill);
  });
  const stuck = setTimeout(() => child.kill('SIGKILL'), 30_000);
  const [code, signal] = (await once(child, 'close')) as [number, string];
  clearTimeout(stuck);
  const took = performance.now() - (signalledAt ?? performance.now());
  stage.check(
    (signal ?? code) === ending,
    `it ended with ${signal ?? code}, expected ${ending}: ${output}`,
  );
  stage.check(
    took <= endsWithinMs,
    `it ended after ${Math.round(took)} ms, at most ${endsWithinMs} expected`,
  );
  return books(output);
}

function books(output: string): ForeignBooks {
  const messages = output
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Message);
  const ids = messages.flatMap((message) =>
    'ids' in message ? message.ids : [],
  );
  const stats = messages.findLast((message) => 'stats' in message)?.stats;
  if (!stats) throw new Error(`The child printed no books:\n${output}`);
  const log = output.replace(/^\{.*$/gm, '');
  return { ids, stats, log };
}
