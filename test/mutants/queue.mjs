// One-line mutants of lib/queue. `from` stands in its file exactly once, if
// need be with a neighbouring line that stays. `simulated`: the simulator, which
// has first say, reaches the file. `specs` are tried next, before all others.
// `equivalent`: why nothing can notice.
//
// Nothing can be broken in index.ts, flush-result.ts, queue-events.ts,
// queue-record.ts, queue-stats.ts, spool.interface.ts and
// transport.interface.ts: they hold types, and names that are handed on.
import { deliveryMutants } from './queue-delivery.mjs';
import { laneMutants } from './queue-lane.mjs';
import { spoolMutants } from './queue-spool.mjs';
import { surfaceMutants } from './queue-surface.mjs';

export const queueMutants = [
  ...laneMutants,
  ...deliveryMutants,
  ...spoolMutants,
  ...surfaceMutants,
];
