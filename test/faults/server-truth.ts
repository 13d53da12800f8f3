/** What the server really has: the side that a ledger must agree with. */
export class ServerTruth {
  /** Ids in the order of their arrival, each time. */
  readonly arrivals: string[] = [];
  private readonly stored = new Set<string>();
  private readonly confirmed = new Set<string>();

  store(id: string): void {
    this.arrivals.push(id);
    this.stored.add(id);
  }

  /** The record's request was answered with 2xx. */
  acknowledge(id: string): void {
    this.confirmed.add(id);
  }

  /** Unique ids that are stored, whether the client heard of it or not. */
  get ids(): ReadonlySet<string> {
    return this.stored;
  }

  /** Unique ids of which the client was told. */
  get acknowledged(): ReadonlySet<string> {
    return this.confirmed;
  }

  /** Rows beyond the first of an id. */
  get duplicates(): number {
    return this.arrivals.length - this.stored.size;
  }
}
