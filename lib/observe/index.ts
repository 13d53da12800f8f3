export { Capture } from './capture/index.js';
export { CurrentObservation } from './current-observation.decorator.js';
export { EarlyEndLog } from './early-end-log.js';
export {
  LangfuseObservation,
  type StartObservationOptions,
} from './langfuse-observation.js';
export {
  LangfuseService,
  type StartActiveObservationOptions,
} from './langfuse.service.js';
export {
  getLangfuseQueueToken,
  getLangfuseToken,
  InjectLangfuse,
  InjectLangfuseQueue,
} from './langfuse-tokens.js';
export { LangfuseTracerProvider } from './langfuse-tracer-provider.js';
export { LibrarySpanFilter } from './library-span-filter.js';
export { NoTrace } from './no-trace.decorator.js';
export type {
  AttributesOf,
  GenerationAttributes,
  ObservationAttributes,
} from './observation-attributes.js';
export {
  Mask,
  type MaskedAttributes,
  type MaskedText,
  type MaskFunction,
  redactSecrets,
  type RedactSecretsOptions,
} from './mask/index.js';
export type { OpenObservation } from './open-observation.js';
export { OpenObservations } from './open-observations.js';
export { attributeEntries } from './otel-attributes.js';
export { OwnSpanContext } from './own-span-context.js';
export type { PropagatedAttributes } from './propagated-attributes.js';
export {
  type AxiosRequestLike,
  formatTraceparent,
  parseTraceparent,
  Propagation,
  type TraceCarrier,
} from './propagation/index.js';
export type { ReadableSpan, ShouldExportSpan } from './readable-span.js';
export type { PromptReference } from './prompt-link.js';
export { Projects } from './projects.js';
export { Recorder } from './recorder.js';
export {
  enterAllRequests,
  type IgnoreRoutes,
  LangfuseInterceptor,
  type RequestAttributesFunction,
  RequestTracing,
  type TraceRequests,
} from './requests/index.js';
export type { ActiveScore, Score } from './score.js';
export { ScoreRecorder } from './score-recorder.js';
export { SpanFilter } from './span-filter.js';
export {
  type EndedSpan,
  type ForeignSpan,
  SpanIntake,
  type SpanIntakeSettings,
} from './span-intake.js';
export { Trace, type TraceDecorator } from './trace.decorator.js';
export { TraceAttributes } from './trace-attributes.js';
export { TraceSampler } from './trace-sampler.js';
export { recorderToken } from './traced-class.js';
export { TraceExplorer } from './trace.explorer.js';
export type {
  ArgumentsFunction,
  ChunkOf,
  StaticTraceOptions,
  TraceOptions,
  TraceResult,
} from './trace-options.interface.js';
export { WarnOnce } from './warn-once.js';
