/** What a queue does with its spool as a whole; each lane has a part of it. */
import type { Subscription } from 'rxjs';
import type { Lane } from './lane.js';
import type { LaneSpool, SpoolMode } from './lane-disk.js';
import type { QueueEvent } from './queue-events.js';
import type { LaneName } from './queue-record.js';
import type { Spool, SpoolEvent } from './spool.interface.js';

/** A spool, and which records go to it. */
export interface QueueSpool {
  readonly mode: SpoolMode;
  readonly disk: Spool;
}

/** The part of one lane. */
export function laneSpool(
  spool: QueueSpool | undefined,
  lane: LaneName,
): LaneSpool | undefined {
  return spool && { mode: spool.mode, log: spool.disk.logs[lane] };
}

/** Who hears what a spool tells. */
export interface SpoolListeners {
  readonly lanes: { readonly [name in LaneName]: Lane };
  readonly emit: (event: QueueEvent) => void;
}

/** Opens a spool. Lanes count what they hear before others hear of it. */
export function openSpool(
  { disk }: QueueSpool,
  { lanes, emit }: SpoolListeners,
): Subscription {
  const hear = (event: SpoolEvent): void => {
    switch (event.type) {
      case 'adopted':
        lanes[event.lane].adopt(event.count);
        // Who listens to the queue may enqueue, and the spool is busy.
        return queueMicrotask(() => emit(event));
      case 'taken-over':
        return lanes[event.lane].leave(event.count);
      case 'lost':
        return lanes[event.lane].lose(event.reason, event.count, event.cause);
      case 'failing':
        return emit({
          type: 'spool',
          state: { status: 'failing', cause: event.cause },
        });
      case 'working':
        return emit({ type: 'spool', state: { status: 'working' } });
    }
  };
  const subscription = disk.events$.subscribe(hear);
  disk.open();
  return subscription;
}

/** What a disk writes in a millisecond, with a wide margin. */
const BYTES_PER_MS = 200_000;

const LEAST_SAVING_MS = 50;

/** Of a shutdown's time, at most: the rest is for sending. */
const SAVING_SHARE = 0.25;

/**
 * Milliseconds of a shutdown's `timeoutMs` that are kept for saving what is in
 * memory: `bytes`, unless they are on the disk already.
 */
export function savingTimeMs(
  spool: QueueSpool | undefined,
  timeoutMs: number,
  bytes: number,
): number {
  if (spool?.mode !== 'overflow') return 0;
  const neededMs = LEAST_SAVING_MS + bytes / BYTES_PER_MS;
  return Math.min(neededMs, timeoutMs * SAVING_SHARE);
}
