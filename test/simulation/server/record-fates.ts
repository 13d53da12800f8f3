/** What the server, which sees all, knows of each record. */
import type { Breaches } from '../checks/breaches.js';

/** Facts of a record, as bits. */
const TAKEN = 1;
const ACKNOWLEDGED = 2;
/** The client knows that it will never be stored. */
const REFUSED = 4;
/** It was refused alone and is bad indeed, which the client may doubt. */
const BAD = 8;
/** The last request with it ended without an answer. */
const UNKNOWN = 16;

const INITIAL_RECORDS = 2_048;

/** The fates of all records of a run, by their number. */
export class RecordFates {
  /** Records that were sent after their last request had no known end. */
  resentAfterUnknown = 0;
  /** Records that were stored once more. */
  duplicates = 0;
  private facts = new Uint8Array(INITIAL_RECORDS);

  constructor(private readonly breaches: Breaches) {}

  isAcknowledged(number: number): boolean {
    return this.has(number, ACKNOWLEDGED);
  }

  isRefused(number: number): boolean {
    return this.has(number, REFUSED);
  }

  isBad(number: number): boolean {
    return this.has(number, BAD);
  }

  sent(numbers: readonly number[]): void {
    for (const number of numbers) {
      this.makeRoomFor(number);
      const facts = this.facts[number]!;
      if (facts & UNKNOWN) this.resentAfterUnknown += 1;
      this.facts[number] = facts & ~UNKNOWN;
      this.breaches.check(
        number > 0,
        'I4',
        () => 'a record was sent after its release',
      );
      this.breaches.check(
        (facts & (ACKNOWLEDGED | REFUSED)) === 0,
        'I4',
        () => `record ${number} was sent again after its answer`,
      );
    }
  }

  /** The server stores them. */
  taken(numbers: readonly number[]): void {
    for (const number of numbers) {
      if (this.has(number, TAKEN)) this.duplicates += 1;
      this.facts[number]! |= TAKEN;
    }
  }

  /** The client gets the answer that they are stored. */
  acknowledged(numbers: readonly number[]): void {
    for (const number of numbers) this.facts[number]! |= ACKNOWLEDGED;
  }

  /** The client can know that they will never be stored. */
  refused(numbers: readonly number[]): void {
    for (const number of numbers) this.facts[number]! |= REFUSED;
  }

  /** The client gets a 400 about one that is bad. */
  bad(numbers: readonly number[]): void {
    for (const number of numbers) this.facts[number]! |= BAD;
  }

  /** The client gets no answer, and they may be stored or not. */
  unknown(numbers: readonly number[]): void {
    for (const number of numbers) this.facts[number]! |= UNKNOWN;
  }

  /** They wait for the next process, and nobody knows whether they are stored. */
  unsettled(numbers: Iterable<number>): void {
    for (const number of numbers) {
      this.makeRoomFor(number);
      this.facts[number]! |= UNKNOWN;
    }
  }

  /** Their process was killed: the next one may send them again. */
  orphaned(numbers: Iterable<number>): void {
    for (const number of numbers) {
      this.facts[number]! &= ~(ACKNOWLEDGED | REFUSED | BAD);
    }
  }

  private has(number: number, fact: number): boolean {
    return ((this.facts[number] ?? 0) & fact) > 0;
  }

  private makeRoomFor(number: number): void {
    if (number < this.facts.length) return;
    const grown = new Uint8Array(2 * number);
    grown.set(this.facts);
    this.facts = grown;
  }
}
