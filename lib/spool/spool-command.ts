/**
 * `nestjs-langfuse spool ls DIR`: what waits on the disk, for an operator. The
 * command `replay`, which sends it, is not of this room.
 */
import { nodeFileSystem } from './node-file-system.js';
import {
  type DestinationInventory,
  type InventoryAccess,
  type InventoryCount,
  type ProcessInventory,
  takeInventory,
} from './inventory.js';
import type { Ownership } from './lease.js';
import { causeOf } from './breaker.js';
import { systemProcesses } from './process-table.js';

export const SPOOL_USAGE = `Usage: nestjs-langfuse spool ls DIR
       nestjs-langfuse spool replay DIR

ls lists what waits in the spool folder DIR: by destination and process, and what
was put aside because it could not be read or the server refused it. Nothing is
changed.

replay sends what processes that ended have left in DIR for the project of
LANGFUSE_PUBLIC_KEY, LANGFUSE_SECRET_KEY and LANGFUSE_BASE_URL, however old it is.
Run it as the user of the application.
`;

const EXIT_FAILED = 1;
const EXIT_USAGE = 2;

const OWNERS: { readonly [kind in Ownership['kind']]: string } = {
  owned: 'running',
  orphan: 'ended',
  unknown: 'not of this machine',
};

/** What a command came to. */
export interface CommandResult {
  readonly exitCode: number;
  readonly output?: string;
  readonly error?: string;
}

/** What the command works with; by default that of the machine. */
export interface SpoolCommandDependencies extends Partial<InventoryAccess> {
  /** Milliseconds since 1970. */
  readonly wallNow?: () => number;
}

/** @param args Without the node binary, the script and `spool`. */
export function runSpoolCommand(
  args: readonly string[],
  dependencies: SpoolCommandDependencies = {},
): CommandResult {
  const [command, dir, ...rest] = args;
  if (command === undefined || command === '--help' || command === '-h') {
    return { exitCode: 0, output: SPOOL_USAGE };
  }
  if (command !== 'ls') {
    const error = `unknown command "spool ${command}": there are spool ls and spool replay`;
    return { exitCode: EXIT_USAGE, error };
  }
  if (dir === undefined || rest.length > 0) {
    const error = 'name one folder: nestjs-langfuse spool ls DIR';
    return { exitCode: EXIT_USAGE, error };
  }
  return list(dir, dependencies);
}

function list(
  dir: string,
  {
    fs = nodeFileSystem,
    processes = systemProcesses(),
    wallNow = Date.now,
  }: SpoolCommandDependencies,
): CommandResult {
  try {
    if (fs.stat(dir) === undefined) {
      return { exitCode: EXIT_FAILED, error: `there is no folder ${dir}` };
    }
    const destinations = takeInventory({ fs, processes }, dir);
    const now = wallNow();
    const output = destinations.map((one) => describeDestination(one, now));
    return {
      exitCode: 0,
      output:
        output.length > 0 ? output.join('\n') : `Nothing waits in ${dir}.\n`,
    };
  } catch (error) {
    return {
      exitCode: EXIT_FAILED,
      error: `cannot read ${dir}: ${causeOf(error)}`,
    };
  }
}

function describeDestination(
  { folder, destination, processes, quarantine }: DestinationInventory,
  now: number,
): string {
  const lines = [`${destination ?? 'unknown destination'} (${folder})`];
  for (const process of processes) lines.push(describeProcess(process, now));
  if (processes.length === 0) lines.push('  nothing waits');
  for (const [why, count] of [
    ['refused by the server', quarantine.rejected],
    ['damaged', quarantine.damaged],
  ] as const) {
    for (const what of describeCount(count, 'record')) {
      lines.push(`  quarantine (${why}): ${what}`);
    }
  }
  return `${lines.join('\n')}\n`;
}

function describeProcess(
  { name, owner, lanes, oldest }: ProcessInventory,
  now: number,
): string {
  const waiting = [
    ...describeCount(lanes.spans, 'span'),
    ...describeCount(lanes.scores, 'score'),
  ];
  const age =
    oldest === undefined ? '' : `; the oldest since ${duration(now - oldest)}`;
  const what = waiting.length > 0 ? waiting.join('; ') : 'nothing';
  return `  ${name} (${OWNERS[owner]}): ${what}${age}`;
}

function describeCount(
  { files, records, bytes }: InventoryCount,
  noun: string,
): string[] {
  if (files === 0) return [];
  const many = `${records.toLocaleString('en-US')} ${noun}${records === 1 ? '' : 's'}`;
  const where = files === 1 ? '1 file' : `${files} files`;
  return [`${many} in ${where}, ${size(bytes)}`];
}

function size(bytes: number): string {
  if (bytes < 1_000) return `${bytes} B`;
  if (bytes < 1_000_000) return `${(bytes / 1_000).toFixed(1)} kB`;
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}

function duration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1_000));
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7_200) return `${Math.round(seconds / 60)} min`;
  return `${Math.round(seconds / 3_600)} h`;
}
