import type { Contender } from '../contenders/contender.js';
import { type ContenderName, createContender } from '../contenders/index.js';
import type { Metrics } from '../measure/metrics.js';
import type { RunSpec } from '../run-spec.js';
import type { SinkReport } from '../sink/sink-messages.js';
import type { Sink } from '../sink/sink.js';
import {
  OBSERVATIONS_PER_TRACE,
  type TraceValues,
} from '../values/trace-values.js';

/** What contenders are put through. */
export interface Workload {
  /** What it is, in a line. */
  readonly title: string;
  readonly contenders: readonly ContenderName[];
  /** Runs in a process of its own, to its end. */
  run(spec: RunSpec, sink: Sink): Promise<Metrics>;
}

const NOTHING: SinkReport = {
  requests: 0,
  bytes: 0,
  delivered: 0,
  duplicates: 0,
};

/** A contender that is given one trace after the other out of a cycle. */
export class Recording {
  private traces = 0;
  private tracesBefore = 0;
  private before: SinkReport = NOTHING;

  private constructor(
    readonly contender: Contender,
    private readonly cycle: readonly TraceValues[],
    private readonly sink: Sink,
    private readonly isControl: boolean,
  ) {}

  static async start(
    spec: RunSpec,
    sink: Sink,
    cycle: readonly TraceValues[],
    { hasLargeQueue = false } = {},
  ): Promise<Recording> {
    const contender = await createContender(spec.contender, {
      url: sink.url,
      compression: spec.compression,
      hasLargeQueue,
    });
    const isControl = spec.contender === 'control';
    return new Recording(contender, cycle, sink, isControl);
  }

  /** The next trace: four observations. */
  next(): void {
    this.contender.record(this.cycle[this.traces % this.cycle.length]!);
    this.traces += 1;
  }

  /** Leaves out of the counts what was recorded and has arrived so far. */
  async forget(): Promise<void> {
    this.before = await this.sink.report();
    this.tracesBefore = this.traces;
  }

  /** What has become of what was recorded; nothing for the control. */
  async counts(): Promise<Metrics> {
    if (this.isControl) return {};
    const { before } = this;
    const now = await this.sink.report();
    const traces = this.traces - this.tracesBefore;
    const recorded = traces * OBSERVATIONS_PER_TRACE;
    const delivered = now.delivered - before.delivered;
    return {
      requests: now.requests - before.requests,
      recorded,
      delivered,
      lost: recorded - delivered,
      duplicates: now.duplicates - before.duplicates,
      wireBytes: delivered === 0 ? 0 : (now.bytes - before.bytes) / delivered,
    };
  }
}
