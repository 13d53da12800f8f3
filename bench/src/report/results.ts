/** All runs of a benchmark, and their medians. */
import type { ContenderName } from '../contenders/index.js';
import type { MetricName, Metrics } from '../measure/metrics.js';
import { median } from '../measure/percentile.js';
import type { Compression } from '../run-spec.js';
import type { WorkloadName } from '../workloads/index.js';

/** One contender in one workload. */
export interface Case {
  readonly workload: WorkloadName;
  readonly compression: Compression;
  readonly contender: ContenderName;
}

/** What a case came to in one round. */
export interface Run extends Case {
  /** From 0. */
  readonly round: number;
  readonly metrics: Metrics;
}

export class Results {
  readonly runs: Run[] = [];

  add(run: Run): void {
    this.runs.push(run);
  }

  /** The median over the rounds; undefined where nothing was measured. */
  median(of: Case, metric: MetricName): number | undefined {
    return medianOf(this.runsOf(of).map(({ metrics }) => metrics[metric]));
  }

  /** The median of what the control of the same round does not have as well. */
  overControl(of: Case, metric: MetricName): number | undefined {
    const controls = this.runsOf({ ...of, contender: 'control' });
    const differences = this.runsOf(of).map(({ round, metrics }) => {
      const control = controls.find((run) => run.round === round);
      const value = metrics[metric];
      const base = control?.metrics[metric];
      return value === undefined || base === undefined
        ? undefined
        : value - base;
    });
    return medianOf(differences);
  }

  /** The largest value of all rounds. */
  worst(of: Case, metric: MetricName): number | undefined {
    const values = this.runsOf(of).map(({ metrics }) => metrics[metric]);
    const known = values.filter((value) => value !== undefined);
    return known.length === 0 ? undefined : Math.max(...known);
  }

  /** How many times the CPU of another contender it takes, control subtracted. */
  cpuRatio(of: Case, other: ContenderName): number | undefined {
    return ratio(
      this.overControl(of, 'cpuMicros'),
      this.overControl({ ...of, contender: other }, 'cpuMicros'),
    );
  }

  /** How many times the value of another contender it is. */
  ratio(
    of: Case,
    other: ContenderName,
    metric: MetricName,
  ): number | undefined {
    return ratio(
      this.median(of, metric),
      this.median({ ...of, contender: other }, metric),
    );
  }

  private runsOf({ workload, compression, contender }: Case): Run[] {
    return this.runs.filter(
      (run) =>
        run.workload === workload &&
        run.compression === compression &&
        run.contender === contender,
    );
  }
}

/** Undefined unless both are there. */
export function ratio(
  value: number | undefined,
  base: number | undefined,
): number | undefined {
  return value === undefined || base === undefined ? undefined : value / base;
}

function medianOf(values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? undefined : median(known);
}
