import {
  type ReadableByteStreamController,
  ReadableStream,
  TransformStream,
} from 'node:stream/web';
import { endWhenCollected } from './abandoned-results.js';
import { watchIterator } from './iterator-result.js';
import type { ResultObserver } from './result-observer.js';
import { standInFor } from './stand-in-object.js';

interface Controller {
  close(): void;
  enqueue(chunk: unknown): void;
}

/**
 * A web stream is given to the caller as one that reads it, chunk by chunk as
 * they are asked for: what a reader, a pipe or a `Response` takes from a web
 * stream cannot be seen from outside. Byte streams stay byte streams, own
 * properties stay.
 */
export function watchWebStream(
  stream: ReadableStream,
  observer: ResultObserver,
): ReadableStream {
  if (stream.locked) {
    observer.handedOver();
    return stream;
  }
  if (!isPlain(stream)) {
    watchReaders(stream, observer);
    return stream;
  }
  const isBytes = isByteStream(stream);
  const reader = observer.run(() => stream.getReader());
  const pull = async (controller: Controller) => {
    try {
      const { done, value } = await observer.run(() => reader.read());
      if (done) {
        observer.completed();
        controller.close();
      } else {
        observer.chunk(value);
        controller.enqueue(value);
      }
      return done;
    } catch (error) {
      observer.threw(error);
      throw error;
    }
  };
  const cancel = async (reason: unknown) => {
    observer.stopped();
    await observer.run(() => reader.cancel(reason));
  };
  const source = isBytes
    ? new ReadableStream({
        type: 'bytes',
        cancel,
        async pull(controller: ReadableByteStreamController) {
          const isDone = await pull(controller as unknown as Controller);
          // Whoever waits with a buffer of its own learns of the end so.
          if (isDone) controller.byobRequest?.respond(0);
        },
      })
    : new ReadableStream(
        { cancel, pull: async (controller) => void (await pull(controller)) },
        { highWaterMark: 0 },
      );
  copyOwnProperties(stream, source);
  endWhenCollected(source, observer);
  return source;
}

/** Those that `from()`, `tee()` and others make have classes of Node's own. */
const PLAIN = new Set<unknown>([
  ReadableStream.prototype,
  Object.getPrototypeOf(ReadableStream.from([])),
  Object.getPrototypeOf(new TransformStream().readable),
]);

function isPlain(stream: ReadableStream): boolean {
  return PLAIN.has(Object.getPrototypeOf(stream));
}

/** Only of a byte stream there are readers that bring their own buffer. */
function isByteStream(stream: ReadableStream): boolean {
  try {
    stream.getReader({ mode: 'byob' }).releaseLock();
    return true;
  } catch {
    return false;
  }
}

/**
 * A class of its own, such as LangChain's, is passed on as it is; its first
 * reader or iteration is observed.
 */
function watchReaders(stream: ReadableStream, observer: ResultObserver): void {
  let isFirst = true;
  const first = <T extends object>(reading: T, watch: (it: T) => T): T => {
    if (!isFirst) return reading;
    isFirst = false;
    return watch(reading);
  };
  const { getReader } = stream;
  const isWatched = Reflect.defineProperty(stream, 'getReader', {
    value: (...args: []) => {
      const reader = Reflect.apply(getReader, stream, args);
      return first(reader, (it) => watchReader(it, observer));
    },
    writable: true,
    configurable: true,
  });
  // The iteration that all web streams inherit needs no `getReader`.
  const iterate = stream[Symbol.asyncIterator];
  if (iterate === ReadableStream.prototype[Symbol.asyncIterator]) {
    Reflect.defineProperty(stream, Symbol.asyncIterator, {
      value: (...args: []) => {
        const iterator = Reflect.apply(iterate, stream, args);
        return first(iterator, (it) => watchIterator(it, observer));
      },
      writable: true,
      configurable: true,
    });
  }
  const { cancel } = stream;
  Reflect.defineProperty(stream, 'cancel', {
    value: (...args: [unknown?]) => {
      observer.stopped();
      return Reflect.apply(cancel, stream, args);
    },
    writable: true,
    configurable: true,
  });
  if (isWatched) endWhenCollected(stream, observer);
  else observer.handedOver();
}

function watchReader<T extends object>(reader: T, observer: ResultObserver): T {
  return standInFor(reader, (key, method) => {
    if (key === 'cancel') {
      return (...args) => {
        observer.stopped();
        return Reflect.apply(method, reader, args);
      };
    }
    if (key !== 'read') return undefined;
    return async (...args) => {
      try {
        const result = (await observer.run(() =>
          Reflect.apply(method, reader, args),
        )) as { done: boolean; value: unknown };
        if (result.done) observer.completed();
        else observer.chunk(result.value);
        return result;
      } catch (error) {
        observer.threw(error);
        throw error;
      }
    };
  });
}

/** By symbols of its own Node keeps the state of a stream, which stays. */
function copyOwnProperties(from: object, to: object): void {
  for (const key of Reflect.ownKeys(from)) {
    if (typeof key === 'symbol' && key !== Symbol.asyncIterator) continue;
    const own = Reflect.getOwnPropertyDescriptor(from, key);
    if (own) Reflect.defineProperty(to, key, own);
  }
}
