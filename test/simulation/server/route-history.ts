import { isTaken, type Meaning } from '../checks/destination-watch.js';

/**
 * What can be known of a 400. It may be about the records of a request, or about
 * every request, because of a wrong version, a wrong address, or a proxy on the
 * way. Who sees only answers has one way to tell: whether the route takes
 * anything at all since then.
 *
 * So the refusal of a record is beyond doubt only if the route took something
 * that was sent after the first 400 to a request with this record: a request
 * whose answer came before the record was refused alone, or the probe that this
 * refusal gave rise to. Until then the record has to be held, and sent again.
 */
export class RouteHistory {
  private sent = 0;
  /** The newest request that was taken; requests are numbered as sent. */
  private newestTaken = -1;
  /** By record: the first request after the first 400 that concerned it. */
  private readonly firstAfterRefusal = new Map<number, number>();
  /** Records that were refused alone, with doubt, and not yet asked about. */
  private doubtful: { readonly at: number; readonly number: number }[] = [];

  /**
   * Notes a request.
   *
   * @returns What to call when it ends at `now`. It returns the records whose
   * refusal is beyond doubt by that.
   */
  send(
    numbers: readonly number[],
    sentAt: number,
  ): (meaning: Meaning, now: number) => readonly number[] {
    const request = this.sent++;
    const askedAbout = numbers.length === 0 ? this.takeDoubtful(sentAt) : NONE;
    return (meaning, now) => {
      // Sent again at once, over a new connection, it still asks about them.
      if (meaning.kind === 'stale') {
        for (const number of askedAbout)
          this.doubtful.push({ at: now, number });
      }
      if (!isTaken(meaning)) return NONE;
      this.newestTaken = Math.max(this.newestTaken, request);
      return askedAbout;
    };
  }

  /**
   * Notes that the client gets a 400 to a request with these records.
   *
   * @returns Those whose refusal is beyond doubt by that.
   */
  refused(numbers: readonly number[], now: number): readonly number[] {
    for (const number of numbers) {
      if (!this.firstAfterRefusal.has(number)) {
        this.firstAfterRefusal.set(number, this.sent);
      }
    }
    const [number] = numbers;
    if (number === undefined || numbers.length > 1) return NONE;
    const firstAfter = this.firstAfterRefusal.get(number)!;
    if (this.newestTaken >= firstAfter) return numbers;
    this.doubtful.push({ at: now, number });
    return NONE;
  }

  /** A probe that a refusal gives rise to is sent at the same instant. */
  private takeDoubtful(now: number): readonly number[] {
    const numbers = this.doubtful
      .filter(({ at }) => at === now)
      .map(({ number }) => number);
    this.doubtful = [];
    return numbers;
  }
}

const NONE: readonly number[] = [];
