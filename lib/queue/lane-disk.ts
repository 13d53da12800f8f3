/** What a lane does with its part of the disk. */
import type { BatchLimits } from './batches.js';
import type { Ledger } from './ledger.js';
import type { Batch, LaneName, QueueRecord } from './queue-record.js';
import type { RingBuffer } from './ring-buffer.js';
import type { Room } from './room.js';
import type { SpoolLog } from './spool.interface.js';
import type { Unsettled } from './unsettled.js';

/** Which records go to the disk. */
export type SpoolMode =
  /** What memory has no room for, and what `shutdown()` leaves. */
  | 'overflow'
  /** Each record, before `enqueue()` returns. */
  | 'event';

/** A lane's part of a spool. */
export interface LaneSpool {
  readonly mode: SpoolMode;
  readonly log: SpoolLog;
}

/**
 * What leaves memory at once: a batch's worth, which takes a disk that is well
 * about a millisecond. Records that go one by one would take a call each.
 */
const SPILLED_RECORDS = 512;
const SPILLED_BYTES = 1024 * 1024;

/** What of a lane the disk takes over. */
export interface LaneDiskParts {
  readonly ring: RingBuffer;
  readonly ledger: Ledger;
  readonly unsettled: Unsettled;
}

/** Moves the records of a lane between memory and the disk, and books that. */
export class LaneDisk {
  private readonly log: SpoolLog;

  constructor(
    private readonly lane: LaneName,
    private readonly spool: LaneSpool,
    private readonly parts: LaneDiskParts,
  ) {
    this.log = spool.log;
  }

  /** Records that are on the disk alone. */
  get waiting(): number {
    return this.log.waiting;
  }

  /** Returns what stands for the record in memory from now on. */
  keep(record: QueueRecord): QueueRecord {
    return this.spool.mode === 'event' ? this.log.keep(record) : record;
  }

  /**
   * Leaves the oldest records that wait in memory to the disk alone. False when
   * none waits, or the disk does not take it.
   */
  spill(): boolean {
    const { log } = this;
    const { ring, ledger, unsettled } = this.parts;
    const records = ring.peek(SPILLED_RECORDS, SPILLED_BYTES);
    const before = log.lastNumber;
    const count = log.save(records);
    if (count === 0) return false;
    const spilled = ring.take(count, Infinity);
    ledger.spill(count, spilled.bytes);
    unsettled.spilled(spilled, log.lastNumber - before);
    for (const record of spilled.records) record.release?.();
    return true;
  }

  /** Leaves all that waits in memory to the disk alone. */
  spillAll(): boolean {
    while (this.parts.ring.size > 0) if (!this.spill()) return false;
    return true;
  }

  /** As far as it takes them, leaves records to the disk alone. */
  save(records: readonly QueueRecord[]): SavedRecords {
    const { log } = this;
    const first = log.save(records);
    const saved = records.slice(0, first);
    // Behind one that it does not take there may be some that it has already.
    for (const record of records.slice(first)) {
      if (log.save([record]) > 0) saved.push(record);
    }
    return { count: saved.length, bytes: bytesOf(saved) };
  }

  /**
   * The oldest records that are on the disk alone, on their way from now on.
   * Undefined when there is no room for them, or none can be had now.
   */
  replay(limits: BatchLimits, room: Room): Batch | undefined {
    const { log, lane } = this;
    const count = Math.min(limits.count, room.records);
    const most = Math.min(limits.bytes, room.bytes);
    if (count <= 0 || most <= 0) return undefined;
    // One that is larger than all memory must not wait for ever.
    const records = log.take(count, most, room.isEmpty ? Infinity : room.bytes);
    if (records.length === 0) return undefined;
    const bytes = bytesOf(records);
    this.parts.ledger.unspool(records.length, bytes);
    return { lane, bytes, records };
  }

  /**
   * The disk need not have these records any more, but for the `rest`. Returns
   * how many of the rest it has.
   *
   * @param refused Those of them that people should be able to look at.
   */
  settle(
    records: readonly QueueRecord[],
    refused: readonly QueueRecord[],
    rest: readonly QueueRecord[],
  ): number {
    const others = new Set([...refused, ...rest]);
    const settled =
      others.size === 0
        ? records
        : records.filter((record) => !others.has(record));
    this.log.reject(refused);
    this.log.settle(settled);
    return this.save(rest).count;
  }
}

/** What of some records is on the disk alone. */
interface SavedRecords {
  readonly count: number;
  readonly bytes: number;
}

function bytesOf(records: readonly QueueRecord[]): number {
  let bytes = 0;
  for (const record of records) bytes += record.bytes.byteLength;
  return bytes;
}
