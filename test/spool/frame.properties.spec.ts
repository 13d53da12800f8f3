import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { QueueRecord } from '../../lib/queue/index.js';
import {
  decodeRanges,
  encodeRanges,
  toRanges,
} from '../../lib/spool/ack-file.js';
import { findFrames, frameBytes, writeFrame } from '../../lib/spool/frame.js';
import { decodeHeader, encodeHeader } from '../../lib/spool/segment-header.js';
import {
  ackName,
  openName,
  parseSegmentFile,
  sealedName,
} from '../../lib/spool/segment-name.js';

const MARKER = Buffer.from('0f1e2d3c4b5a6978', 'hex');

const lane = fc.constantFrom('spans' as const, 'scores' as const);
const bytes = fc.uint8Array({ maxLength: 300 });
const queueRecord: fc.Arbitrary<QueueRecord> = fc.record({
  lane: fc.constant('spans' as const),
  id: fc.string({ unit: 'grapheme', maxLength: 40 }),
  bytes: fc.oneof(
    bytes,
    // What would end a record if markers were looked for inside of it.
    bytes.map((tail) => Buffer.concat([MARKER, tail, MARKER])),
  ),
});

function encode(records: readonly QueueRecord[], marker = MARKER): Buffer {
  const frames = records.map((record, index) => {
    const frame = Buffer.alloc(frameBytes(record)!);
    expect(writeFrame(frame, 0, marker, index, record)).toBe(frame.length);
    return frame;
  });
  return Buffer.concat(frames);
}

function decode(file: Buffer, from = 0) {
  const found = findFrames(file, from, MARKER, 'spans');
  const records = found.frames.map(({ id, bytes: content }) => ({
    id,
    bytes: [...content],
  }));
  return { ...found, records };
}

function plain(records: readonly QueueRecord[]) {
  return records.map(({ id, bytes: content }) => ({ id, bytes: [...content] }));
}

describe('frames', () => {
  it('come back as they were', () => {
    fc.assert(
      fc.property(fc.array(queueRecord, { maxLength: 20 }), (records) => {
        const { records: found, ...rest } = decode(encode(records));
        expect(found).toEqual(plain(records));
        expect(rest).toMatchObject({ isIntact: true, hasTornTail: false });
        expect(rest.frames.map(({ index }) => index)).toEqual([
          ...records.keys(),
        ]);
      }),
    );
  });

  it('are found between bytes that are none', () => {
    const part = fc.record({ garbage: bytes, record: queueRecord });
    fc.assert(
      fc.property(
        fc.array(part, { minLength: 1, maxLength: 8 }),
        bytes,
        (parts, tail) => {
          const frames = parts.map(({ record, garbage }, index) => {
            const frame = Buffer.alloc(frameBytes(record)!);
            writeFrame(frame, 0, MARKER, index, record);
            return Buffer.concat([garbage, frame]);
          });
          const found = decode(Buffer.concat([...frames, tail]));
          expect(found.records).toEqual(
            plain(parts.map(({ record }) => record)),
          );
          expect(found.hasTornTail).toBe(tail.length > 0);
          const hasGarbage = parts.some(({ garbage }) => garbage.length > 0);
          expect(found.isIntact).toBe(!hasGarbage && tail.length === 0);
        },
      ),
    );
  });

  it('of another segment are none, although their CRC is right', () => {
    const other = Buffer.from('ffeeddccbbaa9988', 'hex');
    fc.assert(
      fc.property(fc.array(queueRecord, { minLength: 1 }), (records) => {
        const inside = {
          lane: 'spans' as const,
          id: 'x',
          bytes: encode(records, other),
        };
        expect(decode(encode(records, other)).frames).toEqual([]);
        expect(decode(encode([inside])).records).toEqual(plain([inside]));
        // Behind a frame that is damaged, what it holds is looked through.
        const damaged = encode([inside]);
        damaged[15]! ^= 1;
        expect(decode(damaged).frames).toEqual([]);
      }),
    );
  });

  it('of another lane, or that come twice, are none', () => {
    const file = encode([{ lane: 'scores', id: 's', bytes: Buffer.from('x') }]);
    expect(decode(file).frames).toEqual([]);
    const twice = encode([{ lane: 'spans', id: 'a', bytes: Buffer.from('x') }]);
    expect(decode(Buffer.concat([twice, twice])).records).toHaveLength(1);
  });
});

