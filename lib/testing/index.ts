/**
 * `nestjs-langfuse/testing`: what an application records, in memory, for the
 * specs of that application.
 */
export { LangfuseTesting } from './langfuse-testing.js';
export type {
  ObservationMatch,
  TreeOptions,
  WaitForOptions,
} from './langfuse-testing.js';
export { LangfuseTestingModule } from './langfuse-testing.module.js';
export type { TreeField } from './render-tree.js';
export type { TestObservation } from './test-observation.js';
export type { TestScore, TestScoreValue } from './test-score.js';
