import { describe, expect, it } from 'vitest';
import {
  addLedgers,
  auditBalance,
  droppedSince,
  Ledger,
} from '../../lib/queue/ledger.js';

const EMPTY = new Ledger().snapshot();

describe('the audit of a ledger', () => {
  it('passes one that balances', () => {
    const ledger = new Ledger(auditBalance);
    ledger.enqueue(10);
    ledger.enqueue(5);
    ledger.cut(1);
    ledger.settle({
      bytes: 10,
      delivered: 0,
      spooled: 0,
      dropped: { rejected: 1 },
    });
    ledger.dropQueued('overflow', 1, 5);
    ledger.refuse('closed');
    expect(ledger.snapshot()).toEqual({
      ...EMPTY,
      enqueued: 3,
      dropped: { rejected: 1, overflow: 1, closed: 1 },
    });
  });

  it.each([
    ['a record that is lost', { enqueued: 1 }],
    ['a record out of nowhere', { delivered: 1 }],
    ['fewer records than none', { queued: -1, delivered: 1 }],
    ['fewer bytes than none', { bytes: -1, enqueued: 1, queued: 1 }],
    ['bytes of nobody', { bytes: 1 }],
  ])('finds %s', (_, wrong) => {
    expect(() => auditBalance({ ...EMPTY, ...wrong })).toThrow(
      'does not balance',
    );
  });
});

describe('a snapshot of a ledger', () => {
  it('stays as it was', () => {
    const ledger = new Ledger();
    ledger.refuse('closed');
    const snapshot = ledger.snapshot();
    ledger.refuse('closed');
    expect(snapshot.dropped).toEqual({ closed: 1 });
    expect(droppedSince(ledger.snapshot().dropped, snapshot.dropped)).toEqual({
      closed: 1,
    });
  });

  it('of all lanes has the counts of each', () => {
    const lane = {
      enqueued: 10,
      queued: 1,
      inFlight: 2,
      delivered: 3,
      spooled: 0,
      dropped: { overflow: 4 },
      bytes: 5,
    };
    expect(addLedgers([lane, lane])).toEqual({
      enqueued: 20,
      queued: 2,
      inFlight: 4,
      delivered: 6,
      spooled: 0,
      dropped: { overflow: 8 },
      bytes: 10,
    });
  });
});
