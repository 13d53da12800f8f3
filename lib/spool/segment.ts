import { join } from 'node:path';
import type { LaneName } from '../queue/index.js';
import { ackName, type SegmentName } from './segment-name.js';

/** Where else a record of a segment is. */
export const Place = {
  /** Nowhere: whoever loses the disk loses it. */
  disk: 0,
  /** In memory, where it has been since it was recorded. */
  kept: 1,
  /** In memory, where it was read to. */
  taken: 2,
  /** Nobody needs it any more. */
  settled: 3,
} as const;

export type Place = (typeof Place)[keyof typeof Place];

/** Counts the records of a lane that are on the disk alone. */
export interface WaitingTally {
  waiting: number;
}

/** What a segment is made with. */
export interface SegmentFacts {
  readonly name: SegmentName;
  /** The folder that its files are in. */
  readonly folder: string;
  /** What it is called there. */
  readonly file: string;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  /** Bytes of its files. */
  readonly bytes: number;
  /** What its records need besides their own bytes; undefined when not known. */
  readonly origin: Uint8Array | undefined;
  /** Number of its first record, when this process has written it. */
  readonly firstNumber?: number;
}

const FIRST_PLACES = 64;

/** The books of one segment file: which of its records are needed, and by whom. */
export class Segment {
  readonly name: SegmentName;
  readonly folder: string;
  readonly createdAt: number;
  readonly origin: Uint8Array | undefined;
  readonly firstNumber: number | undefined;
  readonly marker: Buffer;
  file: string;
  bytes: number;
  /** Size of the file when it was last looked at, if it was adopted. */
  readBytes = 0;
  /** Nothing is appended to it any more. */
  isSealed = false;
  /** It is not in this process's care any more: its files are left alone. */
  isGone = false;
  /** Some of it cannot be read. */
  isDamaged = false;
  /** A file that cannot be read now is left alone until then (`Clock.now()`). */
  readableAt = 0;

  private places = new Uint8Array(FIRST_PLACES);
  private length = 0;
  private readonly counts: [number, number, number, number] = [0, 0, 0, 0];

  /** @param tally The lane's, which this segment keeps up to date. */
  constructor(
    facts: SegmentFacts,
    private readonly tally: WaitingTally,
  ) {
    this.name = facts.name;
    this.folder = facts.folder;
    this.file = facts.file;
    this.createdAt = facts.createdAt;
    this.bytes = facts.bytes;
    this.origin = facts.origin;
    this.firstNumber = facts.firstNumber;
    this.marker = Buffer.from(facts.name.marker, 'hex');
  }

  get lane(): LaneName {
    return this.name.lane;
  }

  /** Whether this process has written it. */
  get isOwn(): boolean {
    return this.firstNumber !== undefined;
  }

  get path(): string {
    return join(this.folder, this.file);
  }

  get ackPath(): string {
    return join(this.folder, ackName(this.name));
  }

  /** All records, settled ones among them. */
  get count(): number {
    return this.length;
  }

  get isSettled(): boolean {
    return this.counts[Place.settled] === this.length;
  }

  countOf(place: Place): number {
    return this.counts[place];
  }

  /** Adds `count` records behind the last one. */
  add(count: number, place: Place): void {
    const length = this.length + count;
    if (length > this.places.length) {
      const grown = new Uint8Array(Math.max(length, 2 * this.places.length));
      grown.set(this.places.subarray(0, this.length));
      this.places = grown;
    }
    this.places.fill(place, this.length, length);
    this.length = length;
    this.counts[place] += count;
    if (place === Place.disk) this.tally.waiting += count;
  }

  /** Undefined for a record that is not there. */
  placeOf(index: number): Place | undefined {
    return index < this.length ? (this.places[index] as Place) : undefined;
  }

  /** A record of this segment is in another place from now on. */
  move(index: number, to: Place): void {
    const from = this.placeOf(index);
    if (from === undefined || from === to || this.isGone) return;
    this.places[index] = to;
    this.counts[from] -= 1;
    this.counts[to] += 1;
    if (from === Place.disk) this.tally.waiting -= 1;
    if (to === Place.disk) this.tally.waiting += 1;
  }

  /** How many of the first `count` records are not settled. */
  countUnsettled(count = this.length): number {
    if (count >= this.length) return this.length - this.counts[Place.settled];
    let unsettled = 0;
    for (let i = 0; i < count; i++) {
      if (this.places[i] !== Place.settled) unsettled += 1;
    }
    return unsettled;
  }

  /**
   * Its files are somebody else's, or nobody's, from now on. Returns how many
   * records were nowhere else.
   */
  leave(): number {
    if (this.isGone) return 0;
    this.isGone = true;
    const alone = this.counts[Place.disk];
    this.tally.waiting -= alone;
    return alone;
  }
}
