import fc from 'fast-check';
import {
  bufferTime,
  filter,
  mergeMap,
  NEVER,
  Observable,
  Subject,
  VirtualTimeScheduler,
} from 'rxjs';
import { describe, expect, it } from 'vitest';
import { type BatchLimits, batches } from '../../lib/queue/batches.js';
import type { Clock } from '../../lib/queue/clock.js';
import type { Batch, QueueRecord } from '../../lib/queue/queue-record.js';
import { RingBuffer } from '../../lib/queue/ring-buffer.js';

const NO_BYTE_LIMIT = Number.MAX_SAFE_INTEGER;

function clockOf(scheduler: VirtualTimeScheduler): Clock {
  const after = (delayMs: number, callback: () => void) => {
    const action = scheduler.schedule(callback, delayMs);
    return { cancel: () => action.unsubscribe() };
  };
  return { now: () => scheduler.now(), after, afterHolding: after };
}

function record(id: number, bytes = 1): QueueRecord {
  return { lane: 'spans', id: `${id}`, bytes: new Uint8Array(bytes) };
}

function idsOf(batch: Batch): number[] {
  return batch.records.map(({ id }) => Number(id));
}

/** A source, what moves it, and a destination that can be busy. */
function setUp(limits: Partial<BatchLimits> = {}, untilMs = 10_000) {
  const scheduler = new VirtualTimeScheduler(undefined, untilMs);
  const ring = new RingBuffer('spans');
  const wake$ = new Subject<void>();
  const flush$ = new Subject<void>();
  const destination = { isFree: true };
  const batch$ = batches(
    ring,
    { count: 100, bytes: NO_BYTE_LIMIT, timeMs: 1_000, ...limits },
    {
      wake$,
      flush$,
      isFree: () => destination.isFree,
      clock: clockOf(scheduler),
    },
  );
  const push = (id: number, bytes?: number) => {
    ring.push(record(id, bytes));
    wake$.next();
  };
  const emitted: { at: number; ids: number[] }[] = [];
  const listen = () =>
    batch$.subscribe((batch) =>
      emitted.push({ at: scheduler.now(), ids: idsOf(batch) }),
    );
  return {
    scheduler,
    ring,
    wake$,
    flush$,
    destination,
    batch$,
    push,
    emitted,
    listen,
  };
}

describe('batches', () => {
  it('emits what bufferTime emits, less the empty arrays, while the destination is free', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 500 }), { maxLength: 60 }),
        fc.integer({ min: 1, max: 12 }),
        fc.integer({ min: 1, max: 60 }),
        (times, count, timeMs) => {
          const untilMs = 700;
          const reference: { at: number; ids: number[] }[] = [];
          const stock = new VirtualTimeScheduler(undefined, untilMs);
          const source = new Subject<number>();
          times.forEach((at, id) => {
            stock.schedule(() => source.next(id), at);
          });
          source
            .pipe(
              bufferTime(timeMs, null, count, stock),
              filter((ids) => ids.length > 0),
            )
            .subscribe((ids) => reference.push({ at: stock.now(), ids }));
          stock.flush();

          const ours = setUp({ count, timeMs }, untilMs);
          times.forEach((at, id) => {
            ours.scheduler.schedule(() => ours.push(id), at);
          });
          ours.listen();
          ours.scheduler.flush();

          expect(ours.emitted).toEqual(reference);
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it('closes a batch before the record that would pass the byte limit', () => {
    const { push, emitted, listen, scheduler } = setUp({ bytes: 100 });
    listen();
    push(1, 60);
    push(2, 40);
    expect(emitted).toEqual([]);
    push(3, 1);
    expect(emitted).toEqual([{ at: 0, ids: [1, 2] }]);
    push(4, 500);
    scheduler.flush();
    expect(emitted.map(({ ids }) => ids)).toEqual([[1, 2], [3], [4]]);
  });

  it('leaves everything in the source while the destination is busy', () => {
    const { push, emitted, listen, scheduler, ring, destination, wake$ } =
      setUp({ count: 2, timeMs: 10 });
    listen();
    destination.isFree = false;
    for (let id = 0; id < 5; id++) push(id);
    scheduler.flush();
    expect(emitted).toEqual([]);
    expect(ring.size).toBe(5);
    destination.isFree = true;
    wake$.next();
    expect(emitted.map(({ ids }) => ids)).toEqual([[0, 1], [2, 3], [4]]);
  });

  it('makes all that waits due on flush, and not what comes after', () => {
    const { push, emitted, listen, flush$ } = setUp({ count: 3 });
    listen();
    push(1);
    flush$.next();
    push(2);
    expect(emitted.map(({ ids }) => ids)).toEqual([[1]]);
  });

  it('serves a subscriber that enqueues while it is handed a batch, without nesting', () => {
    const { push, batch$ } = setUp({ count: 1 });
    const seen: number[][] = [];
    let depth = 0;
    batch$.subscribe((batch) => {
      depth += 1;
      expect(depth).toBe(1);
      const [id] = idsOf(batch);
      seen.push(idsOf(batch));
      if (id! < 2_000) push(id! + 1);
      depth -= 1;
    });
    push(0);
    expect(seen).toHaveLength(2_001);
  });

  it('arms no timer while nothing waits', () => {
    const { push, listen, scheduler } = setUp({ count: 2 });
    listen();
    expect(scheduler.actions).toHaveLength(0);
    push(1);
    expect(scheduler.actions).toHaveLength(1);
    push(2);
    expect(scheduler.actions.filter((action) => !action.closed)).toEqual([]);
  });
});

