/** Which fault strikes which request. */
import type { LaneName } from '../../../lib/queue/index.js';
import type { Fault } from '../plan/fault.js';

/** What a fault looks at in a request. */
export interface RequestShape {
  readonly lane: LaneName;
  /** Number of records in it. */
  readonly count: number;
  readonly bytes: number;
}

interface Scheduled {
  readonly fault: Fault;
  hits: number;
}

/** The faults of a run, each of which strikes its number of requests. */
export class FaultSchedule {
  /** Faults that struck at least one request. */
  struck = 0;
  /** Without those that are over. */
  private faults: Scheduled[];

  constructor(faults: readonly Fault[]) {
    this.faults = faults.map((fault) => ({ fault, hits: 0 }));
  }

  /** The fault that strikes a request now: one, the first of those that can. */
  strike(now: number, request: RequestShape): Fault | undefined {
    const chosen = this.faults.find(
      ({ fault }) =>
        fault.from <= now && now < fault.until && concerns(fault, request),
    );
    if (!chosen) return undefined;
    const { fault } = chosen;
    if (chosen.hits === 0) this.struck += 1;
    chosen.hits += 1;
    if (chosen.hits >= fault.hits) {
      this.faults = this.faults.filter((each) => each !== chosen);
    }
    return fault;
  }
}

/** Whether a fault can be met by such a request at all. */
function concerns(
  { kind, lane, bodyBytes }: Fault,
  request: RequestShape,
): boolean {
  if (lane !== 'both' && lane !== request.lane) return false;
  switch (kind) {
    case 'too-large':
      return request.bytes > bodyBytes;
    case 'scores-5xx':
      return request.lane === 'scores' && request.count > 0;
    case 'partial':
      return request.lane === 'spans' && request.count > 0;
    default:
      return true;
  }
}
