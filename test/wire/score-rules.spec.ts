import { describe, expect, it } from 'vitest';
import {
  scoreDataType,
  type ScoreInput,
  scoreProblem,
} from '../../lib/wire/index.js';

const score: ScoreInput = {
  name: 'helpfulness',
  value: 0.5,
  traceId: '0af7651916cd43dd8448eb211c80319c',
};

describe('scoreProblem', () => {
  it.each<[string, ScoreInput]>([
    ['an id of 800 characters', { id: 'x'.repeat(800) }],
    ['an observation of a trace', { observationId: 'o' }],
    ['a session', { traceId: undefined, sessionId: 's' }],
    ['a dataset run', { traceId: undefined, datasetRunId: 'r' }],
    ['null for "not given"', { id: null, sessionId: null, comment: null }],
    ['a negative number', { value: -1, dataType: 'NUMERIC' }],
    ['an inferred category', { value: '' }],
    ['an inferred boolean', { value: false }],
    ['true', { value: true, dataType: 'BOOLEAN' }],
    ['0 as a boolean', { value: 0, dataType: 'BOOLEAN' }],
    ['1 as a boolean', { value: 1, dataType: 'BOOLEAN' }],
    ['a category', { value: 'good', dataType: 'CATEGORICAL' }],
    ['a text of 500', { value: 'x'.repeat(500), dataType: 'TEXT' }],
    ['a correction', { value: '', dataType: 'CORRECTION' }],
    [
      'a correction of an observation',
      {
        value: 'x',
        dataType: 'CORRECTION',
        observationId: 'o',
      },
    ],
    ['texts', { comment: '', configId: 'c', queueId: 'q' }],
  ])('accepts %s', (_, input) => {
    expect(scoreProblem({ ...score, ...input })).toBeUndefined();
  });

  it.each<[ScoreInput, string]>([
    [{ id: '' }, 'id: "" is not a text of 1 to 800 characters'],
    [{ id: 7 }, 'id: 7 is not a text of 1 to 800 characters'],
    [{ id: 'x'.repeat(801) }, '… (801 characters) is not a text of 1 to 800'],
    [{ id: 'a\rb' }, String.raw`id: "a\rb" is not a text`],
    [{ name: '' }, 'name: "" is not a text'],
    [{ name: undefined }, 'name: undefined is not a text'],
    [{ name: 7 }, 'name: 7 is not a text'],
    [{ traceId: undefined }, 'traceId: not given; give exactly one of'],
    [{ sessionId: 's' }, 'traceId and sessionId: given together'],
    [
      { sessionId: 's', datasetRunId: 'r' },
      'traceId and sessionId and datasetRunId: given together',
    ],
    [{ traceId: '' }, 'traceId: "" is not an id'],
    [{ traceId: 7 }, 'traceId: 7 is not an id'],
    [{ traceId: undefined, sessionId: '' }, 'sessionId: "" is not an id'],
    [
      { traceId: undefined, sessionId: 's', observationId: 'o' },
      'observationId: "o" is given without traceId',
    ],
    [{ observationId: '' }, 'observationId: "" is not an id'],
    [{ value: undefined }, 'value: undefined is not a number, a text or'],
    [{ value: null }, 'value: null is not a number, a text or'],
    [{ value: {} }, 'value: an object is not a number, a text or'],
    [{ value: [1] }, 'value: an array is not a number, a text or'],
    [{ value: 1n }, 'value: 1n is not a number, a text or'],
    [{ value: Number.NaN }, 'value: NaN does not fit dataType NUMERIC'],
    [
      { value: Number.POSITIVE_INFINITY, dataType: 'NUMERIC' },
      'value: Infinity does not fit dataType NUMERIC; give a finite number',
    ],
    [{ value: '0.5', dataType: 'NUMERIC' }, 'value: "0.5" does not fit'],
    [{ value: true, dataType: 'NUMERIC' }, 'value: true does not fit'],
    [{ value: 2, dataType: 'BOOLEAN' }, 'value: 2 does not fit'],
    [
      { value: 'true', dataType: 'BOOLEAN' },
      'value: "true" does not fit dataType BOOLEAN; give true, false, 1 or 0',
    ],
    [{ value: 1, dataType: 'CATEGORICAL' }, 'value: 1 does not fit'],
    [{ value: '', dataType: 'TEXT' }, 'value: "" does not fit dataType TEXT'],
    [
      { value: 'x'.repeat(501), dataType: 'TEXT' },
      '(501 characters) does not fit dataType TEXT; give a text of 1 to 500',
    ],
    [{ value: 1, dataType: 'CORRECTION' }, 'value: 1 does not fit'],
    [
      { value: 'x', dataType: 'CORRECTION', configId: 'c' },
      'configId: "c" is given for dataType CORRECTION',
    ],
    [
      { value: 'x', dataType: 'CORRECTION', traceId: null, sessionId: 's' },
      'dataType: CORRECTION is only for traces and observations',
    ],
    [{ dataType: 'numeric' }, 'dataType: "numeric" is not a data type'],
    [{ dataType: 7 }, 'dataType: 7 is not a data type'],
    [{ comment: 7 }, 'comment: 7 is not a text'],
    [{ configId: {} }, 'configId: an object is not a text'],
    [{ queueId: false }, 'queueId: false is not a text'],
  ])('refuses %o', (input, message) => {
    const problem = scoreProblem({ ...score, ...input });
    expect(problem).toContain(message);
    // One line, and it tells what to do.
    expect(problem).toMatch(/^[^\r\n]+(?:give|leave|say) [^\r\n]+\.$/);
  });
});

describe('scoreDataType', () => {
  it.each([
    [1, 'NUMERIC'],
    ['a', 'CATEGORICAL'],
    [true, 'BOOLEAN'],
  ] as const)('infers what %o is', (value, dataType) => {
    expect(scoreDataType(value)).toBe(dataType);
  });

  it('keeps the one that is given', () => {
    expect(scoreDataType('a', 'TEXT')).toBe('TEXT');
    expect(scoreDataType(1, 'BOOLEAN')).toBe('BOOLEAN');
  });
});
