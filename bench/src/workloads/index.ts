import { burst } from './burst.js';
import { decorator } from './decorator.js';
import { idleFlush } from './idle-flush.js';
import { outage } from './outage.js';
import { pending } from './pending.js';
import { LARGE, SHARED, SMALL, TYPICAL } from './sizes.js';
import { steady } from './steady.js';
import type { Workload } from './workload.js';

/** All workloads, in the order in which they are run. */
export const WORKLOADS = {
  small: steady({
    title: 'small: 200 B in, 300 B out, 20,000 observations a second',
    sizes: SMALL,
    perSecond: 20_000,
    warmUp: 40_000,
    measured: 100_000,
    quickDivisor: 5,
  }),
  typical: steady({
    title: 'typical: 8 kB in, 2 kB out, 2,500 observations a second',
    sizes: TYPICAL,
    perSecond: 2_500,
    warmUp: 8_000,
    measured: 20_000,
    quickDivisor: 5,
  }),
  shared: steady({
    title: 'shared: as typical, the observations of a trace share their input',
    sizes: SHARED,
    perSecond: 2_500,
    warmUp: 8_000,
    measured: 20_000,
    quickDivisor: 5,
  }),
  large: steady({
    title: 'large: 256 kB in, 2 kB out, 200 observations a second',
    sizes: LARGE,
    perSecond: 200,
    warmUp: 400,
    measured: 2_000,
    quickDivisor: 4,
  }),
  spool: steady({
    title: 'spool: as small, with records on the disk or not',
    sizes: SMALL,
    perSecond: 20_000,
    warmUp: 40_000,
    measured: 200_000,
    quickDivisor: 5,
    contenders: ['control', 'ours', 'ours-overflow', 'ours-event'],
  }),
  decorator: decorator(true),
  'decorator-bare': decorator(false),
  burst,
  outage,
  pending,
  'idle-flush': idleFlush,
} satisfies Record<string, Workload>;

export type WorkloadName = keyof typeof WORKLOADS;

/** Those that are also run with gzip. */
export const STEADY = ['small', 'typical', 'shared', 'large'] as const;

/** Those of which a CPU profile can be made. */
export const PROFILED = [...STEADY, 'decorator', 'decorator-bare'] as const;
