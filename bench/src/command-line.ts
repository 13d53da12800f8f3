/** What `npm run bench -- …` can be told. */
import { parseArgs } from 'node:util';
import { CONTENDERS, type ContenderName } from './contenders/index.js';
import { PROFILED, WORKLOADS, type WorkloadName } from './workloads/index.js';

export interface BenchOptions {
  readonly workloads: readonly WorkloadName[];
  readonly contenders: readonly ContenderName[];
  readonly rounds: number;
  /** Whether steady workloads are run with gzip as well. */
  readonly gzip: boolean;
  readonly quick: boolean;
  /** A major version, or the path of a binary; undefined for this one. */
  readonly node: string | undefined;
  /** The workload of which a CPU profile is wanted, instead of all else. */
  readonly profile: WorkloadName | undefined;
}

export const USAGE = `npm run bench -- [options]
  --workload a,b     ${Object.keys(WORKLOADS).join(', ')}
  --contender a,b    ${CONTENDERS.join(', ')}
  --rounds N         5 by default, 1 with --quick
  --gzip             small, typical, shared and large with gzip as well
  --quick            short runs, for development
  --node 24          another Node.js: a version that is downloaded, or a path
  --profile small    where the CPU goes, of ours or --contender: ${PROFILED.join(', ')}`;

const ROUNDS = 5;

/** @throws with a text for whoever typed it */
export function readCommandLine(args: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      workload: { type: 'string' },
      contender: { type: 'string' },
      rounds: { type: 'string' },
      gzip: { type: 'boolean', default: false },
      quick: { type: 'boolean', default: false },
      node: { type: 'string' },
      profile: { type: 'string' },
    },
  });
  const { gzip, quick, node, profile } = values;
  const allWorkloads = Object.keys(WORKLOADS) as WorkloadName[];
  const rounds = Number(values.rounds ?? (quick ? 1 : ROUNDS));
  if (!Number.isInteger(rounds) || rounds < 1) {
    throw new Error(`--rounds ${values.rounds} is not a number of rounds`);
  }
  return {
    workloads: chosen('--workload', allWorkloads, values.workload),
    contenders: chosen('--contender', CONTENDERS, values.contender),
    rounds,
    gzip,
    quick,
    node,
    profile: profile ? chosen('--profile', PROFILED, profile)[0] : undefined,
  };
}

function chosen<Name extends string>(
  flag: string,
  all: readonly Name[],
  list: string | undefined,
): Name[] {
  if (list === undefined) return [...all];
  return list.split(',').map((name) => {
    const found = all.find((known) => known === name);
    if (found) return found;
    throw new Error(`${flag} ${name} is none of ${all.join(', ')}`);
  });
}
