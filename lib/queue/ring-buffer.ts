import type { LaneName, LiveBatch, QueueRecord } from './queue-record.js';

const INITIAL_SLOTS = 256;

/**
 * The records that wait, oldest first, with their number, bytes and sequence
 * numbers. Sequence numbers count every record that was ever pushed, so "all
 * that was enqueued before now" is a single number.
 *
 * It grows by doubling and never shrinks; its bounds are the lane's business.
 */
export class RingBuffer {
  private slots = emptySlots(INITIAL_SLOTS);
  private head = 0;
  private pushed = 0;
  private length = 0;
  private byteLength = 0;

  constructor(private readonly lane: LaneName) {}

  /** Number of records that wait. */
  get size(): number {
    return this.length;
  }

  /** Sum of their encoded lengths. */
  get bytes(): number {
    return this.byteLength;
  }

  /** Sequence number of the oldest record, or the next one when empty. */
  get firstSeq(): number {
    return this.pushed - this.length;
  }

  /** Sequence number of the newest record ever pushed; -1 before the first. */
  get lastSeq(): number {
    return this.pushed - 1;
  }

  push(record: QueueRecord): void {
    if (this.length === this.slots.length) this.grow();
    this.slots[(this.head + this.length) & (this.slots.length - 1)] = record;
    this.length += 1;
    this.pushed += 1;
    this.byteLength += record.bytes.byteLength;
  }

  /** Removes the oldest record. */
  shift(): QueueRecord | undefined {
    const record = this.slots[this.head];
    if (record === undefined) return undefined;
    // The slot would keep the record's bytes alive until it is written again.
    this.slots[this.head] = undefined;
    this.head = (this.head + 1) & (this.slots.length - 1);
    this.length -= 1;
    this.byteLength -= record.bytes.byteLength;
    return record;
  }

  /**
   * The oldest records, which stay: at most `count` records and `bytes` bytes,
   * but at least one. A record larger than any batch would otherwise block all
   * that come after it.
   */
  peek(count: number, bytes: number): QueueRecord[] {
    const records: QueueRecord[] = [];
    let seen = 0;
    while (records.length < Math.min(count, this.length)) {
      const at = (this.head + records.length) & (this.slots.length - 1);
      const next = this.slots[at]!;
      seen += next.bytes.byteLength;
      if (records.length > 0 && seen > bytes) break;
      records.push(next);
    }
    return records;
  }

  /** Removes those that {@link RingBuffer.peek} gives, as a batch. */
  take(count: number, bytes: number): LiveBatch {
    const { lane, firstSeq, byteLength } = this;
    const records = this.peek(count, bytes);
    for (let i = 0; i < records.length; i++) this.shift();
    return {
      lane,
      firstSeq,
      lastSeq: this.firstSeq - 1,
      bytes: byteLength - this.byteLength,
      records,
    };
  }

  private grow(): void {
    const grown = emptySlots(this.slots.length * 2);
    for (let i = 0; i < this.length; i++) {
      grown[i] = this.slots[(this.head + i) & (this.slots.length - 1)];
    }
    this.slots = grown;
    this.head = 0;
  }
}

function emptySlots(length: number): (QueueRecord | undefined)[] {
  return Array.from({ length });
}
