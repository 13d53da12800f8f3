/** The plots that the documentation shows. */
import { TITLES } from '../contenders/index.js';
import { WORKLOADS, type WorkloadName } from '../workloads/index.js';
import type { Case, Results } from './results.js';
import { type BarChart, type BarGroup, barChart } from './svg-bars.js';
import { number } from './text-table.js';

interface Plot extends Omit<BarChart, 'groups'> {
  readonly workloads: readonly WorkloadName[];
  readonly value: (results: Results, of: Case) => number | undefined;
  readonly unit: string;
}

const PLOTS: Readonly<Record<string, Plot>> = {
  cpu: {
    title: 'CPU for each observation',
    subtitle:
      'All threads, as a multiple of the least that has to be done. Less is better.',
    workloads: ['small', 'typical', 'large'],
    value: (results, of) => results.cpuRatio(of, 'floor'),
    unit: '×',
  },
  hold: {
    title: 'Longest time that the event loop is held up',
    subtitle: 'While recording or flushing. Less is better.',
    workloads: ['small', 'typical', 'large'],
    value: longestHold,
    unit: ' ms',
  },
  delivered: {
    title: 'Observations that arrive',
    subtitle: 'By default settings. More is better.',
    workloads: ['burst', 'outage'],
    value: deliveredPercent,
    unit: ' %',
  },
  memory: {
    title: 'Memory at its highest',
    subtitle:
      'RSS beyond that of the same process without tracing. Less is better.',
    workloads: ['small', 'typical', 'large', 'burst'],
    value: (results, of) => results.overControl(of, 'peakRssMb'),
    unit: ' MB',
  },
};

/** SVG by the name of its file; a plot without data is left out. */
export function plots(results: Results): Map<string, string> {
  const files = new Map<string, string>();
  for (const [name, plot] of Object.entries(PLOTS)) {
    const groups = plot.workloads
      .map((workload) => groupOf(results, plot, workload))
      .filter(({ bars }) => bars.length > 0);
    if (groups.length === 0) continue;
    files.set(`${name}.svg`, barChart({ ...plot, groups }));
  }
  return files;
}

function groupOf(
  results: Results,
  { value, unit }: Plot,
  workload: WorkloadName,
): BarGroup {
  const { title, contenders } = WORKLOADS[workload];
  const bars = contenders.flatMap((contender) => {
    if (contender === 'control') return [];
    const found = value(results, { workload, compression: 'none', contender });
    if (found === undefined) return [];
    return {
      label: TITLES[contender],
      value: found,
      text: `${number(found)}${unit}`,
      isOurs: contender === 'ours',
    };
  });
  return { title, bars };
}

function longestHold(results: Results, of: Case): number | undefined {
  const recording = results.median(of, 'recordingHoldMs');
  const flushing = results.median(of, 'flushingHoldMs');
  return recording === undefined || flushing === undefined
    ? undefined
    : Math.max(recording, flushing);
}

function deliveredPercent(results: Results, of: Case): number | undefined {
  const delivered = results.median(of, 'delivered');
  const recorded = results.median(of, 'recorded');
  return delivered === undefined || recorded === undefined
    ? undefined
    : (100 * delivered) / recorded;
}