describe('what an interruption costs', () => {
  const boom = new Error('boom');

  it('the stock chain loses its buffer on unsubscribe and on error', () => {
    const source = new Subject<number>();
    const delivered: number[][] = [];
    const subscription = source
      .pipe(bufferTime(1_000, null, 100))
      .subscribe((ids) => delivered.push(ids));
    for (let id = 0; id < 7; id++) source.next(id);
    subscription.unsubscribe();
    expect(delivered).toEqual([]);

    const failing = new Subject<number>();
    failing.pipe(bufferTime(1_000, null, 100)).subscribe({
      next: (ids) => delivered.push(ids),
      error: () => undefined,
    });
    for (let id = 0; id < 7; id++) failing.next(id);
    failing.error(boom);
    expect(delivered).toEqual([]);
  });

  it('ours keeps it on unsubscribe: the next subscriber gets all', () => {
    const { push, listen, emitted, scheduler, wake$, flush$ } = setUp();
    const first = listen();
    for (let id = 0; id < 7; id++) push(id);
    first.unsubscribe();
    expect(scheduler.actions.filter((action) => !action.closed)).toEqual([]);
    expect([wake$.observed, flush$.observed]).toEqual([false, false]);
    listen();
    flush$.next();
    expect(emitted.map(({ ids }) => ids)).toEqual([[0, 1, 2, 3, 4, 5, 6]]);
  });

  it('ours keeps it on an error downstream, but for the batch in hand', () => {
    const { push, batch$, listen, emitted, destination, wake$ } = setUp({
      count: 2,
    });
    const errors: unknown[] = [];
    batch$
      .pipe(
        mergeMap((batch) => {
          destination.isFree = false;
          return idsOf(batch).includes(0)
            ? new Observable<never>((subscriber) => subscriber.error(boom))
            : NEVER;
        }),
      )
      .subscribe({ error: (error) => errors.push(error) });
    for (let id = 0; id < 7; id++) push(id);
    expect(errors).toEqual([boom]);
    destination.isFree = true;
    listen();
    wake$.next();
    expect(emitted.map(({ ids }) => ids)).toEqual([
      [2, 3],
      [4, 5],
    ]);
  });

  it('ours arms no timer for one who has left with a batch in hand', () => {
    const { push, batch$, scheduler, ring, destination, wake$ } = setUp({
      count: 2,
    });
    const subscription = batch$.subscribe(() => subscription.unsubscribe());
    destination.isFree = false;
    for (let id = 0; id < 3; id++) push(id);
    destination.isFree = true;
    wake$.next();
    expect(ring.size).toBe(1);
    expect(scheduler.actions.filter((action) => !action.closed)).toEqual([]);
  });
});
