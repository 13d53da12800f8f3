/** Collects what went wrong in a run, the first of it with its circumstances. */
export class Breaches {
  readonly found: string[] = [];

  /** Notes a breach of `invariant` unless `holds`. */
  check(holds: boolean, invariant: string, tell: () => string): void {
    if (!holds && this.found.length < 5) {
      this.found.push(`${invariant}: ${tell()}`);
    }
  }
}
