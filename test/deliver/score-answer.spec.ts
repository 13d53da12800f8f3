import { describe, expect, it } from 'vitest';
import { readScoreAnswer } from '../../lib/deliver/score-answer.js';
import type { QueueRecord } from '../../lib/queue/index.js';

const records = ['a', 'b', 'c', 'd'].map((id): QueueRecord => ({
  lane: 'scores',
  id,
  bytes: new Uint8Array(1),
}));

function read(answer: unknown) {
  const body = Buffer.from(
    typeof answer === 'string' ? answer : JSON.stringify(answer),
  );
  const { retry, refused, ...rest } = readScoreAnswer(body, records);
  const ids = (some: readonly QueueRecord[]) => some.map(({ id }) => id);
  return { ...rest, refused: ids(refused), retry: ids(retry) };
}

const ALL_TAKEN = { delivered: 4, refused: [], cause: undefined, retry: [] };

describe('readScoreAnswer', () => {
  it('tells what is stored, what never will be, and what to send again', () => {
    const errors = [
      { id: 'd', status: 422, message: 'second' },
      { id: 'b', status: 400, message: 'Invalid request data', error: 'value' },
      { id: 'c', status: 500 },
    ];
    expect(read({ successes: [{ id: 'a', status: 201 }], errors })).toEqual({
      delivered: 1,
      refused: ['b', 'd'],
      cause: 'score b: 400 Invalid request data value',
      retry: ['c'],
    });
  });

  it.each([408, 429, 500, 503])(
    'sends a score with status %i again: that says nothing about it',
    (status) => {
      const came = read({ errors: [{ id: 'a', status }] });
      expect(came).toEqual({ ...ALL_TAKEN, delivered: 3, retry: ['a'] });
    },
  );

  it.each([400, 401, 404, 413, 422])(
    'rejects a score with status %i',
    (status) => {
      const came = read({ errors: [{ id: 'a', status }] });
      expect(came).toMatchObject({ delivered: 3, refused: ['a'], retry: [] });
    },
  );

  it.each<[unknown]>([
    [''],
    ['<html>'],
    ['null'],
    [{}],
    [{ errors: 'none' }],
    [{ errors: [null, 7, 'a', {}, { id: 'a' }, { id: 'a', status: '400' }] }],
    [{ errors: [{ id: 'z', status: 400 }] }],
  ])('takes %j for a success: its status has said so', (answer) => {
    expect(read(answer)).toEqual(ALL_TAKEN);
  });
});
