/** A hundred invocations, and what a receiver has of them. */
import type { LangfuseLocalServer } from '../../lib/local/index.js';

const INVOCATIONS = 100;

/** The traces that they record, of three observations each. */
export const names = Array.from(
  { length: INVOCATIONS },
  (_, i) => `invocation ${i}`,
);

/** What the receiver counts when it has each of them once. */
export const ALL_DELIVERED = {
  traces: INVOCATIONS,
  observations: INVOCATIONS * 3,
  duplicates: 0,
};

/** Too little for a flush to wait at all. */
export const NO_TIME_LEFT_MS = 400;

/** The traces that are there, and whole. */
export function wholeTraces(receiver: LangfuseLocalServer): string[] {
  return names.filter((name) => {
    const [root] = receiver.observations({ name });
    const { traceId } = root ?? {};
    return traceId && receiver.observations({ traceId }).length === 3;
  });
}
