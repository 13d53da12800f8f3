/** Bugs to plant around the spool, each of which the checks have to notice. */
import type { Spool, SpoolLog } from '../../lib/queue/index.js';
import type { SpoolSabotage } from './lives.js';
import { sending } from './sabotage.js';

/** A bug, and the invariant that it breaks. */
interface PlantedBug {
  readonly bug: string;
  readonly invariant: string;
  readonly sabotage: SpoolSabotage;
}

/** Each is noticed in the first three hundred seeds. */
export const PLANTED_SPOOL_BUGS: readonly PlantedBug[] = [
  {
    bug: 'a record that is settled, and that the disk is not told of',
    invariant: 'I4',
    sabotage: onDisk({ settle: () => undefined }),
  },
  {
    bug: 'a record that is called kept, and is not written',
    invariant: 'I9',
    sabotage: onDisk({ keep: (record) => record }),
  },
  {
    bug: 'records that are called saved, and are not written',
    invariant: 'I9',
    sabotage: onDisk({ save: (records) => records.length }),
  },
  {
    bug: 'a shutdown that saves nothing of what it ends',
    invariant: 'I9',
    sabotage: sending(async (batch, signal, send) => {
      const { rest: _, ...settlement } = await send(batch, signal);
      return settlement;
    }),
  },
  {
    bug: 'a shutdown that saves what the server has taken',
    invariant: 'I1',
    sabotage: sending(async (batch, signal, send) => {
      const settlement = await send(batch, signal);
      return signal.aborted
        ? { ...settlement, delivered: 0, rest: batch.records }
        : settlement;
    }),
  },
  {
    bug: 'a replay in all slots',
    invariant: 'I3',
    sabotage: {
      settings: (settings) => ({
        ...settings,
        maxConcurrency: 2 * settings.maxConcurrency,
      }),
    },
  },
  {
    bug: 'a disk whose records nobody reads',
    invariant: 'I12',
    sabotage: onDisk({ take: () => [] }),
  },
];

/** A spool whose logs do something else. */
function onDisk(members: Partial<SpoolLog>): SpoolSabotage {
  const changed = (log: SpoolLog): SpoolLog => ({
    keep: (record) => log.keep(record),
    save: (records) => log.save(records),
    take: (count, bytes, maxBytes) => log.take(count, bytes, maxBytes),
    settle: (records) => log.settle(records),
    reject: (records) => log.reject(records),
    countUnsettled: (upToNumber) => log.countUnsettled(upToNumber),
    get waiting() {
      return log.waiting;
    },
    get lastNumber() {
      return log.lastNumber;
    },
    ...members,
  });
  return {
    spool: (spool): Spool => ({
      logs: {
        spans: changed(spool.logs.spans),
        scores: changed(spool.logs.scores),
      },
      events$: spool.events$,
      get stats() {
        return spool.stats;
      },
      open: () => spool.open(),
      close: () => spool.close(),
    }),
  };
}
