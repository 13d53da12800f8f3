/** A record that counts as queued although its bytes are still being made. */
export interface PendingRecord {
  /** What it is reckoned with until its length is known. */
  readonly expectedBytes: number;
  /** Its place among all records; undefined until it is ready. */
  seq: number | undefined;
}

/**
 * The records of a lane that are still being made, oldest first, with their
 * number and expected bytes: what the ring is for those that are ready.
 */
export class PendingRecords {
  private readonly records = new Set<PendingRecord>();
  private expected = 0;

  /** Sum of their expected bytes. */
  get bytes(): number {
    return this.expected;
  }

  add(expectedBytes: number): PendingRecord {
    const record = { expectedBytes, seq: undefined };
    this.records.add(record);
    this.expected += expectedBytes;
    return record;
  }

  /** Returns false for one that is not here any more. */
  remove(record: PendingRecord): boolean {
    if (!this.records.delete(record)) return false;
    this.expected -= record.expectedBytes;
    return true;
  }

  has(record: PendingRecord): boolean {
    return this.records.has(record);
  }

  /** Removes the oldest. Returns its bytes; undefined when there is none. */
  shift(): number | undefined {
    const [oldest] = this.records;
    if (oldest) this.remove(oldest);
    return oldest?.expectedBytes;
  }

  /** Removes all. */
  clear(): { readonly count: number; readonly bytes: number } {
    const removed = { count: this.records.size, bytes: this.expected };
    this.records.clear();
    this.expected = 0;
    return removed;
  }

  /** Those that are here now. */
  snapshot(): ReadonlySet<PendingRecord> {
    return this.records.size === 0 ? NONE : new Set(this.records);
  }
}

const NONE: ReadonlySet<PendingRecord> = new Set();
