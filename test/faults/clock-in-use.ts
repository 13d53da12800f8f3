/** The clock that stands in for the system's: what is made now keeps it. */
import type { Clock } from '../../lib/queue/index.js';

export const clockInUse: { current: Clock | undefined } = {
  current: undefined,
};
