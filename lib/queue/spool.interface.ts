import type { Observable } from 'rxjs';
import type { LaneName, QueueRecord } from './queue-record.js';

/**
 * Why records that were on the disk alone are lost.
 *
 * - `spool_quota`: they had to make room for newer ones.
 * - `spool_ttl`: they were older than the age limit.
 * - `spool_corrupt`: they cannot be read any more.
 *
 * @publicApi
 */
export type SpoolLossReason = 'spool_quota' | 'spool_ttl' | 'spool_corrupt';

/** What happens in a {@link Spool}. */
export type SpoolEvent =
  /** Records that a process has left behind wait in this spool from now on. */
  | {
      readonly type: 'adopted';
      readonly lane: LaneName;
      readonly count: number;
    }
  /** Records that waited here wait in another process's spool, which took them. */
  | {
      readonly type: 'taken-over';
      readonly lane: LaneName;
      readonly count: number;
    }
  /** Records that waited on the disk alone do not wait any more. */
  | {
      readonly type: 'lost';
      readonly lane: LaneName;
      readonly count: number;
      readonly reason: SpoolLossReason;
      /** One line for the log. */
      readonly cause: string;
    }
  /** It takes nothing until it works again; `cause` is one line for the log. */
  | { readonly type: 'failing'; readonly cause: string }
  | { readonly type: 'working' };

/** A snapshot of a spool. @publicApi */
export interface SpoolStats {
  /** Bytes of records and of what belongs to them on the disk. */
  readonly bytes: number;
  /** Records that are on the disk alone. */
  readonly waiting: number;
  /** Whether the disk takes records, as far as is known. */
  readonly isWorking: boolean;
}

/**
 * The records of one lane on the disk.
 *
 * Whatever `keep()` and `take()` return is held in memory until it is handed to
 * `save()`, `settle()` or `reject()`. These three take any records of the lane:
 * to those that are not on the disk, nothing but `save()` happens.
 *
 * No method throws, and none keeps reading `bytes` after it has returned.
 */
export interface SpoolLog {
  /**
   * Writes a record that stays in memory. Returns what stands for it from now
   * on: the same bytes, and `release()` is passed on; or the record itself when
   * the disk does not take it.
   */
  keep(record: QueueRecord): QueueRecord;
  /**
   * Leaves records to the disk alone: those that are not there are written, in
   * one go. Returns how many, from the first one, are safe there now.
   */
  save(records: readonly QueueRecord[]): number;
  /**
   * Reads records that are on the disk alone, the oldest first: at most `count`
   * records and `bytes` bytes, but one in any case, unless it has more than
   * `maxBytes` (default: any is taken). None when there is nothing to read, or
   * when what was taken before must be settled first.
   */
  take(count: number, bytes: number, maxBytes?: number): readonly QueueRecord[];
  /** Nobody needs these records any more, here or after a restart. */
  settle(records: readonly QueueRecord[]): void;
  /**
   * The server refused these records and would refuse them again: as
   * `settle()`, but a copy is put aside for people to look at. Takes records
   * that are not on the disk, too.
   */
  reject(records: readonly QueueRecord[]): void;
  /** Records that are on the disk alone. */
  readonly waiting: number;
  /** Number of the newest record that this process has written; 0 for none. */
  readonly lastNumber: number;
  /**
   * How many of the records that this process has written, up to a number, are
   * not settled.
   */
  countUnsettled(upToNumber: number): number;
}

/**
 * Records on the disk, so that they outlive an outage that is longer than
 * memory, and this process. The queue's only view of files.
 */
export interface Spool {
  readonly logs: { readonly [name in LaneName]: SpoolLog };
  /**
   * `adopted` is told at once, in the call that found the records; all else after
   * the call that caused it, whose caller counts first. Nobody may call the spool
   * while being told.
   */
  readonly events$: Observable<SpoolEvent>;
  readonly stats: SpoolStats;
  /**
   * Begins to look for what processes that ended have left behind, now and from
   * time to time. To be called once, when somebody listens to `events$`.
   */
  open(): void;
  /**
   * Leaves what is on the disk to the next process, which need not wait to be
   * sure that this one has ended. Nothing is written afterwards.
   */
  close(): void;
}
