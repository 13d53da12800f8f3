export { Capture } from './capture/index.js';
export { LangfuseInterceptor } from './langfuse.interceptor.js';
export {
  LangfuseObservation,
  type StartObservationOptions,
} from './langfuse-observation.js';
export {
  LangfuseService,
  type StartActiveObservationOptions,
} from './langfuse.service.js';
export type {
  AttributesOf,
  GenerationAttributes,
  ObservationAttributes,
} from './observation-attributes.js';
export type { PropagatedAttributes } from './propagated-attributes.js';
export { Recorder } from './recorder.js';
export type { ActiveScore, Score } from './score.js';
export { ScoreRecorder } from './score-recorder.js';
export { Trace } from './trace.decorator.js';
export { TraceAttributes } from './trace-attributes.js';
export { TraceExplorer } from './trace.explorer.js';
export type { TraceOptions } from './trace-options.interface.js';
export { WarnOnce } from './warn-once.js';
