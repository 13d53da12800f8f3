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

/** Consecutive records of one lane that are delivered by one request. */
export interface Batch {
  readonly lane: LaneName;
  /** Sequence number of the first record; the others follow without a gap. */
  readonly firstSeq: number;
  readonly lastSeq: number;
  readonly bytes: number;
  readonly records: readonly QueueRecord[];
}
