/**
 * Which lane a record travels in. Spans and scores go to different endpoints
 * of the server, each with its own batch limits.
 *
 * @publicApi
 */
export type LaneName = 'spans' | 'scores';

/**
 * What is queued: the final bytes of one span or one score. They were made
 * when the observation ended and are only moved from here on.
 *
 * @publicApi
 */
export interface QueueRecord {
  /** Which endpoint of the server it goes to. */
  readonly lane: LaneName;
  /** Span id, or the envelope id of a score: by it the server answers. */
  readonly id: string;
  /** A span in OTLP's protobuf, or a score event in JSON. */
  readonly bytes: Uint8Array;
  /**
   * Called once the record is delivered or dropped, when the queue and its
   * transport do not read `bytes` any more: their memory can be used again.
   * Must not throw.
   */
  release?(): void;
}

/** Records of one lane that are delivered by one request. */
export interface Batch {
  readonly lane: LaneName;
  readonly bytes: number;
  readonly records: readonly QueueRecord[];
}

/** Consecutive records that have waited in memory. */
export interface LiveBatch extends Batch {
  /** Sequence number of the first record; the others follow without a gap. */
  readonly firstSeq: number;
  readonly lastSeq: number;
}

/** Whether a batch comes from memory, and not from the disk. */
export function isLive(batch: Batch): batch is LiveBatch {
  return 'firstSeq' in batch;
}
