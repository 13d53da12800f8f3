import { NEVER } from 'rxjs';
import type { Transport } from '../queue/index.js';

/**
 * Goes nowhere: for an application whose tracing is off. Nothing reaches it
 * unless somebody fills the queue by hand.
 */
export const noTransport: Transport = {
  isFree: () => true,
  state$: NEVER,
  stats: { requests: 0, retries: 0, resentAfterUnknown: 0 },
  send: ({ records }) =>
    Promise.resolve({
      delivered: 0,
      rejected: records.length,
      cause: 'tracing is off',
    }),
  hasten: () => undefined,
  close: () => undefined,
};
