import type { HrTime, TimeInput } from '@opentelemetry/api';

/**
 * A pair of readings of the wall clock and the monotonic clock. All
 * observations of a trace in this process share one, so that their order and
 * durations hold even when the wall clock is set meanwhile.
 */
export interface TimeAnchor {
  readonly wallMs: number;
  readonly monotonicMs: number;
}

export function newTimeAnchor(): TimeAnchor {
  return { wallMs: Date.now(), monotonicMs: performance.now() };
}

/**
 * The moment that `time` means, in seconds and nanoseconds since the epoch.
 * Takes all of OpenTelemetry's time inputs (epoch milliseconds, a reading of
 * `performance.now()`, a `Date`, an `HrTime`); anything else means now.
 */
export function hrTimeOf(
  time: TimeInput | undefined,
  anchor: TimeAnchor,
): HrTime {
  if (time === undefined) return now(anchor);
  try {
    return momentOf(time, anchor);
  } catch {
    // A Proxy, or a Date with methods of its own.
    return now(anchor);
  }
}

function momentOf(time: TimeInput, anchor: TimeAnchor): HrTime {
  if (isHrTime(time)) return [time[0], time[1]];
  const ms = time instanceof Date ? time.getTime() : time;
  if (typeof ms !== 'number' || !Number.isFinite(ms)) return now(anchor);
  // OpenTelemetry's rule: what is not after "now" on the monotonic clock was
  // read from it.
  return typeof time === 'number' && time <= performance.now()
    ? fromMs(anchor.wallMs + (time - anchor.monotonicMs))
    : fromMs(ms);
}

/** Whether `a` is before `b`. */
export function isBefore(a: HrTime, b: HrTime): boolean {
  return a[0] < b[0] || (a[0] === b[0] && a[1] < b[1]);
}

/** Whether `value` is one of OpenTelemetry's time inputs. */
export function isTimeInput(value: unknown): value is TimeInput {
  try {
    return (
      typeof value === 'number' || value instanceof Date || isHrTime(value)
    );
  } catch {
    return false;
  }
}

function now(anchor: TimeAnchor): HrTime {
  return fromMs(anchor.wallMs + (performance.now() - anchor.monotonicMs));
}

function fromMs(ms: number): HrTime {
  const seconds = Math.floor(ms / 1000);
  const nanoseconds = Math.round((ms - seconds * 1000) * 1e6);
  return nanoseconds < 1e9 ? [seconds, nanoseconds] : [seconds + 1, 0];
}

function isHrTime(value: unknown): value is HrTime {
  return (
    Array.isArray(value) &&
    value.length === 2 &&
    Number.isFinite(value[0]) &&
    Number.isFinite(value[1])
  );
}
