/** `nestjs-langfuse spool replay DIR`: sends what processes that ended have left. */
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createParts } from './langfuse.runtime.js';
import { spoolDestination } from './langfuse.spool.js';
import {
  LangfuseOptionsError,
  type ResolvedOptions,
  resolveOptions,
} from './options/index.js';
import type { QueueLogger } from './queue/index.js';
import {
  type CommandResult,
  nodeFileSystem,
  systemProcesses,
  takeInventory,
} from './spool/index.js';

const EXIT_FAILED = 1;
const EXIT_USAGE = 2;

const LOOK_MS = 200;

/**
 * When nothing has changed for so long: the destination is down, or what is left
 * is not to be had. A process of another machine has shown by then that it lives,
 * or is taken for dead.
 */
const PATIENCE_MS = 45_000;

const NO_KEYS =
  'set LANGFUSE_PUBLIC_KEY and LANGFUSE_SECRET_KEY of the project, and ' +
  'LANGFUSE_BASE_URL if its server is not https://cloud.langfuse.com';

/** What the command works with. */
export interface ReplayDependencies {
  readonly env: NodeJS.ProcessEnv;
  readonly logger: QueueLogger;
  /** Ends it before all is sent. */
  readonly signal: AbortSignal;
}

/** What became of the records of one destination. */
interface Replayed {
  readonly delivered: number;
  readonly dropped: number;
  /** Still there, for somebody else or another time. */
  readonly left: number;
}

/**
 * Sends what waits in a folder for the project of the environment variables.
 *
 * @param args Without the node binary, the script, `spool` and `replay`.
 */
export async function replaySpool(
  args: readonly string[],
  dependencies: ReplayDependencies,
): Promise<CommandResult> {
  const [given, ...rest] = args;
  if (given === undefined || rest.length > 0) {
    const error = 'name one folder: nestjs-langfuse spool replay DIR';
    return { exitCode: EXIT_USAGE, error };
  }
  const dir = resolve(given);
  try {
    if (nodeFileSystem.stat(dir) === undefined) {
      return { exitCode: EXIT_FAILED, error: `there is no folder ${dir}` };
    }
    const options = optionsFor(dir, dependencies.env);
    if (!options.tracing.on) return { exitCode: EXIT_USAGE, error: NO_KEYS };
    const all: Replayed[] = [];
    for (const one of sameProject(options)) {
      all.push(await replay(dir, one, dependencies));
    }
    const delivered = sum(all.map((one) => one.delivered));
    const dropped = sum(all.map((one) => one.dropped));
    const left = sum(all.map((one) => one.left));
    const output = `${delivered} delivered, ${dropped} dropped, ${left} left.\n`;
    return { exitCode: dropped + left > 0 ? EXIT_FAILED : 0, output };
  } catch (error) {
    const exitCode =
      error instanceof LangfuseOptionsError ? EXIT_USAGE : EXIT_FAILED;
    const said = error instanceof Error ? error.message : String(error);
    return { exitCode, error: said };
  }
}

function optionsFor(dir: string, env: NodeJS.ProcessEnv): ResolvedOptions {
  return resolveOptions(
    { spool: 'overflow', spoolDir: dir, enabled: true },
    // Whoever calls this wants all of it, also what the application gives up.
    { LANGFUSE_SPOOL_MAX_AGE_MS: `${Number.MAX_SAFE_INTEGER}`, ...env },
  );
}

/** The records of these keys, and those that were recorded with `credentials`. */
function* sameProject(options: ResolvedOptions): Iterable<ResolvedOptions> {
  yield options;
  const { tracing } = options;
  if (!tracing.on || typeof tracing.credentials === 'function') return;
  const { credentials } = tracing;
  yield { ...options, tracing: { on: true, credentials: () => credentials } };
}

async function replay(
  dir: string,
  options: ResolvedOptions,
  { logger, signal }: ReplayDependencies,
): Promise<Replayed> {
  const look = waitingIn(dir, options);
  if (sum(Object.values(look())) === 0) {
    return { delivered: 0, dropped: 0, left: 0 };
  }
  const { queue } = createParts(options, logger);
  let before = '';
  let changedAt = performance.now();
  while (!signal.aborted && performance.now() - changedAt < PATIENCE_MS) {
    const { queued, inFlight, spooled, delivered } = queue.stats();
    const { ended, unknown } = look();
    if (queued + inFlight + spooled + ended + unknown === 0) break;
    const now = [delivered, spooled, ended].join();
    if (now !== before) changedAt = performance.now();
    before = now;
    await sleep(LOOK_MS);
  }
  await queue.shutdown();
  const { delivered, dropped } = queue.stats();
  return {
    delivered,
    dropped: sum(Object.values(dropped)),
    left: sum(Object.values(look())),
  };
}

/** Counts the records of processes that have ended, and of those that may have. */
function waitingIn(
  dir: string,
  { baseUrl, tracing }: ResolvedOptions,
): () => { readonly ended: number; readonly unknown: number } {
  const access = { fs: nodeFileSystem, processes: systemProcesses() };
  const wanted = tracing.on && spoolDestination(baseUrl, tracing.credentials);
  return () => {
    const found = takeInventory(access, dir)
      .filter(({ destination }) => destination === wanted)
      .flatMap(({ processes }) => processes);
    const count = (owner: 'orphan' | 'unknown') =>
      sum(
        found
          .filter((one) => one.owner === owner)
          .map(({ lanes }) => lanes.spans.records + lanes.scores.records),
      );
    return { ended: count('orphan'), unknown: count('unknown') };
  };
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}
