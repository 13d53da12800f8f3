import type { LaneName, QueueRecord } from '../queue/index.js';
import type { Segment } from './segment.js';

/** A record in memory that is on the disk as well. */
export class SpooledRecord implements QueueRecord {
  readonly lane: LaneName;
  readonly id: string;
  readonly bytes: Uint8Array;
  /**
   * Private to the object, not only to the type: a copy by spreading, with
   * bytes of its own, is not the record that is on the disk.
   */
  readonly #segment: Segment;
  readonly #index: number;
  readonly #record: QueueRecord;

  /** @param record What it stands for. */
  constructor(record: QueueRecord, segment: Segment, index: number) {
    this.lane = record.lane;
    this.id = record.id;
    this.bytes = record.bytes;
    this.#record = record;
    this.#segment = segment;
    this.#index = index;
  }

  get segment(): Segment {
    return this.#segment;
  }

  /** Its index in the segment. */
  get index(): number {
    return this.#index;
  }

  release(): void {
    this.#record.release?.();
  }
}
