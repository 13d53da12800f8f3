/**
 * `nestjs-langfuse/local`: a Langfuse-compatible receiver on loopback, for
 * development without an account and for tests.
 */
export { startLangfuseLocal } from './start-langfuse-local.js';
export type { LangfuseLocalServer } from './langfuse-local-server.js';
export type {
  LangfuseLocalEvents,
  LangfuseLocalOptions,
} from './langfuse-local-options.js';
export type {
  LocalObservation,
  LocalObservationLevel,
  LocalObservationType,
  LocalRecordFilter,
  LocalRequest,
  LocalScore,
  LocalScoreValue,
  LocalStats,
  LocalTrace,
} from './records.js';
export { InMemoryReceiver, type ReceivedSpan } from './in-memory-receiver.js';
export { renderScore, renderTrace } from './trace-tree.js';
export type { RenderOptions } from './trace-tree.js';
