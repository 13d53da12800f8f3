import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/** Which process, on which machine and in which container. */
export interface ProcessIdentity {
  readonly pid: number;
  readonly host: string;
  /** Changes when the machine starts; undefined where it cannot be told. */
  readonly bootId?: string | undefined;
  /** In each container pids count from 1; this tells whose they are. */
  readonly pidNamespace?: string | undefined;
  /** Tells a process from a later one with the same pid. */
  readonly startedAt?: string | undefined;
}

/** What can be told of other processes. */
export interface ProcessTable {
  readonly self: ProcessIdentity;
  /** Undefined when that cannot be told from here. */
  isAlive(other: ProcessIdentity): boolean | undefined;
}

/** The processes of the machine. */
export function systemProcesses(): ProcessTable {
  const self: ProcessIdentity = {
    pid: process.pid,
    host: hostname(),
    bootId: attempt(() =>
      readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim(),
    ),
    pidNamespace: attempt(() => readlinkSync('/proc/self/ns/pid')),
    startedAt: statusOf(process.pid)?.startedAt,
  };
  return { self, isAlive: (other) => isAlive(self, other) };
}

function isAlive(
  self: ProcessIdentity,
  other: ProcessIdentity,
): boolean | undefined {
  if (other.host !== self.host) return undefined;
  if (self.bootId === undefined || self.pidNamespace === undefined) {
    // The pid may be that of a later process: only its absence says something.
    return exists(other.pid) ? undefined : false;
  }
  // Host names are given away; a pid means something in its own namespace only.
  if (
    other.bootId !== self.bootId ||
    other.pidNamespace !== self.pidNamespace
  ) {
    return undefined;
  }
  const status = statusOf(other.pid);
  if (status === undefined) return exists(other.pid) ? undefined : false;
  return !status.hasEnded && status.startedAt === other.startedAt;
}

/** What Linux says of a process; undefined when it says nothing. */
function statusOf(
  pid: number,
): { readonly hasEnded: boolean; readonly startedAt: string } | undefined {
  const text = attempt(() => readFileSync(`/proc/${pid}/stat`, 'utf8'));
  if (text === undefined) return undefined;
  // The name before it may hold anything, also a parenthesis.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const [state] = fields;
  const startedAt = fields[19];
  if (startedAt === undefined) return undefined;
  return { hasEnded: state === 'Z' || state === 'X', startedAt };
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: somebody else's process has this pid.
    return !(
      error instanceof Error &&
      'code' in error &&
      error.code === 'ESRCH'
    );
  }
}

function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
