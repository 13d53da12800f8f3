import { Readable } from 'node:stream';
import { endWhenCollected } from './abandoned-results.js';
import type { ResultObserver } from './result-observer.js';

/**
 * A stream of Node, passed on as it is. Every chunk that anybody reads, in
 * whichever way, is told by the event `data`. To listen to it would start the
 * flow or change how `readable` works, so the stream's `emit` is overheard.
 * What produces the chunks, `_read`, runs with the observation active.
 */
export function watchNodeStream(
  stream: Readable,
  observer: ResultObserver,
): void {
  if (stream.readableEnded || stream.destroyed) {
    observer.handedOver();
    return;
  }
  const { emit } = stream;
  const overhear = function (
    this: Readable,
    event: string | symbol,
    ...args: unknown[]
  ): boolean {
    tell(observer, event, args[0]);
    return Reflect.apply(emit, this, [event, ...args]) as boolean;
  };
  const isHeard = Reflect.defineProperty(stream, 'emit', {
    value: overhear,
    writable: true,
    configurable: true,
  });
  if (!isHeard) {
    observer.handedOver();
    return;
  }
  const { _read: produce } = stream;
  Reflect.defineProperty(stream, '_read', {
    value(this: Readable, size: number) {
      observer.run(() => Reflect.apply(produce, this, [size]));
    },
    writable: true,
    configurable: true,
  });
  endWhenCollected(stream, observer);
}

function tell(
  observer: ResultObserver,
  event: string | symbol,
  value: unknown,
): void {
  switch (event) {
    case 'data':
      return observer.chunk(value);
    case 'end':
      return observer.completed();
    case 'error':
      return isLeaving(value) ? observer.stopped() : observer.threw(value);
    case 'close':
      return observer.stopped();
    default:
      return;
  }
}

/** Also the streams of the package `readable-stream`. */
export function isNodeStream(value: object): value is Readable {
  if (value instanceof Readable) return true;
  const { _readableState, pipe, on, emit, read } = value as Record<
    string,
    unknown
  >;
  return (
    typeof _readableState === 'object' &&
    [pipe, on, emit, read].every((method) => typeof method === 'function')
  );
}

/** How Node destroys a stream whose reader has gone. */
const LEAVING: readonly unknown[] = ['ABORT_ERR', 'ERR_STREAM_PREMATURE_CLOSE'];

function isLeaving(error: unknown): boolean {
  return error instanceof Error && LEAVING.includes(Reflect.get(error, 'code'));
}
