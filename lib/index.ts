export { createLangfuseQueue } from './langfuse.factory.js';
export { LangfuseModule } from './langfuse.module.js';
export type {
  LangfuseModuleExtras,
  LangfuseOptionsFactory,
} from './langfuse.module-definition.js';
export {
  type ActiveScore,
  type AttributesOf,
  type GenerationAttributes,
  LangfuseInterceptor,
  LangfuseObservation,
  LangfuseService,
  type ObservationAttributes,
  type PropagatedAttributes,
  type Score,
  type StartActiveObservationOptions,
  type StartObservationOptions,
  Trace,
  type TraceOptions,
} from './observe/index.js';
export {
  type CredentialsProvider,
  type LangfuseConfig,
  langfuseConfig,
  type LangfuseCredentials,
  type LangfuseModuleOptions,
  LangfuseOptionsError,
  type OptionProblem,
} from './options/index.js';
export {
  type DeadlineOptions,
  type DestinationState,
  type DropCounts,
  type DropReason,
  type FlushResult,
  type LaneName,
  LangfuseQueue,
  type LedgerSnapshot,
  type QueueEvent,
  type QueueRecord,
  type QueueStats,
  type TransportStats,
} from './queue/index.js';
export type { ObservationLevel, ObservationType } from './wire/index.js';
