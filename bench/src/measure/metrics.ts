/** What a run can come to; which of them depends on the workload. */
export interface Metrics {
  /** CPU of all threads, microseconds for each observation. */
  readonly cpuMicros?: number;
  /** Time that the caller pays for each observation, microseconds. */
  readonly callerP50Micros?: number;
  readonly callerP99Micros?: number;
  readonly callerP999Micros?: number;
  /** The longest time for which the event loop was held up, milliseconds. */
  readonly recordingHoldMs?: number;
  readonly flushingHoldMs?: number;
  /** The same, without what other processes did with the core meanwhile. */
  readonly recordingHoldCpuMs?: number;
  readonly flushingHoldCpuMs?: number;
  /** The most memory that the process has held at once, megabytes. */
  readonly peakRssMb?: number;
  /** Reachable memory for each observation that waits, bytes. */
  readonly pendingBytes?: number;
  /** Request bodies, bytes for each observation that was delivered. */
  readonly wireBytes?: number;
  readonly requests?: number;
  /** Observations, warm-up included. */
  readonly recorded?: number;
  readonly delivered?: number;
  readonly lost?: number;
  /** Records that arrived more than once. */
  readonly duplicates?: number;
  /** Time of one call of a function, microseconds. */
  readonly callMicros?: number;
  /** Time of `flush()` with nothing pending, microseconds. */
  readonly idleFlushMicros?: number;
}

export type MetricName = keyof Metrics;
