/** Starts the processes that measure. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { RunResult, RunSpec } from './run-spec.js';

const RUNNER = fileURLToPath(new URL('runner-process.js', import.meta.url));

/** No run takes nearly as long; a contender that never ends is ended. */
const TIMEOUT_MS = 300_000;

/** As much of what a process complains of as is shown. */
const MAX_SHOWN = 2_000;

/**
 * Runs `spec` in a process of its own, without this one's environment.
 *
 * @param node The Node.js that runs it.
 * @throws when the process ends without a result
 */
export async function run(spec: RunSpec, node: string): Promise<RunResult> {
  const child = fork(RUNNER, [JSON.stringify(spec)], {
    execPath: node,
    execArgv: ['--expose-gc'],
    env: { PATH: process.env['PATH'] },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    timeout: TIMEOUT_MS,
  });
  const complaints = child.stderr ? text(child.stderr) : '';
  let result: RunResult | undefined;
  child.on('message', (message: RunResult) => (result = message));
  await once(child, 'exit');
  if (result) return result;
  const { contender, workload } = spec;
  const why = (await complaints).slice(-MAX_SHOWN);
  throw new Error(`${contender} did not finish ${workload}: ${why}`);
}
