import { Observable, type Subscription } from 'rxjs';
import type { Clock, Timer } from './clock.js';

/** The waiting items that {@link batches} cuts from. */
export interface BatchSource<B> {
  readonly size: number;
  readonly bytes: number;
  /** Sequence number of the oldest item that waits. */
  readonly firstSeq: number;
  /** Sequence number of the newest item. */
  readonly lastSeq: number;
  take(count: number, bytes: number): B;
}

/** When a batch is complete, whichever comes first. */
export interface BatchLimits {
  /** Items in a batch, at most. */
  readonly count: number;
  /** Items that make a batch due. Default: `count`, a full batch. */
  readonly dueAt?: number;
  /** Bytes in a batch, at most; a batch that would pass it is closed before. */
  readonly bytes: number;
  /** Milliseconds that an item waits for its batch to fill, at most. */
  readonly timeMs: number;
}

/** What moves {@link batches}. */
export interface BatchTriggers {
  /**
   * "Look again": an item arrived that may be the first or fill a batch, or the
   * destination may be free now.
   */
  readonly wake$: Observable<void>;
  /** "What waits now is due, however little it is." */
  readonly flush$: Observable<void>;
  /** Whether the destination takes another batch now. */
  readonly isFree: () => boolean;
  readonly clock: Clock;
}

/** Whether what waits is due by its count or its bytes. */
export function isFull(
  { size, bytes }: Pick<BatchSource<unknown>, 'size' | 'bytes'>,
  limits: BatchLimits,
): boolean {
  return size >= (limits.dueAt ?? limits.count) || bytes > limits.bytes;
}

/**
 * Cuts waiting items into batches by count, bytes, time and on request.
 *
 * With a destination that is always free it emits what
 * `bufferTime(timeMs, null, count)` emits, less the empty arrays. It differs in
 * being pulled: nothing leaves the source before the destination is free, so
 * there is no buffer here or downstream that an error or an unsubscribe could
 * lose, and a later subscriber goes on where the former stopped. The timer is
 * armed only while something waits for it, so an idle process can end.
 */
export function batches<B>(
  source: BatchSource<B>,
  limits: BatchLimits,
  { wake$, flush$, isFree, clock }: BatchTriggers,
): Observable<B> {
  return new Observable<B>((subscriber) => {
    let windowStart = clock.now();
    let dueUpTo = -1;
    let timer: Timer | undefined;
    let pulling = false;

    const isDue = () => source.firstSeq <= dueUpTo || isFull(source, limits);

    const pull = () => {
      // Who enqueues while being handed a batch is served by the loop below.
      if (pulling) return;
      pulling = true;
      while (source.size > 0 && isDue() && isFree() && !subscriber.closed) {
        openWindow();
        subscriber.next(source.take(limits.count, limits.bytes));
      }
      pulling = false;
      arm();
    };

    const openWindow = () => {
      windowStart = clock.now();
      timer?.cancel();
      timer = undefined;
    };

    const makeDue = () => {
      dueUpTo = source.lastSeq;
      pull();
    };

    const arm = () => {
      const waitsForTime = source.size > 0 && source.lastSeq > dueUpTo;
      if (!waitsForTime || timer || subscriber.closed) return;
      // Windows follow each other without a gap, as bufferTime's do; those in
      // which nothing waited went by without a timer.
      const elapsed = clock.now() - windowStart;
      const windows = Math.max(1, Math.ceil(elapsed / limits.timeMs));
      timer = clock.after(windows * limits.timeMs - elapsed, () => {
        openWindow();
        makeDue();
      });
    };

    const subscriptions: Subscription[] = [
      wake$.subscribe(pull),
      flush$.subscribe(makeDue),
    ];
    pull();

    return () => {
      timer?.cancel();
      for (const subscription of subscriptions) subscription.unsubscribe();
    };
  });
}
