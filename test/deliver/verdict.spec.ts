import { describe, expect, it } from 'vitest';
import { readTaken } from '../../lib/deliver/verdict.js';
import type { HttpAnswer } from '../../lib/deliver/http-client.js';
import type { LaneName, QueueRecord } from '../../lib/queue/index.js';

function read(lane: LaneName, body: object) {
  const records = ['a', 'b', 'c'].map((id): QueueRecord => ({
    lane,
    id,
    bytes: new Uint8Array(1),
  }));
  const answer: HttpAnswer = {
    kind: 'answer',
    status: 200,
    headers: { 'content-type': 'application/json' },
    body: Buffer.from(JSON.stringify(body)),
  };
  const { again, refused, ...taken } = readTaken(lane, answer, records);
  const ids = (some: readonly QueueRecord[]) => some.map(({ id }) => id);
  return { ...taken, refused: ids(refused), again: ids(again) };
}

const ALL_TAKEN = {
  kind: 'taken',
  delivered: 3,
  rejected: 0,
  refused: [],
  cause: undefined,
  again: [],
};

describe('what a 2xx says of spans', () => {
  it.each([
    [0, 3, 0],
    [1, 2, 1],
    [3, 0, 3],
    // More than were sent: whoever says so, no record is rejected twice.
    [7, 0, 3],
  ])('that %i are rejected: %i delivered', (said, delivered, rejected) => {
    const body = { partialSuccess: { rejectedSpans: said } };
    expect(read('spans', body)).toEqual({
      ...ALL_TAKEN,
      delivered,
      rejected,
      cause: said > 0 ? 'partial success' : undefined,
    });
  });

  it('has nothing of the errors of scores', () => {
    const errors = [{ id: 'a', status: 400 }];
    expect(read('spans', { errors })).toEqual(ALL_TAKEN);
  });
});

describe('what a 207 says of scores', () => {
  it('is told by id', () => {
    const errors = [
      { id: 'a', status: 500 },
      { id: 'c', status: 400, message: 'bad' },
    ];
    expect(read('scores', { errors })).toEqual({
      kind: 'taken',
      delivered: 1,
      rejected: 1,
      refused: ['c'],
      cause: 'score c: 400 bad',
      again: ['a'],
    });
  });

  it('has nothing of the partial success of spans', () => {
    const body = { partialSuccess: { rejectedSpans: 1 } };
    expect(read('scores', body)).toEqual(ALL_TAKEN);
  });
});
