import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fieldTag, WireType } from '../../lib/wire/protobuf-encoding.js';
import { ProtobufWriter } from '../../lib/wire/protobuf-writer.js';
import { type Slab, SlabPool } from '../../lib/wire/slab-pool.js';
import { SpanRecord } from '../../lib/wire/span-record.js';

const BYTES = fieldTag(1, WireType.lengthDelimited);
const SLAB_BYTES = 1024;
const MAX_FREE_BYTES = 8 * SLAB_BYTES;

/** Knows also what is in use. */
class AuditedPool extends SlabPool {
  usedBytes = 0;
  allocatedBytes = 0;

  override take(bytes: number): Slab {
    const before = this.freeBytes;
    const slab = super.take(bytes);
    const { length } = slab.memory;
    expect(length).toBeGreaterThanOrEqual(bytes);
    expect(length).toBeLessThanOrEqual(1.25 * bytes + 1);
    if (this.freeBytes === before) this.allocatedBytes += length;
    this.usedBytes += length;
    return slab;
  }

  override giveBack(memory: Buffer): void {
    this.usedBytes -= memory.length;
    super.giveBack(memory);
    expect(this.freeBytes).toBeLessThanOrEqual(MAX_FREE_BYTES);
  }
}

interface Live {
  readonly record: SpanRecord;
  /** What its bytes are for as long as it is not released. */
  readonly expected: Buffer;
}

/** Writes records that differ, and knows which of them are not released. */
class Records {
  readonly pool = new AuditedPool(MAX_FREE_BYTES);
  readonly live: Live[] = [];
  private readonly writer = new ProtobufWriter(SLAB_BYTES, this.pool);
  private written = 0;

  /** @param guess Told to the writer as the record's length; may be wrong. */
  write(length: number, guess = length): Live {
    const { writer } = this;
    this.written += 1;
    const content = Buffer.alloc(length, this.written);
    writer.begin(guess);
    // In two fields: the second may be what makes the record move.
    writer.fields(content.subarray(0, length >> 1));
    writer.fields(content.subarray(length >> 1));
    const bytes = writer.finish();
    const record = new SpanRecord(`${this.written}`, bytes, writer.slab);
    const one = { record, expected: content };
    this.live.push(one);
    return one;
  }

  release(index: number): void {
    const [gone] = this.live.splice(index, 1);
    gone?.record.release();
  }

  /** A span that cannot be encoded: it is begun and never finished. */
  abandon(length: number): void {
    this.writer.begin(length);
    this.writer.string(BYTES, 'x'.repeat(length));
  }

  get liveBytes(): number {
    return this.live.reduce((sum, { expected }) => sum + expected.length, 0);
  }

  check(): void {
    for (const { record, expected } of this.live) {
      expect(expected.equals(record.bytes)).toBe(true);
    }
  }
}

type Step = (records: Records) => void;

const length = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: 1, max: SLAB_BYTES / 4 }) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 3 * SLAB_BYTES }) },
);

const write: fc.Arbitrary<Step> = fc
  .tuple(length, fc.option(length, { nil: undefined }))
  .map(
    ([size, guess]) =>
      (records) =>
        void records.write(size, guess),
  );

const release: fc.Arbitrary<Step> = fc
  .nat(1_000)
  .map((n) => (records) => records.release(n % (records.live.length || 1)));

const abandon: fc.Arbitrary<Step> = length.map(
  (size) => (records) => records.abandon(size),
);

const steps = fc.array(
  fc.oneof(
    { weight: 5, arbitrary: write },
    { weight: 4, arbitrary: release },
    { weight: 1, arbitrary: abandon },
  ),
  { minLength: 1, maxLength: 150 },
);

