/** The spool of a runtime: which records, whose they are, and the last moment. */
import type { ResolvedOptions, Tracing } from './options/index.js';
import {
  type LangfuseQueue,
  type QueueSpool,
  systemClock,
} from './queue/index.js';
import { SegmentSpool } from './spool/index.js';
import {
  type BatchOrigin,
  encodeBatchFrame,
  storedFrame,
  withStoredFrame,
} from './wire/index.js';

/**
 * Undefined where nothing is recorded or nothing is to be kept. A folder that
 * cannot be used does not end the start: the same path may be right on the next
 * machine, or in a minute when its volume is there. The log names it, and the
 * spool works as soon as the folder does.
 *
 * @param origin of spans without one of their own
 */
export function createSpool(
  { tracing, baseUrl, spooling }: ResolvedOptions,
  origin: BatchOrigin,
): QueueSpool | undefined {
  if (!tracing.on || spooling.mode === 'off') return undefined;
  const { mode, ...settings } = spooling;
  const disk = new SegmentSpool(
    {
      ...settings,
      destination: spoolDestination(baseUrl, tracing.credentials),
      origin: storedFrame(encodeBatchFrame(origin)),
      restore: (lane, bytes, stored) =>
        lane === 'spans' ? withStoredFrame(bytes, stored) : bytes,
    },
    { clock: systemClock },
  );
  return { mode, disk };
}

/**
 * What tells the records of one project from those of another in the same
 * folder. Keys that a function gives may be others at the next start, and are
 * then of the same project.
 */
export function spoolDestination(
  baseUrl: string,
  credentials: (Tracing & { readonly on: true })['credentials'],
): string {
  return typeof credentials === 'function'
    ? baseUrl
    : `${baseUrl} ${credentials.publicKey}`;
}

const unsaved = new Set<() => void>();

function saveAll(): void {
  for (const save of unsaved) save();
}

/**
 * Leaves to the disk what is in memory when the process exits: by an error that
 * nobody catches, by `process.exit()`, or because there is nothing left to do.
 * Not by a signal that nobody handles. One listener does so for all queues, since
 * Node warns of more than ten.
 *
 * @param prepare Ends what is still open.
 */
export function saveAtExit(
  queue: Pick<LangfuseQueue, 'events$' | 'saveNow'>,
  prepare: () => void,
): void {
  const save = () => {
    prepare();
    queue.saveNow();
  };
  if (unsaved.size === 0) process.on('exit', saveAll);
  unsaved.add(save);
  queue.events$.subscribe({
    complete: () => {
      unsaved.delete(save);
      if (unsaved.size === 0) process.off('exit', saveAll);
    },
  });
}
