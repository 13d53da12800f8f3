import { createHash, randomFillSync } from 'node:crypto';

const TRACE_ID_BYTES = 16;
const SPAN_ID_BYTES = 8;

/** Asking the system for each id costs twenty times what a pool costs. */
const pool = Buffer.allocUnsafe(SPAN_ID_BYTES * 512);
let used = pool.length;

/** A trace id: 32 lower-case hex digits (W3C Trace Context). */
export function newTraceId(): string {
  return randomHex(TRACE_ID_BYTES);
}

/** A span id: 16 lower-case hex digits (W3C Trace Context). */
export function newSpanId(): string {
  return randomHex(SPAN_ID_BYTES);
}

/**
 * The trace id that belongs to `seed`: the same in every process, and the same
 * that Langfuse's own SDKs make of it (the first half of its SHA-256).
 */
export function traceIdFromSeed(seed: string): string {
  const digest = createHash('sha256').update(seed).digest('hex');
  return digest.slice(0, TRACE_ID_BYTES * 2);
}

function randomHex(bytes: number): string {
  for (;;) {
    if (used + bytes > pool.length) {
      randomFillSync(pool);
      used = 0;
    }
    const start = used;
    used += bytes;
    // All zeros is the one value that means "no id".
    if (!isZero(start, used)) return pool.toString('hex', start, used);
  }
}

function isZero(start: number, end: number): boolean {
  for (let i = start; i < end; i++) if (pool[i] !== 0) return false;
  return true;
}