describe('the header of a segment', () => {
  const header = fc.record({
    createdAt: fc.integer({ min: 0, max: 2 ** 52 }),
    destination: fc.string({ unit: 'grapheme' }),
    origin: fc.uint8Array({ maxLength: 200 }),
  });

  it('comes back as it was', () => {
    fc.assert(
      fc.property(header, bytes, (one, rest) => {
        const encoded = encodeHeader(one);
        const found = decodeHeader(Buffer.concat([encoded, rest]));
        expect(found).toEqual({
          kind: 'intact',
          end: encoded.length,
          header: one,
        });
      }),
    );
  });

  it('is unfinished while its end is missing', () => {
    fc.assert(
      fc.property(header, fc.nat(), (one, cut) => {
        const encoded = encodeHeader(one);
        const file = encoded.subarray(0, cut % encoded.length);
        expect(decodeHeader(file).kind).toBe('unfinished');
      }),
    );
  });

  it('is never taken for another one when a byte is wrong', () => {
    fc.assert(
      fc.property(
        header,
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        (one, at, flip) => {
          const encoded = encodeHeader(one);
          encoded[at % encoded.length]! ^= flip;
          expect(['damaged', 'unfinished']).toContain(
            decodeHeader(encoded).kind,
          );
        },
      ),
    );
  });

  it('says when it is too long', () => {
    const origin = Buffer.alloc(70_000);
    expect(() =>
      encodeHeader({ createdAt: 0, destination: '', origin }),
    ).toThrow(/SegmentHeader: \d+ bytes, at most 65536 fit/);
  });
});

describe('acknowledged ranges', () => {
  const indices = fc
    .uniqueArray(fc.nat(200))
    .map((all) => all.toSorted((a, b) => a - b));

  it('come back, but for those that are torn or damaged', () => {
    fc.assert(
      fc.property(indices, fc.nat(), (all, at) => {
        const ranges = toRanges(all);
        const encoded = encodeRanges(MARKER, ranges);
        expect(decodeRanges(MARKER, encoded)).toEqual(ranges);
        expect(decodeRanges(MARKER, encoded.subarray(0, -1))).toEqual(
          ranges.slice(0, -1),
        );
        if (ranges.length === 0) return;
        const position = at % encoded.length;
        encoded[position]! ^= 0x10;
        const damaged = Math.floor(position / 12);
        expect(decodeRanges(MARKER, encoded)).toEqual(
          ranges.filter((_, i) => i !== damaged),
        );
      }),
    );
  });

  it('cover the indices and nothing else', () => {
    fc.assert(
      fc.property(indices, (all) => {
        const covered = toRanges(all).flatMap(({ first, last }) =>
          Array.from({ length: last - first + 1 }, (_, i) => first + i),
        );
        expect(covered).toEqual(all);
      }),
    );
  });
});

describe('names of segment files', () => {
  const name = fc.record({
    lane,
    index: fc.integer({ min: 1, max: 10 ** 9 }),
    marker: fc.stringMatching(/^[0-9a-f]{16}$/),
  });

  it('tell what they were given', () => {
    fc.assert(
      fc.property(name, fc.nat(9_999_999), (one, count) => {
        expect(parseSegmentFile(openName(one))).toEqual({
          kind: 'open',
          name: one,
        });
        expect(parseSegmentFile(ackName(one))).toEqual({
          kind: 'ack',
          name: one,
        });
        const sealed = { kind: 'sealed', name: one, count };
        expect(parseSegmentFile(sealedName(one, count))).toEqual(sealed);
      }),
    );
  });

  it.each([
    'lease',
    'notes.txt',
    'spans-1-0f1e2d3c4b5a6978.open',
    'spans-00000001-0f1e2d3c4b5a6978.seg',
    'spans-00000001-0f1e2d3c4b5a6978-5.damaged',
    'traces-00000001-0f1e2d3c4b5a6978.open',
    'spans-00000001-0F1E2D3C4B5A6978.open',
    'spans-00000001-0f1e2d3c4b5a6978-99999999999.seg',
    '.spans-00000001-0f1e2d3c4b5a6978.open',
  ])('of others are left alone: %s', (file) => {
    expect(parseSegmentFile(file)).toBeUndefined();
  });
});
