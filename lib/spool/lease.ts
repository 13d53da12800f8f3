/**
 * The file by which a process shows that it lives and works in its folder. It
 * counts up: whoever watches needs no clock that agrees with the owner's, only
 * to see that nothing has changed for a while.
 */
import { join } from 'node:path';
import type { ProcessIdentity, ProcessTable } from './process-table.js';
import type { SpoolFileSystem } from './spool-file-system.js';

const LEASE_FILE = 'lease';

/** How often an owner shows that it lives, in milliseconds. */
export const BEAT_MS = 5_000;

/**
 * How long a lease must not change, watched without a gap, until its owner is
 * taken for dead, in milliseconds.
 */
export const STALE_MS = 30_000;

const BEATS_DIGITS = 15;

const MAX_LEASE_BYTES = 4096;

/** Marks a folder that is not ready; nobody looks for records in it. */
export const UNREADY_SUFFIX = '.new';

/** Overwritten in place, so it must never become shorter. */
export function leaseText(owner: ProcessIdentity, beats: number): string {
  const count = String(beats).padStart(BEATS_DIGITS, '0');
  return `${JSON.stringify({ beats: count, ...owner })}\n`;
}

export function leasePath(folder: string): string {
  return join(folder, LEASE_FILE);
}

/** Whether a folder's owner is gone, as far as one look can tell. */
export type Ownership =
  /** Nobody owns it: the owner is dead, or has left it to others. */
  | { readonly kind: 'orphan' }
  | { readonly kind: 'owned' }
  /** The same text again and again means that nobody is there. */
  | { readonly kind: 'unknown'; readonly lease: string };

/** Looks at a folder once. */
export function lookAtLease(
  fs: SpoolFileSystem,
  processes: ProcessTable,
  folder: string,
): Ownership {
  const path = leasePath(folder);
  if (fs.stat(path) === undefined) {
    // A folder is never without a lease while its owner uses it, but before.
    return folder.endsWith(UNREADY_SUFFIX)
      ? { kind: 'unknown', lease: '' }
      : { kind: 'orphan' };
  }
  const lease = fs.read(path, MAX_LEASE_BYTES).toString('utf8');
  const owner = parseOwner(lease);
  const alive = owner && processes.isAlive(owner);
  if (alive === undefined) return { kind: 'unknown', lease };
  return { kind: alive ? 'owned' : 'orphan' };
}

function parseOwner(lease: string): ProcessIdentity | undefined {
  try {
    const said = JSON.parse(lease) as Partial<ProcessIdentity>;
    return Number.isInteger(said.pid) && typeof said.host === 'string'
      ? (said as ProcessIdentity)
      : undefined;
  } catch {
    return undefined;
  }
}
