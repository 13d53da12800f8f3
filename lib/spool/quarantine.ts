import { join } from 'node:path';
import type { LaneName, QueueRecord } from '../queue/index.js';
import { frameBytes, writeFrame } from './frame.js';
import { type FolderAccess, makeSafeFolder } from './safe-folder.js';
import type { Segment } from './segment.js';
import { encodeHeader, type SegmentHeader } from './segment-header.js';
import {
  parseQuarantined,
  quarantinedName,
  type SegmentName,
} from './segment-name.js';

/** What a quarantine works with. */
export interface QuarantineSettings extends FolderAccess {
  readonly folder: string;
  /** Bytes of all files in it, at most. */
  readonly maxBytes: number;
  readonly nextName: (lane: LaneName) => SegmentName;
  readonly header: () => SegmentHeader;
}

/**
 * What no one will deliver, put aside for people to look at: copies of records
 * that the server refused, and segments of which some cannot be read. The oldest
 * go when it is full. Nothing here is told when it fails: it is a courtesy.
 */
export class Quarantine {
  constructor(private readonly settings: QuarantineSettings) {}

  /** Takes the file of a segment, which is removed by that. */
  take(segment: Segment): void {
    this.attempt((folder) => {
      const { fs } = this.settings;
      const { name, count, bytes, path } = segment;
      if (!this.makeRoom(folder, bytes)) return;
      fs.move(path, join(folder, quarantinedName(name, count, 'damaged')));
    });
  }

  /** Writes copies of records, as a segment like any other. */
  copy(lane: LaneName, records: readonly QueueRecord[]): void {
    this.attempt((folder) => {
      const name = this.settings.nextName(lane);
      const { content, count } = this.encode(name, records);
      if (count === 0 || !this.makeRoom(folder, content.length)) return;
      const path = join(folder, quarantinedName(name, count, 'rejected'));
      this.write(path, content);
    });
  }

  private encode(name: SegmentName, records: readonly QueueRecord[]) {
    const header = encodeHeader(this.settings.header());
    const fitting = records.filter(
      (record) => frameBytes(record) !== undefined,
    );
    let bytes = header.length;
    for (const record of fitting) bytes += frameBytes(record) ?? 0;
    const content = Buffer.allocUnsafe(bytes);
    const marker = Buffer.from(name.marker, 'hex');
    let at = header.copy(content);
    for (const [index, record] of fitting.entries()) {
      at = writeFrame(content, at, marker, index, record);
    }
    return { content, count: fitting.length };
  }

  private write(path: string, content: Buffer): void {
    const { fs, isDurable } = this.settings;
    const file = fs.open(path, 'new');
    try {
      fs.write(file, content);
      if (isDurable) fs.sync(file);
    } finally {
      fs.close(file);
    }
  }

  /** Whether `bytes` more fit, be it that the oldest files go. */
  private makeRoom(folder: string, bytes: number): boolean {
    const { fs, maxBytes } = this.settings;
    if (bytes > maxBytes) return false;
    const files = fs
      .list(folder)
      .filter((file) => parseQuarantined(file))
      .map((file) => ({
        path: join(folder, file),
        ...fs.stat(join(folder, file)),
      }))
      .toSorted((a, b) => (a.modifiedAt ?? 0) - (b.modifiedAt ?? 0));
    let total = files.reduce((sum, { size = 0 }) => sum + size, bytes);
    for (const { path, size = 0 } of files) {
      if (total <= maxBytes) break;
      fs.remove(path);
      total -= size;
    }
    return true;
  }

  private attempt(put: (folder: string) => void): void {
    try {
      const { folder } = this.settings;
      makeSafeFolder(this.settings, folder);
      put(folder);
    } catch {
      // The records are settled, with or without a copy.
    }
  }
}
