import { Observable } from 'rxjs';
import type { Clock, Timer } from './clock.js';

/** What {@link replays} reads from. */
export interface ReplaySource<B> {
  /** Items that can be had, now or later. */
  readonly waiting: number;
  /** Undefined when none can be had now. */
  take(): B | undefined;
}

/** What moves {@link replays}. */
export interface ReplayTriggers {
  /** "Look again": a slot, the destination, or room may be free now. */
  readonly wake$: Observable<void>;
  /** Whether the destination takes another batch from the disk now. */
  readonly isFree: () => boolean;
  readonly clock: Clock;
}

/** From when on what could not be had is asked for again, in milliseconds. */
const RETRY_MS = 30_000;

/**
 * Batches of what is on the disk alone: the other source beside {@link batches},
 * pulled as that one is. What waits here has waited long enough, so that it is
 * always due.
 */
export function replays<B>(
  source: ReplaySource<B>,
  { wake$, isFree, clock }: ReplayTriggers,
): Observable<B> {
  return new Observable<B>((subscriber) => {
    let timer: Timer | undefined;
    let pulling = false;

    const pull = () => {
      if (pulling) return;
      pulling = true;
      while (source.waiting > 0 && isFree() && !subscriber.closed) {
        const batch = source.take();
        if (batch === undefined) {
          tryLater();
          break;
        }
        subscriber.next(batch);
      }
      pulling = false;
    };

    // Whoever settles something wakes it; a file that could not be read does not.
    const tryLater = () => {
      timer ??= clock.after(RETRY_MS, () => {
        timer = undefined;
        pull();
      });
    };

    const subscription = wake$.subscribe(pull);
    pull();

    return () => {
      timer?.cancel();
      subscription.unsubscribe();
    };
  });
}
