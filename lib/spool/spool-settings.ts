import type { Clock } from '../queue/index.js';
import type { DiskLimits } from './disk-budget.js';
import type { ProcessTable } from './process-table.js';
import type { RestoreRecord } from './replay.js';
import type { SpoolFileSystem } from './spool-file-system.js';

/** Settings of a spool. */
export interface SegmentSpoolSettings extends DiskLimits {
  /** The folder of all spools of this machine or volume. Made when missing. */
  readonly dir: string;
  /**
   * Whose records these are, without a secret: those of another destination in
   * the same folder are left alone.
   */
  readonly destination: string;
  /**
   * What the bytes of a record need to be understood, at most 60 KiB; it is
   * written once per segment. See {@link SegmentSpoolSettings.restore}.
   */
  readonly origin: Uint8Array;
  /**
   * Called for a record of a process that had another `origin`, when it is
   * read: gives the bytes that mean the same here.
   */
  readonly restore: RestoreRecord;
  /**
   * `never`: what was written survives the end of the process. `always`: it
   * survives a loss of power, too, for some milliseconds a write.
   */
  readonly fsync: 'never' | 'always';
  /**
   * Bytes of a segment file at which the next one is begun: what a crash may
   * deliver twice, and what a spool that is full gives up at a time. Default:
   * 1 MiB, but at most a sixteenth of `maxBytes`.
   */
  readonly segmentBytes?: number;
  /** Milliseconds after which a record is not worth being delivered. */
  readonly maxAgeMs: number;
}

/** What a spool works with; by default that of the machine. */
export interface SegmentSpoolDependencies {
  readonly clock: Clock;
  readonly fs?: SpoolFileSystem;
  readonly processes?: ProcessTable;
  /** Milliseconds since 1970. */
  readonly wallNow?: () => number;
  readonly randomHex?: (bytes: number) => string;
  /** Undefined where files have no numeric owners. */
  readonly userId?: number | undefined;
}
