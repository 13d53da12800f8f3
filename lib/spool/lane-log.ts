import type { LaneName, QueueRecord, SpoolLog } from '../queue/index.js';
import { toRanges } from './ack-file.js';
import type { Quarantine } from './quarantine.js';
import type { Replay } from './replay.js';
import { Place, type Segment, type WaitingTally } from './segment.js';
import type { SegmentStore } from './segment-store.js';
import type { SegmentWriter } from './segment-writer.js';
import { SpooledRecord } from './spooled-record.js';

/** What a lane's log is made of. */
export interface LaneLogParts {
  readonly store: SegmentStore;
  readonly writer: SegmentWriter;
  readonly replay: Replay;
  readonly quarantine: Quarantine;
  readonly tally: WaitingTally;
}

/** The records of one lane in segments on the disk. */
export class LaneLog implements SpoolLog {
  constructor(
    private readonly lane: LaneName,
    private readonly parts: LaneLogParts,
  ) {}

  get waiting(): number {
    return this.parts.tally.waiting;
  }

  get lastNumber(): number {
    return this.parts.writer.lastNumber;
  }

  keep(record: QueueRecord): QueueRecord {
    const { writer } = this.parts;
    if (writer.append([record], Place.kept) === 0) return record;
    const segment = writer.current!;
    return new SpooledRecord(record, segment, segment.count - 1);
  }

  save(records: readonly QueueRecord[]): number {
    for (let at = 0; at < records.length;) {
      const record = records[at]!;
      if (isOnDisk(record)) {
        record.segment.move(record.index, Place.disk);
        at += 1;
        continue;
      }
      const end = records.findIndex((other, i) => i > at && isOnDisk(other));
      const run = records.slice(at, end < 0 ? undefined : end);
      const safe = this.parts.writer.append(run, Place.disk);
      at += safe;
      if (safe < run.length) return at;
    }
    return records.length;
  }

  take(
    count: number,
    bytes: number,
    maxBytes?: number,
  ): readonly QueueRecord[] {
    return this.parts.replay.take(count, bytes, maxBytes);
  }

  settle(records: readonly QueueRecord[]): void {
    const { store, replay } = this.parts;
    const settled = new Map<Segment, number[]>();
    for (const record of records) {
      if (!isOnDisk(record)) continue;
      const { segment, index } = record;
      segment.move(index, Place.settled);
      const indices = settled.get(segment);
      if (indices) indices.push(index);
      else settled.set(segment, [index]);
    }
    for (const [segment, indices] of settled) {
      if (segment.isSettled) replay.lookForMore(segment);
      store.settled(segment, toRanges(indices));
    }
  }

  reject(records: readonly QueueRecord[]): void {
    if (records.length > 0) this.parts.quarantine.copy(this.lane, records);
    this.settle(records);
  }

  countUnsettled(upToNumber: number): number {
    let unsettled = 0;
    for (const segment of this.parts.store) {
      const { firstNumber, lane } = segment;
      if (lane !== this.lane || firstNumber === undefined) continue;
      const count = upToNumber - firstNumber + 1;
      if (count > 0) unsettled += segment.countUnsettled(count);
    }
    return unsettled;
  }
}

/** Whether it is there, and somebody needs it. */
function isOnDisk(record: QueueRecord): record is SpooledRecord {
  return (
    record instanceof SpooledRecord &&
    !record.segment.isGone &&
    record.segment.placeOf(record.index) !== Place.settled
  );
}
