/** Work at a rate, in slices so small that the loop stays free in between. */
import { setImmediate, setTimeout } from 'node:timers/promises';

/** Once a millisecond as much as is due; who is late catches up at this pace. */
const CATCH_UP = 2;

export interface Pace {
  /** How often in all. */
  readonly times: number;
  readonly perSecond: number;
}

/** Calls `step` with the number of each time, from 0. */
export async function paced(
  { times, perSecond }: Pace,
  step: (index: number) => void | Promise<void>,
): Promise<void> {
  const slice = Math.max(1, Math.floor((CATCH_UP * perSecond) / 1_000));
  const start = performance.now();
  let done = 0;
  while (done < times) {
    const elapsed = performance.now() - start;
    const due = Math.min(times, Math.ceil((elapsed * perSecond) / 1_000));
    const end = Math.min(due, done + slice);
    for (; done < end; done++) {
      const pending = step(done);
      if (pending) await pending;
    }
    if (done < due) await setImmediate();
    else await setTimeout(1);
  }
}
