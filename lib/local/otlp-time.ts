/** Times of spans in the forms in which the server takes them. */
import { member } from './json.js';

/** More digits than any date has: millions of them would block for seconds. */
const NANOSECONDS = /^\s*-?\d{1,40}\s*$/;
const NANOSECONDS_PER_MILLISECOND = 1_000_000n;

/**
 * ISO 8601 with milliseconds, the rest cut off, of nanoseconds since the epoch:
 * a decimal string, a number or the halves of a 64-bit integer. Undefined for
 * anything else and for what is no date.
 */
export function isoTime(unixNano: unknown): string | undefined {
  const time = new Date(milliseconds(unixNano));
  return Number.isNaN(time.getTime()) ? undefined : time.toISOString();
}

function milliseconds(unixNano: unknown): number {
  if (typeof unixNano === 'number') {
    return unixNano / 1e6;
  }
  const nanoseconds =
    typeof unixNano === 'string' && NANOSECONDS.test(unixNano)
      ? BigInt(unixNano)
      : joined(member(unixNano, 'high'), member(unixNano, 'low'));
  return nanoseconds === undefined
    ? Number.NaN
    : Number(nanoseconds / NANOSECONDS_PER_MILLISECOND);
}

function joined(high: unknown, low: unknown): bigint | undefined {
  return typeof high === 'number' &&
    typeof low === 'number' &&
    Number.isInteger(high)
    ? (BigInt(high) << 32n) | BigInt(low >>> 0)
    : undefined;
}
