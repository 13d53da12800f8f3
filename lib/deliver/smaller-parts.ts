import type { QueueRecord } from '../queue/index.js';
import { shrinkScore, shrinkSpan } from '../wire/index.js';

/** Two halves, the first on top of the stack; none of a single record. */
export function halves(records: readonly QueueRecord[]): QueueRecord[][] {
  if (records.length < 2) return [];
  const middle = Math.ceil(records.length / 2);
  return [records.slice(middle), records.slice(0, middle)];
}

/** The records of a batch that were cut, and what they were before. */
export class CutRecords {
  private readonly uncut = new Map<QueueRecord, QueueRecord>();

  /**
   * The record with its largest values cut, so that half of its size remains:
   * what the server would take is not known. None when nothing can be cut.
   */
  shrunk(record: QueueRecord): QueueRecord[][] {
    const shrink = record.lane === 'spans' ? shrinkSpan : shrinkScore;
    const bytes = shrink(record.bytes, Math.floor(record.bytes.byteLength / 2));
    if (bytes === undefined) return [];
    const { lane, id } = record;
    const cut = { lane, id, bytes };
    this.uncut.set(cut, this.uncut.get(record) ?? record);
    return [[cut]];
  }

  /** The batch's own records in the place of those that were cut. */
  originals(records: readonly QueueRecord[]): QueueRecord[] {
    return records.map((record) => this.uncut.get(record) ?? record);
  }
}
