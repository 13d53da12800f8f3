/** Counts what a piece of code makes the machine do. Nothing here reads a clock. */
import { createHook } from 'node:async_hooks';
import { promiseHooks } from 'node:v8';
import { vi } from 'vitest';
import { JsonEncoder } from '../../lib/wire/index.js';

/** Texts from this length on are values, all shorter ones keys and the like. */
const LONG_TEXT = 1_000;

/** What was done with the bytes of records. */
export interface CountedBytes {
  /** Long texts that were written as UTF-8. */
  readonly textsWritten: number;
  /** Long texts whose bytes were counted, which is a pass over each. */
  readonly textsMeasured: number;
  /** Bytes that went from one place in memory to another. */
  readonly copied: number;
}

/** Promises that are made while `fn` runs, up to the end of what it returns. */
export async function promisesOf(
  fn: () => void | Promise<void>,
): Promise<number> {
  let promises = 0;
  const stop = promiseHooks.onInit(() => {
    promises += 1;
  });
  try {
    const running = fn();
    if (running) await running;
  } finally {
    stop();
  }
  return promises;
}

/** Timers and immediates that are armed while `fn` runs. */
export function timersOf(fn: () => void): number {
  let timers = 0;
  const hook = createHook({
    init(_id, type) {
      if (type === 'Timeout' || type === 'Immediate') timers += 1;
    },
  });
  hook.enable();
  try {
    fn();
  } finally {
    hook.disable();
  }
  return timers;
}

/** How often `fn` has a value serialised, and by whom. */
export function serialiserCallsOf(fn: () => void): {
  readonly native: number;
  readonly own: number;
} {
  const stringify = vi.spyOn(JSON, 'stringify');
  const encode = vi.spyOn(JsonEncoder.prototype, 'encode');
  try {
    fn();
    return {
      native: stringify.mock.calls.length,
      own: encode.mock.calls.length,
    };
  } finally {
    stringify.mockRestore();
    encode.mockRestore();
  }
}

/** What `fn` does with texts and bytes. */
export function bytesOf(fn: () => void): CountedBytes {
  const byteLength = vi.spyOn(Buffer, 'byteLength');
  const write = vi.spyOn(Buffer.prototype, 'write');
  const copy = vi.spyOn(Buffer.prototype, 'copy');
  const copyWithin = vi.spyOn(Buffer.prototype, 'copyWithin');
  const set = vi.spyOn(Buffer.prototype, 'set');
  try {
    fn();
    return {
      textsWritten: write.mock.calls.filter(([text]) => isLong(text)).length,
      textsMeasured: byteLength.mock.calls.filter(([text]) => isLong(text))
        .length,
      copied: sum([
        ...copy.mock.results.map(({ value }) => Number(value)),
        ...copyWithin.mock.calls.map(
          ([, start, end]) => Number(end) - Number(start),
        ),
        ...set.mock.calls.map(([bytes]) => (bytes as Uint8Array).length),
      ]),
    };
  } finally {
    for (const spy of [byteLength, write, copy, copyWithin, set]) {
      spy.mockRestore();
    }
  }
}

function isLong(value: unknown): boolean {
  return typeof value === 'string' && value.length >= LONG_TEXT;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
