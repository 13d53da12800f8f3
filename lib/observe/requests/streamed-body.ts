/** Bodies that Nest sends bit by bit, after the handler has returned. */
import { errorMonitor } from 'node:events';
import { StreamableFile } from '@nestjs/common';
import { guarded } from '../guarded.js';
import { isNodeStream } from '../results/node-stream-result.js';
import {
  hasMethod,
  type Method,
  standInFor,
} from '../results/stand-in-object.js';

/** A file, a stream of Node or the web, an async generator, a `Response`. */
export function isStreamedBody(value: unknown): value is object {
  return guarded(
    () =>
      typeof value === 'object' &&
      value !== null &&
      (Symbol.asyncIterator in value ||
        value instanceof StreamableFile ||
        value instanceof Response),
    () => false,
  );
}

/**
 * Tells when a body fails while it is sent: the response then just breaks off,
 * as it does when the client has left. The body stays the object that it is.
 */
export function onBodyFailure(
  body: object,
  failed: (error: unknown) => void,
): void {
  guarded(
    () => {
      const source = sourceOf(body);
      if (!source) return;
      if (isNodeStream(source)) {
        // No listener in the eyes of Node: an error that nobody handles stays one.
        source.once(errorMonitor, failed);
      } else {
        const isWatched = told.has(source);
        told.set(source, failed);
        if (isWatched) return;
        watchReading(source, 'getReader', 'read');
        watchReading(source, Symbol.asyncIterator, 'next');
      }
    },
    () => undefined,
  );
}

function sourceOf(body: object): object | null {
  if (body instanceof StreamableFile) return body.getStream();
  return body instanceof Response ? body.body : body;
}

/**
 * Who is told of a body that is watched. The latest, since one object can be the
 * answer of many requests: it is changed once, however many these are.
 */
const told = new WeakMap<object, (error: unknown) => void>();

/** Watches the steps of what the method `open` returns: a reader, an iterator. */
function watchReading(
  source: object,
  open: PropertyKey,
  step: PropertyKey,
): void {
  if (!hasMethod(source, open)) return;
  const method = Reflect.get(source, open) as Method;
  Reflect.defineProperty(source, open, {
    value: (...args: unknown[]) => {
      const reading: unknown = Reflect.apply(method, source, args);
      if (typeof reading !== 'object' || reading === null) return reading;
      const failed = told.get(source) ?? (() => undefined);
      return standInFor<object>(reading, (key, take) =>
        key === step
          ? (...given) => tell(Reflect.apply(take, reading, given), failed)
          : undefined,
      );
    },
    writable: true,
    configurable: true,
  });
}

function tell(result: unknown, failed: (error: unknown) => void): unknown {
  if (result instanceof Promise) result.catch(failed);
  return result;
}
