export { writeDebugLines } from './debug-lines.js';
export {
  getLangfuseHealthIndicatorToken,
  type LangfuseHealth,
  LangfuseHealthIndicator,
  type LangfuseHealthOptions,
} from './langfuse.health-indicator.js';
export { registerQueueMetrics } from './queue-metrics.js';
export type { QueueLimits } from './queue-limits.js';
export { verifyKeys } from './verify-keys.js';