describe('records in slabs', () => {
  it('keep their bytes until they are released', () => {
    fc.assert(
      fc.property(steps, (all) => {
        const records = new Records();
        for (const step of all) {
          step(records);
          records.check();
        }
      }),
      { numRuns: 300 },
    );
  });

  it('leave nothing in use, once released, but the slab that is written to', () => {
    const writesAndReleases = fc.array(fc.oneof(write, release), {
      maxLength: 150,
    });
    fc.assert(
      fc.property(writesAndReleases, (all) => {
        const records = new Records();
        for (const step of all) step(records);
        while (records.live.length > 0)
          records.release(records.live.length - 1);
        expect(records.pool.usedBytes).toBeLessThanOrEqual(1.25 * SLAB_BYTES);
      }),
      { numRuns: 300 },
    );
  });

  it('hold at most a third more than their lengths when the oldest go first', () => {
    const sizes = fc.array(fc.tuple(length, length), { maxLength: 200 });
    fc.assert(
      fc.property(sizes, fc.integer({ min: 1, max: 100 }), (all, keep) => {
        const records = new Records();
        for (const [size, guess] of all) {
          records.write(size, guess);
          if (records.live.length > keep) records.release(0);
        }
        // The slabs of the oldest and of the newest record are half used.
        const ends = 2 * 1.25 * SLAB_BYTES;
        expect(records.pool.usedBytes).toBeLessThanOrEqual(
          records.liveBytes / 0.75 + ends,
        );
      }),
      { numRuns: 300 },
    );
  });

  it('hold at most a third more than their lengths, whatever these are', () => {
    for (let size = 1; size < 3 * SLAB_BYTES; size += 7) {
      const records = new Records();
      for (let i = 0; i < 40; i++) records.write(size);
      expect(records.pool.usedBytes).toBeLessThanOrEqual(
        records.liveBytes / 0.75 + SLAB_BYTES,
      );
    }
  });

  it('use memory again instead of asking for more', () => {
    const records = new Records();
    for (let i = 0; i < 10_000; i++) {
      records.write(100 + (i % 100));
      if (i >= 50) records.release(0);
    }
    expect(records.pool.allocatedBytes).toBeLessThan(16 * SLAB_BYTES);
  });

  it('lie close together when most are refused as soon as they are written', () => {
    const records = new Records();
    for (let i = 0; i < 1_000; i++) {
      records.write(100);
      if (i % 50 > 0) records.release(records.live.length - 1);
    }
    expect(records.live).toHaveLength(20);
    expect(records.pool.usedBytes).toBeLessThanOrEqual(3 * SLAB_BYTES);
  });
});

describe('SpanRecord', () => {
  it('is released once, however often that is called', () => {
    const records = new Records();
    const [first, second] = [records.write(400), records.write(400)];
    first.record.release();
    first.record.release();
    // Were the second call counted, the slab of the other would be free now.
    for (let i = 0; i < 20; i++) records.write(400);
    expect(second.expected.equals(second.record.bytes)).toBe(true);
  });

  it('gives a copy nothing to release', () => {
    const { record } = new Records().write(10);
    const { lane, id } = record;
    expect({ lane, id }).toEqual({ lane: 'spans', id: '1' });
    expect('release' in { ...record }).toBe(false);
  });

  it('makes released bytes unreadable in test builds', () => {
    const { record } = new Records().write(10);
    record.release();
    expect(record.bytes).toEqual(new Uint8Array(10).fill(0xff));
  });
});

describe('SlabPool', () => {
  it('prefers the smallest that suffices', () => {
    const pool = new SlabPool();
    for (const size of [120, 100, 110]) pool.giveBack(Buffer.alloc(size));
    const lengths = [105, 90, 100].map((n) => pool.take(n).memory.length);
    expect(lengths).toEqual([110, 100, 120]);
    expect(pool.freeBytes).toBe(0);
  });

  it('hands out nothing that is much larger than asked for', () => {
    const pool = new SlabPool();
    pool.giveBack(Buffer.alloc(200));
    expect(pool.take(100).memory).toHaveLength(100);
    expect(pool.freeBytes).toBe(200);
  });

  it('lets go of what has lain there for the longest time', () => {
    const pool = new SlabPool(300);
    for (const size of [100, 150, 120]) pool.giveBack(Buffer.alloc(size));
    expect(pool.freeBytes).toBe(270);
    const other = pool.take(100).memory;
    expect(other).toHaveLength(120);
  });

  it('keeps nothing that is larger than its bound', () => {
    const pool = new SlabPool(300);
    pool.giveBack(Buffer.alloc(301));
    expect(pool.freeBytes).toBe(0);
  });
});
