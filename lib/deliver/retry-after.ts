import type { IncomingHttpHeaders } from 'node:http';

/** A server that asks for more is asked again sooner. */
const MAX_RETRY_AFTER_MS = 15 * 60_000;

/**
 * Milliseconds that the server asks to wait (RFC 9110, section 10.2.3): a
 * number of seconds, or a date, which is compared with the answer's own `Date`
 * so that this machine's clock does not matter. Undefined when it says nothing
 * that makes sense.
 */
export function retryAfterMs(headers: IncomingHttpHeaders): number | undefined {
  const value = headers['retry-after']?.trim();
  if (value === undefined || value === '') return undefined;
  const wait = /^\d+$/.test(value)
    ? Number(value) * 1000
    : Date.parse(value) - Date.parse(headers.date ?? '');
  if (!Number.isFinite(wait) || wait < 0) return undefined;
  return Math.min(wait, MAX_RETRY_AFTER_MS);
}
