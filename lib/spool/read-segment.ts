import { type FoundFrames, findFrames } from './frame.js';
import { decodeHeader, type FoundHeader } from './segment-header.js';
import type { SegmentName } from './segment-name.js';

/** What a segment file holds. */
export interface FoundSegment extends FoundFrames {
  readonly header: FoundHeader;
}

/** Finds what is intact in a segment file, whatever has become of the rest. */
export function readSegment(
  file: Buffer,
  { lane, marker }: SegmentName,
): FoundSegment {
  const header = decodeHeader(file);
  // Each record says itself whether it is one; the header is not needed for it.
  const from = header.kind === 'intact' ? header.end : 0;
  const found = findFrames(file, from, Buffer.from(marker, 'hex'), lane);
  return { header, ...found };
}
