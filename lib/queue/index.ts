export { type Clock, systemClock, type Timer } from './clock.js';
export {
  type DeadlineOptions,
  LangfuseQueue,
  type LangfuseQueueDependencies,
} from './langfuse-queue.js';
export type { FlushResult } from './flush-result.js';
export type { DropCounts, DropReason, LedgerSnapshot } from './ledger.js';
export type { DestinationOutage } from './outages.js';
export type { QueueEvent } from './queue-events.js';
export type { QueueLogger } from './queue-log.js';
export {
  type Batch,
  isLive,
  type LaneName,
  type LiveBatch,
  type QueueRecord,
} from './queue-record.js';
export type { LangfuseQueueSettings } from './queue-settings.js';
export type { QueueSpool } from './queue-spool.js';
export type { QueueStats } from './queue-stats.js';
export type {
  Spool,
  SpoolEvent,
  SpoolLog,
  SpoolLossReason,
  SpoolStats,
} from './spool.interface.js';
export type {
  DestinationState,
  Settlement,
  Transport,
  TransportStats,
} from './transport.interface.js';
