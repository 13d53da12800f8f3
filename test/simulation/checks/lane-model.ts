/**
 * The queue as its documentation has it, with one array a lane: what is queued,
 * in flight, delivered and dropped must be the same in both.
 */
import type {
  DropReason,
  LangfuseQueueSettings,
  LaneName,
  LedgerSnapshot,
  LiveBatch,
  QueueRecord,
  Settlement,
} from '../../../lib/queue/index.js';
import type { Breaches } from './breaches.js';
import { isSameCounts } from './counts.js';
import type { SimulatedServer } from '../server/simulated-server.js';

/** One lane of the model. */
export class LaneModel {
  readonly dropped: { [reason in DropReason]?: number } = {};
  enqueued = 0;
  delivered = 0;
  private isCompared = false;
  private accepted = 0;
  private bytes = 0;
  private inFlight = 0;
  private inFlightBytes = 0;
  private queue: QueueRecord[] = [];
  /** Index of the oldest that waits; what lies before it has gone. */
  private head = 0;
  private readonly batches = new Set<LiveBatch>();

  constructor(
    readonly name: LaneName,
    private readonly settings: LangfuseQueueSettings,
    private readonly server: SimulatedServer,
    private readonly breaches: Breaches,
  ) {}

  get lastSeq(): number {
    return this.accepted - 1;
  }

  /** Records that wait or are on their way. */
  get size(): number {
    return this.queued + this.inFlight;
  }

  private get queued(): number {
    return this.queue.length - this.head;
  }

  /** Called before the real one: a batch may leave while it is in there. */
  enqueue(record: QueueRecord, isClosed: boolean): void {
    this.enqueued += 1;
    this.isCompared = false;
    if (isClosed) return this.drop('closed', 1);
    const { maxQueueSize, maxQueueBytes, overflow } = this.settings;
    const bytes = record.bytes.byteLength;
    const isFull = () =>
      this.queued + this.inFlight >= maxQueueSize ||
      this.bytes + bytes > maxQueueBytes;
    // Those in flight cannot make room; without enough of it nobody is dropped.
    const canFit =
      this.inFlight < maxQueueSize &&
      this.inFlightBytes + bytes <= maxQueueBytes;
    if (isFull() && (overflow === 'drop-newest' || !canFit)) {
      return this.drop('overflow', 1);
    }
    while (isFull()) {
      this.bytes -= this.queue[this.head]!.bytes.byteLength;
      this.head += 1;
      this.drop('overflow', 1);
    }
    this.accepted += 1;
    this.bytes += bytes;
    this.queue.push(record);
  }

  cut(batch: LiveBatch): void {
    const firstSeq = this.accepted - this.queued;
    const isHead = batch.records.every(
      (record, index) => record === this.queue[this.head + index],
    );
    this.breaches.check(
      isHead && batch.firstSeq === firstSeq,
      'I4',
      () => `batch ${batch.firstSeq}-${batch.lastSeq} is not the oldest`,
    );
    this.head += batch.records.length;
    this.inFlight += batch.records.length;
    this.inFlightBytes += batch.bytes;
    this.batches.add(batch);
    this.isCompared = false;
  }

  settle(batch: LiveBatch, settlement: Settlement, isAborted: boolean): void {
    const { delivered, rejected } = settlement;
    const { fates } = this.server;
    let acknowledged = 0;
    let refused = 0;
    let bad = 0;
    for (const { id } of batch.records) {
      const number = Number(id);
      if (fates.isAcknowledged(number)) acknowledged += 1;
      else if (fates.isRefused(number)) refused += 1;
      else if (fates.isBad(number)) bad += 1;
    }
    const { length } = batch.records;
    this.breaches.check(
      delivered === acknowledged,
      'I4',
      () => `${delivered} of ${length} called delivered, ${acknowledged} are`,
    );
    this.breaches.check(
      rejected >= refused && rejected <= refused + bad,
      'I7',
      () =>
        `${rejected} of ${length} called rejected, the server refused ${refused}: ${settlement.cause}`,
    );
    const rest = length - delivered - rejected;
    this.breaches.check(
      rest === 0 || isAborted,
      'I4',
      () => `${rest} of ${length} settled with neither result`,
    );
    this.batches.delete(batch);
    this.isCompared = false;
    this.inFlight -= length;
    this.inFlightBytes -= batch.bytes;
    this.bytes -= batch.bytes;
    this.delivered += delivered;
    this.drop('rejected', rejected);
    this.drop('shutdown_deadline', rest);
  }

  /** After `shutdown()` nothing waits any more. */
  close(): void {
    for (const { bytes } of this.queue.slice(this.head)) {
      this.bytes -= bytes.byteLength;
    }
    this.drop('shutdown_deadline', this.queued);
    this.head = this.queue.length;
  }

  /** Records up to `seq` that are neither delivered nor dropped. */
  unsettled(seq: number): number {
    const upTo = (first: number, last: number) =>
      Math.max(0, Math.min(last, seq) - first + 1);
    let count = upTo(this.accepted - this.queued, this.lastSeq);
    for (const batch of this.batches) {
      count += upTo(batch.firstSeq, batch.lastSeq);
    }
    return count;
  }

  /** Whether something happened since the last `compare()`. */
  get isNews(): boolean {
    return !this.isCompared;
  }

  compare(real: LedgerSnapshot): void {
    this.isCompared = true;
    const { queued, inFlight, bytes, delivered, enqueued, dropped } = this;
    const isEqual =
      queued === real.queued &&
      inFlight === real.inFlight &&
      bytes === real.bytes &&
      delivered === real.delivered &&
      enqueued === real.enqueued &&
      isSameCounts(dropped, real.dropped);
    this.breaches.check(
      isEqual,
      'I1',
      () =>
        `${this.name}: ledger ${JSON.stringify(real)}, expected ` +
        JSON.stringify({
          enqueued,
          queued,
          inFlight,
          delivered,
          dropped,
          bytes,
        }),
    );
    const { maxQueueSize, maxQueueBytes } = this.settings;
    this.breaches.check(
      real.bytes <= maxQueueBytes &&
        real.queued + real.inFlight <= maxQueueSize,
      'I2',
      () => `${this.name}: ${JSON.stringify(real)}`,
    );
  }

  private drop(reason: DropReason, count: number): void {
    if (count === 0) return;
    this.dropped[reason] = (this.dropped[reason] ?? 0) + count;
  }
}
