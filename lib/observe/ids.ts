import { createHash, randomFillSync } from 'node:crypto';
import { WireId } from '../wire/index.js';

const TRACE_ID_BYTES = 16;
const SPAN_ID_BYTES = 8;

/** Asking the system for each id costs twenty times what a pool costs. */
const POOL_BYTES = SPAN_ID_BYTES * 512;
let pool = Buffer.alloc(0);
let used = 0;

/** A trace id: 16 random bytes (W3C Trace Context). */
export function newTraceId(): WireId {
  return randomId(TRACE_ID_BYTES);
}

/** A span id: 8 random bytes (W3C Trace Context). */
export function newSpanId(): WireId {
  return randomId(SPAN_ID_BYTES);
}

/**
 * The trace id that belongs to `seed`: the same in every process, and the same
 * that Langfuse's own SDKs make of it (the first half of its SHA-256).
 */
export function traceIdFromSeed(seed: string): string {
  const digest = createHash('sha256').update(seed).digest('hex');
  return digest.slice(0, TRACE_ID_BYTES * 2);
}

function randomId(bytes: number): WireId {
  for (;;) {
    if (used + bytes > pool.length) {
      // Another one: ids that were taken from the last one still live there.
      pool = randomFillSync(Buffer.allocUnsafeSlow(POOL_BYTES));
      used = 0;
    }
    const start = used;
    used += bytes;
    // All zeros is the one value that means "no id".
    if (!isZero(start, used)) return WireId.ofBytes(pool, start, bytes);
  }
}

function isZero(start: number, end: number): boolean {
  for (let i = start; i < end; i++) if (pool[i] !== 0) return false;
  return true;
}
