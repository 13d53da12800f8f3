/** What of the destination does not take data at the moment. */
import type { DestinationState } from './transport.interface.js';

/**
 * A destination, or the route of one lane, that has failed and has taken
 * nothing since.
 *
 * @publicApi
 */
export interface DestinationOutage {
  /** All that is sent, or only what one lane sends to a route of its own. */
  readonly concerns: DestinationState['concerns'];
  /** The URL that failed. */
  readonly endpoint: string;
  /** Why it failed last, in one line without secrets. */
  readonly cause: string;
  /** When it failed for the first time. */
  readonly since: Date;
}

/** Remembers what fails until it takes data again. */
export class Outages {
  private readonly failing = new Map<
    DestinationState['concerns'],
    DestinationOutage
  >();

  record(state: DestinationState): void {
    const { concerns, status } = state;
    if (status === 'ready') this.failing.delete(concerns);
    // Half-open is no news: whether it is over shows with the next request.
    if (status !== 'failing') return;
    const { endpoint, cause } = state;
    const since = this.failing.get(concerns)?.since ?? new Date();
    this.failing.set(concerns, { concerns, endpoint, cause, since });
  }

  /** Those of now, the longest first. */
  list(): readonly DestinationOutage[] {
    return [...this.failing.values()];
  }
}
