/** A table for each workload. */
import { type ContenderName, TITLES } from '../contenders/index.js';
import type { Compression } from '../run-spec.js';
import { WORKLOADS, type WorkloadName } from '../workloads/index.js';
import type { Case, Results } from './results.js';
import { number, textTable } from './text-table.js';

type Value = (results: Results, of: Case) => number | undefined;

/** The columns, in their order; those without any value are left out. */
const COLUMNS: Readonly<Record<string, Value>> = {
  'CPU µs': (results, of) => results.overControl(of, 'cpuMicros'),
  '× floor': (results, of) => results.cpuRatio(of, 'floor'),
  '× official': (results, of) => results.cpuRatio(of, 'official'),
  'caller p50 µs': (results, of) => results.median(of, 'callerP50Micros'),
  'p99 µs': (results, of) => results.median(of, 'callerP99Micros'),
  'p99.9 µs': (results, of) => results.median(of, 'callerP999Micros'),
  'call +µs': (results, of) => results.overControl(of, 'callMicros'),
  'flush µs': (results, of) => results.median(of, 'idleFlushMicros'),
  'hold rec ms': (results, of) => results.median(of, 'recordingHoldMs'),
  'of it CPU': (results, of) => results.median(of, 'recordingHoldCpuMs'),
  'hold flush ms': (results, of) => results.median(of, 'flushingHoldMs'),
  'of it CPU ': (results, of) => results.median(of, 'flushingHoldCpuMs'),
  'RSS +MB': (results, of) => results.overControl(of, 'peakRssMb'),
  'B pending': (results, of) => results.overControl(of, 'pendingBytes'),
  'B on the wire': (results, of) => results.median(of, 'wireBytes'),
  'wire × floor': (results, of) => results.ratio(of, 'floor', 'wireBytes'),
  requests: (results, of) => results.median(of, 'requests'),
  recorded: (results, of) => results.median(of, 'recorded'),
  delivered: (results, of) => results.median(of, 'delivered'),
  lost: (results, of) => results.median(of, 'lost'),
  duplicates: (results, of) => results.median(of, 'duplicates'),
};

/** The median of each column for each contender that took part. */
export function workloadTable(
  results: Results,
  workload: WorkloadName,
  compression: Compression,
): string {
  const { title } = WORKLOADS[workload];
  const cases = contendersOf(results, workload, compression).map(
    (contender) => ({ workload, compression, contender }),
  );
  const columns = Object.entries(COLUMNS).filter(([, value]) =>
    cases.some((of) => value(results, of) !== undefined),
  );
  const rows = cases.map((of) => [
    TITLES[of.contender],
    ...columns.map(([, value]) => number(value(results, of))),
  ]);
  const header = ['', ...columns.map(([name]) => name)];
  const how = compression === 'gzip' ? ' (gzip)' : '';
  return `${title}${how}\n${textTable(header, rows)}`;
}

function contendersOf(
  { runs }: Results,
  workload: WorkloadName,
  compression: Compression,
): ContenderName[] {
  const contenders = runs
    .filter((run) => run.workload === workload)
    .filter((run) => run.compression === compression)
    .map(({ contender }) => contender);
  return WORKLOADS[workload].contenders.filter((contender) =>
    contenders.includes(contender),
  );
}
