/** The bounds of what a lane has in memory, and who goes when it is full. */
import type { Drops } from './drops.js';
import type { LaneDisk } from './lane-disk.js';
import type { Ledger } from './ledger.js';
import type { PendingRecords } from './pending-records.js';
import type { RingBuffer } from './ring-buffer.js';
import type { Unsettled } from './unsettled.js';

/** Bounds of the records in memory, waiting and in flight together. */
export interface RoomLimits {
  /** Records, at most. */
  readonly maxRecords: number;
  /** Their encoded bytes, at most. */
  readonly maxBytes: number;
  /** Who goes when the lane is full and there is no disk that takes records. */
  readonly overflow: 'drop-oldest' | 'drop-newest';
}

/** What a lane has in memory, and its disk. */
export interface RoomParts {
  readonly ring: RingBuffer;
  readonly pending: PendingRecords;
  readonly ledger: Ledger;
  readonly unsettled: Unsettled;
  readonly drops: Drops;
  readonly disk: LaneDisk | undefined;
}

/** Keeps a lane within its bounds. */
export class Room {
  constructor(
    private readonly limits: RoomLimits,
    private readonly parts: RoomParts,
  ) {}

  /** Records that fit in beside those that are there. */
  get records(): number {
    const { queued, inFlight } = this.parts.ledger;
    return this.limits.maxRecords - queued - inFlight;
  }

  /** Bytes that do. */
  get bytes(): number {
    return this.limits.maxBytes - this.parts.ledger.bytes;
  }

  get isEmpty(): boolean {
    const { queued, inFlight } = this.parts.ledger;
    return queued + inFlight === 0;
  }

  /** Whether `bytes` more fit, be it that the oldest waiting records go. */
  make(bytes: number): boolean {
    const { maxRecords, maxBytes, overflow } = this.limits;
    const { ledger, ring, pending, disk } = this.parts;
    // What is in flight cannot go; if that leaves too little, nobody has to.
    if (
      ledger.inFlight >= maxRecords ||
      ledger.bytes - ring.bytes - pending.bytes + bytes > maxBytes
    ) {
      return false;
    }
    while (
      ledger.queued + ledger.inFlight >= maxRecords ||
      ledger.bytes + bytes > maxBytes
    ) {
      if (disk?.spill()) continue;
      if (overflow === 'drop-newest' || !this.dropOldest()) return false;
    }
    return true;
  }

  /** What is pending is younger than nearly all that waits to be sent. */
  dropOldest(): boolean {
    const { ring, pending, ledger, drops, unsettled } = this.parts;
    const oldest = ring.shift();
    const bytes = oldest?.bytes.byteLength ?? pending.shift();
    if (bytes === undefined) return false;
    ledger.dropQueued('overflow', 1, bytes);
    oldest?.release?.();
    drops.reportOverflow();
    unsettled.notify();
    return true;
  }
}
