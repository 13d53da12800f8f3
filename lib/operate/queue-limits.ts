/** How much a lane of the queue holds, as the options of these names say. */
export interface QueueLimits {
  readonly maxQueueSize: number;
  /** In bytes. */
  readonly maxQueueBytes: number;
}
