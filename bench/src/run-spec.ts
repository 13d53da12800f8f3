/** One run: what the measuring process is told, and what it answers. */
import type { ContenderName } from './contenders/index.js';
import type { Metrics } from './measure/metrics.js';
import type { WorkloadName } from './workloads/index.js';

export type Compression = 'none' | 'gzip';

export interface RunSpec {
  readonly workload: WorkloadName;
  readonly contender: ContenderName;
  readonly compression: Compression;
  /** Much shorter, for development: ratios come out too high. */
  readonly quick: boolean;
  /** Where to write a CPU profile of what is measured. */
  readonly profileTo?: string;
}

export interface RunResult {
  readonly metrics: Metrics;
}
