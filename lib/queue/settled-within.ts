/** Waiting for several lanes at once, with one deadline. */
import {
  firstValueFrom,
  forkJoin,
  map,
  merge,
  Observable,
  race,
  take,
} from 'rxjs';
import type { Clock } from './clock.js';

/** Beyond this Node's timers fire at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Something that somebody waits for. */
export interface Wait {
  /** Calls `done` once it is there; the function that it returns forgets that. */
  readonly whenSettled: (done: () => void) => () => void;
  /** Emits when it is not worth waiting for any more. */
  readonly hopeless$: Observable<unknown>;
}

/**
 * Resolves when each of them is settled or hopeless, or after `timeoutMs`, with
 * whether all are settled. Until then the process lives: somebody waits.
 */
export function settledWithin(
  timeoutMs: number,
  waits: readonly Wait[],
  clock: Clock,
): Promise<boolean> {
  const all$ = forkJoin(waits.map(resultOf)).pipe(
    map((results) => results.every(Boolean)),
  );
  return firstValueFrom(race(all$, deadline(timeoutMs, clock)));
}

/** Whether it was settled, rather than hopeless. */
function resultOf({ whenSettled, hopeless$ }: Wait): Observable<boolean> {
  const settled$ = new Observable<true>((subscriber) =>
    whenSettled(() => subscriber.next(true)),
  );
  return merge(settled$, hopeless$.pipe(map(() => false))).pipe(take(1));
}

function deadline(timeoutMs: number, clock: Clock): Observable<false> {
  return new Observable((subscriber) => {
    const waitMs = Math.min(timeoutMs, LONGEST_TIMER_MS);
    const timer = clock.afterHolding(waitMs, () => subscriber.next(false));
    return () => timer.cancel();
  });
}
