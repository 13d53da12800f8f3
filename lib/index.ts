export { createLangfuseQueue } from './langfuse.factory.js';
export { LangfuseModule } from './langfuse.module.js';
export type {
  LangfuseModuleExtras,
  LangfuseOptionsFactory,
} from './langfuse.module-definition.js';
export {
  type FlushApplicationOptions,
  type FlushQueueOptions,
  type LangfuseFlushOptions,
  withLangfuseFlush,
} from './langfuse.serverless.js';
export {
  LangfuseSpanProcessor,
  type LangfuseSpanProcessorParams,
} from './langfuse.span-processor.js';
export {
  type ActiveScore,
  type ArgumentsFunction,
  type AttributesOf,
  type AxiosRequestLike,
  type ChunkOf,
  CurrentObservation,
  type GenerationAttributes,
  getLangfuseQueueToken,
  getLangfuseToken,
  type IgnoreRoutes,
  InjectLangfuse,
  InjectLangfuseQueue,
  LangfuseInterceptor,
  LangfuseObservation,
  LangfuseService,
  type MaskedText,
  type MaskFunction,
  NoTrace,
  type ObservationAttributes,
  type OpenObservation,
  type PromptReference,
  type PropagatedAttributes,
  type RequestAttributesFunction,
  type ReadableSpan,
  redactSecrets,
  type RedactSecretsOptions,
  type Score,
  type ShouldExportSpan,
  type StartActiveObservationOptions,
  type StartObservationOptions,
  type StaticTraceOptions,
  Trace,
  type TraceCarrier,
  type TraceDecorator,
  type TraceOptions,
  type TraceRequests,
  type TraceResult,
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
  type DestinationOutage,
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
  type SpoolLossReason,
  type SpoolStats,
  type TransportStats,
} from './queue/index.js';
export {
  getLangfuseHealthIndicatorToken,
  type LangfuseHealth,
  LangfuseHealthIndicator,
  type LangfuseHealthOptions,
} from './operate/index.js';
export {
  type FilteredSpan,
  isDefaultExportSpan,
  type SdkSpan,
} from './otel/index.js';
export type { FlushTarget, WaitUntil } from './serverless/index.js';
export type { ObservationLevel, ObservationType } from './wire/index.js';
