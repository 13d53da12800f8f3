/**
 * Tells a bad record from a route that refuses everything. A server answers 400
 * to both: to a request that holds something it cannot take, and to each
 * request when its version, its address or a proxy on the way is wrong.
 */

/** What a lane's route has taken, by the order in which requests were sent. */
export class RouteProof {
  private sent = 0;
  private newestTaken = -1;

  /** Numbers a request that is about to be sent. */
  send(): number {
    return this.sent++;
  }

  /** The server took the request with this number. */
  taken(request: number): void {
    this.newestTaken = Math.max(this.newestTaken, request);
  }

  /** The number that the next request will have. */
  get next(): number {
    return this.sent;
  }

  /** Whether a request with this number or a later one was taken. */
  hasTaken(from: number): boolean {
    return this.newestTaken >= from;
  }
}

/** The refusals of one batch and of its parts. */
export class Refusals {
  private firstAfter: number | undefined;

  constructor(private readonly route: RouteProof) {}

  /**
   * Notes a refusal of so many records. True when it may be about everything
   * that is sent: the route has never taken anything, or has taken nothing since
   * it first refused this batch, or leaves nothing to halve that could tell. A
   * request without data tells then.
   */
  isDoubtful(records: number): boolean {
    if (this.firstAfter !== undefined) {
      return !this.route.hasTaken(this.firstAfter);
    }
    this.firstAfter = this.route.next;
    return records === 1 || !this.route.hasTaken(0);
  }
}
