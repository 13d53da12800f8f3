/** What this package sets out to be, and whether the results say that it is. */
import type { ContenderName } from '../contenders/index.js';
import type { MetricName } from '../measure/metrics.js';
import type { Compression } from '../run-spec.js';
import type { WorkloadName } from '../workloads/index.js';
import { type Case, ratio, type Results } from './results.js';
import { number } from './text-table.js';

interface Aim {
  readonly text: string;
  readonly value: number | undefined;
  readonly atMost: number;
  /** The same without what other processes do with the core. */
  readonly cpuMs?: number | undefined;
}

/** CPU as a multiple of what other contenders take. */
const CPU_AIMS = {
  small: { floor: 1.4, official: 0.33 },
  typical: { floor: 1.25, official: 0.4 },
  large: { floor: 1.2, official: 0.42 },
} as const;

const MAX_HOLD_MS = 10;
const MAX_BURST_HOLD_MS = 50;
const MAX_CALL_RATIO = 0.5;
const MAX_LARGE_RSS_MB = 60;
const MAX_WIRE_RATIO = 1.1;

type Measured = keyof typeof CPU_AIMS;
const MEASURED = Object.keys(CPU_AIMS) as Measured[];

/** A line for each aim of which the results know something. */
export function aimLines(results: Results): string[] {
  return [
    ...MEASURED.flatMap((workload) => cpuAims(results, workload, 'none')),
    ...MEASURED.flatMap((workload) => cpuAims(results, workload, 'gzip')),
    ...MEASURED.flatMap((workload) => holdAims(results, workload)),
    ...callAims(results),
    ...deliveryAims(results),
    ...MEASURED.map((workload) => wireAim(results, workload)),
  ]
    .filter(({ value }) => value !== undefined)
    .map(lineOf);
}

/** By how much gzip shrinks what is sent. */
export function gzipLines(results: Results): string[] {
  return MEASURED.flatMap((workload) => {
    const plain = results.median(ours(workload), 'wireBytes');
    const packed = results.median(ours(workload, 'gzip'), 'wireBytes');
    const factor = ratio(plain, packed);
    return factor === undefined
      ? []
      : [`gzip, ${workload}: ${number(factor)} times fewer bytes`];
  });
}

function cpuAims(
  results: Results,
  workload: Measured,
  compression: Compression,
): Aim[] {
  const how = compression === 'gzip' ? ', gzip' : '';
  const of = ours(workload, compression);
  const others = Object.entries(CPU_AIMS[workload]);
  return others.map(([other, atMost]) => ({
    text: `CPU, ${workload}${how}, × ${other}`,
    value: results.cpuRatio(of, other as ContenderName),
    atMost,
  }));
}

function holdAims(results: Results, workload: Measured): Aim[] {
  const aim = (when: string, wall: MetricName, cpu: MetricName) => ({
    text: `longest hold while ${when}, ${workload}, ms over the control`,
    value: results.overControl(ours(workload), wall),
    cpuMs: results.overControl(ours(workload), cpu),
    atMost: MAX_HOLD_MS,
  });
  return [
    aim('recording', 'recordingHoldMs', 'recordingHoldCpuMs'),
    aim('flushing', 'flushingHoldMs', 'flushingHoldCpuMs'),
  ];
}

function callAims(results: Results): Aim[] {
  const aim = (workload: WorkloadName, what: string, metric: MetricName) => ({
    text: `${what} that @Trace() adds, ${workload}, × observe()`,
    value: ratio(
      results.overControl(ours(workload), metric),
      results.overControl({ ...ours(workload), contender: 'official' }, metric),
    ),
    atMost: MAX_CALL_RATIO,
  });
  const workloads = ['decorator', 'decorator-bare'] as const;
  return workloads.flatMap((workload) => [
    aim(workload, 'time of a call', 'callMicros'),
    aim(workload, 'CPU', 'cpuMicros'),
  ]);
}

function deliveryAims(results: Results): Aim[] {
  const workloads = ['burst', 'outage'] as const;
  return [
    {
      text: 'longest hold while the burst is sent, ms',
      value: results.median(ours('burst'), 'flushingHoldMs'),
      cpuMs: results.median(ours('burst'), 'flushingHoldCpuMs'),
      atMost: MAX_BURST_HOLD_MS,
    },
    ...workloads.flatMap((workload) =>
      (['lost', 'duplicates'] as const).map((metric) => ({
        text: `${workload}: ${metric}`,
        value: results.worst(ours(workload), metric),
        atMost: 0,
      })),
    ),
    {
      text: 'peak RSS, large, MB over the control',
      value: results.overControl(ours('large'), 'peakRssMb'),
      atMost: MAX_LARGE_RSS_MB,
    },
  ];
}

function wireAim(results: Results, workload: Measured): Aim {
  return {
    text: `bytes on the wire, ${workload}, × floor`,
    value: results.ratio(ours(workload), 'floor', 'wireBytes'),
    atMost: MAX_WIRE_RATIO,
  };
}

function ours(workload: WorkloadName, compression: Compression = 'none'): Case {
  return { workload, compression, contender: 'ours' };
}

function lineOf({ text, value, atMost, cpuMs }: Aim): string {
  const isMet = value !== undefined && value <= atMost;
  const cpu = cpuMs === undefined ? '' : `, of it CPU ${number(cpuMs)}`;
  return `${isMet ? 'pass' : 'FAIL'}  ${text}: ${number(value)}${cpu} (at most ${atMost})`;
}
