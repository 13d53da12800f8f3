import type { QueueRecord } from '../queue/index.js';

/** Successful requests after which a little more is tried again. */
const SUCCESSES_TO_GROW = 10;
const GROWTH = 1.25;

/**
 * How large a request may be, as far as the server has said: a proxy with a
 * limit of its own answers 413, and a limit that somebody raises is found out.
 */
export class BodyLimit {
  private bytes = Infinity;
  private successes = 0;

  /** These records together were too large. */
  refused(records: readonly QueueRecord[]): void {
    let bytes = 0;
    for (const record of records) bytes += record.bytes.byteLength;
    this.bytes = Math.min(this.bytes, Math.floor(bytes / 2));
    this.successes = 0;
  }

  accepted(): void {
    if (this.bytes === Infinity) return;
    this.successes += 1;
    if (this.successes < SUCCESSES_TO_GROW) return;
    this.successes = 0;
    this.bytes *= GROWTH;
  }

  /** Cuts records into parts that keep the limit; each has at least one. */
  split(records: readonly QueueRecord[]): QueueRecord[][] {
    const parts: QueueRecord[][] = [];
    let part: QueueRecord[] = [];
    let bytes = 0;
    for (const record of records) {
      if (part.length > 0 && bytes + record.bytes.byteLength > this.bytes) {
        parts.push(part);
        part = [];
        bytes = 0;
      }
      part.push(record);
      bytes += record.bytes.byteLength;
    }
    if (part.length > 0) parts.push(part);
    return parts;
  }
}
