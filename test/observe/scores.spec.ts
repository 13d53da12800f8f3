/** Scores as they come back from the server, and those it never gets to see. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { LangfuseService, Score } from '../../lib/index.js';
import { TracedApplication } from '../support/traced-application.js';

describe('scores', () => {
  let traced: TracedApplication;
  let langfuse: LangfuseService;
  /** A trace of its own for each test. */
  let traceId: string;

  beforeAll(async () => {
    traced = await TracedApplication.start({
      langfuse: { environment: 'staging' },
    });
    langfuse = traced.langfuse;
  });
  afterAll(() => traced.close());
  beforeEach(() => {
    traceId = langfuse.createTraceId();
  });

  it('come back with every field that was given', async () => {
    const id = langfuse.createScore({
      id: 'score-1',
      name: 'accuracy',
      value: 0.75,
      dataType: 'NUMERIC',
      traceId,
      observationId: 'b7ad6b7169203331',
      comment: 'mostly right, “quoted” 🐢',
      metadata: { judge: 'ada', passes: [1, 2], nested: { deep: true } },
      configId: 'config-1',
      environment: 'production',
    });
    expect(id).toBe('score-1');

    const read = await traced.scores(traceId);
    expect(read).toHaveLength(1);
    expect(read[0]).toMatchObject({
      id: 'score-1',
      name: 'accuracy',
      value: 0.75,
      dataType: 'NUMERIC',
      subject: { kind: 'observation', id: 'b7ad6b7169203331', traceId },
      comment: 'mostly right, “quoted” 🐢',
      metadata: { judge: 'ada', passes: [1, 2], 'nested.deep': true },
      configId: 'config-1',
      environment: 'production',
      source: 'API',
    });
  });

  it.each<[Score['dataType'], Score['value'], string, unknown]>([
    [undefined, 0.5, 'NUMERIC', 0.5],
    [undefined, -3, 'NUMERIC', -3],
    [undefined, true, 'BOOLEAN', true],
    [undefined, false, 'BOOLEAN', false],
    [undefined, 'good', 'CATEGORICAL', 'good'],
    ['NUMERIC', 0, 'NUMERIC', 0],
    ['BOOLEAN', true, 'BOOLEAN', true],
    ['BOOLEAN', 0, 'BOOLEAN', false],
    ['BOOLEAN', 1, 'BOOLEAN', true],
    ['CATEGORICAL', '', 'CATEGORICAL', ''],
    ['TEXT', 'x'.repeat(500), 'TEXT', 'x'.repeat(500)],
    ['CORRECTION', 'the right answer', 'CORRECTION', 'the right answer'],
  ])(
    'keep type and value: %s, %o',
    async (dataType, value, typeAsRead, valueAsRead) => {
      langfuse.createScore({
        name: 'output',
        value,
        traceId,
        ...(dataType ? { dataType } : {}),
      });
      const read = await traced.scores(traceId);
      expect(read).toMatchObject([
        { name: 'output', dataType: typeAsRead, value: valueAsRead },
      ]);
    },
  );

  it.each<[string, Partial<Score>, object]>([
    ['trace', { traceId: 't-1' }, { kind: 'trace', id: 't-1' }],
    [
      'observation',
      { traceId: 't-1', observationId: 'o-1' },
      { kind: 'observation', id: 'o-1', traceId: 't-1' },
    ],
    ['session', { sessionId: 's-1' }, { kind: 'session', id: 's-1' }],
    ['dataset run', { datasetRunId: 'r-1' }, { kind: 'experiment', id: 'r-1' }],
  ])('keep their subject: a %s', async (name, given, subject) => {
    langfuse.createScore({ name, value: 1, ...given });
    const all = await traced.scores();
    expect(all.find((score) => score.name === name)).toMatchObject({ subject });
  });

  it('have an id, a time and the environment of the application by themselves', async () => {
    const before = Date.now();
    const ids = [
      langfuse.createScore({ name: 'one', value: 1, traceId }),
      langfuse.createScore({ name: 'two', value: 2, traceId }),
    ];
    const after = Date.now();
    expect(new Set(ids).size).toBe(2);

    const read = await traced.scores(traceId);
    expect(read.map(({ id }) => id).toSorted()).toEqual(ids.toSorted());
    for (const { timestamp, environment, metadata, comment } of read) {
      expect(Date.parse(timestamp)).toBeGreaterThanOrEqual(before);
      expect(Date.parse(timestamp)).toBeLessThanOrEqual(after);
      expect(environment).toBe('staging');
      expect(metadata).toEqual({});
      expect(comment).toBeNull();
    }
  });

  it.each<[unknown, object]>([
    ['a text', { metadata: 'a text' }],
    ['5', { metadata: 5 }],
    [[1, 2], { metadata: [1, 2] }],
    [
      { ring: ring(), big: 5n, kept: 1 },
      { kept: 1, big: '5n' },
    ],
  ])('take any metadata: %o', async (metadata, asRead) => {
    langfuse.createScore({ name: 'any', value: 1, traceId, metadata });
    const [score] = await traced.scores(traceId);
    expect(score!.metadata).toMatchObject(asRead);
  });

  it('of what is active know their subject', async () => {
    const [ofObservation, ofTrace, id] = langfuse.startActiveObservation(
      'root',
      () =>
        langfuse.startActiveObservation('child', (child) => [
          langfuse.scoreActiveObservation({ name: 'here', value: 1 }),
          langfuse.scoreActiveTrace({ name: 'everywhere', value: 'good' }),
          child.id,
        ]),
    );

    const scores = await traced.scores();
    const child = await traced.observation('child');
    expect(scores.find((score) => score.id === ofObservation)).toMatchObject({
      name: 'here',
      subject: { kind: 'observation', id, traceId: child.traceId },
    });
    expect(scores.find((score) => score.id === ofTrace)).toMatchObject({
      name: 'everywhere',
      subject: { kind: 'trace', id: child.traceId },
    });
  });

  it('of nothing that is active do nothing', () => {
    const { enqueued } = traced.queue.stats();
    expect(
      langfuse.scoreActiveObservation({ name: 'x', value: 1 }),
    ).toBeUndefined();
    expect(langfuse.scoreActiveTrace({ name: 'x', value: 1 })).toBeUndefined();
    expect(traced.queue.stats().enqueued).toBe(enqueued);
  });

  it.each<[string, Readonly<Record<string, unknown>>, RegExp]>([
    ['no name', { name: '' }, /name: "" .*; say what is scored/],
    ['no subject', { traceId: undefined }, /traceId: not given; give/],
    [
      'two subjects',
      { sessionId: 's' },
      /traceId and sessionId: given together; give exactly one/,
    ],
    [
      'an observation without its trace',
      { traceId: undefined, sessionId: 's', observationId: 'o' },
      /observationId: .*traceId/,
    ],
    ['NaN', { value: Number.NaN }, /value: NaN .* give a finite number/],
    ['a value of no type', { value: {} }, /value: an object .*; give/],
    [
      'a type that does not exist',
      { dataType: 'STARS' },
      /dataType: "STARS" .*; give one of NUMERIC/,
    ],
    [
      'a number for BOOLEAN',
      { dataType: 'BOOLEAN', value: 2 },
      /value: 2 does not fit dataType BOOLEAN; give true, false, 1 or 0/,
    ],
    [
      'a number for CATEGORICAL',
      { dataType: 'CATEGORICAL', value: 2 },
      /value: 2 does not fit dataType CATEGORICAL; give a text/,
    ],
    [
      'a long TEXT',
      { dataType: 'TEXT', value: 'y'.repeat(501) },
      /value: "y+"… \(501 characters\) does not fit dataType TEXT; give/,
    ],
    [
      'a CORRECTION with a config',
      { dataType: 'CORRECTION', value: 'right', configId: 'c' },
      /configId: "c" .* leave it out/,
    ],
    [
      'a CORRECTION of a session',
      {
        dataType: 'CORRECTION',
        value: 'right',
        traceId: undefined,
        sessionId: 's',
      },
      /dataType: CORRECTION .*; give traceId/,
    ],
    ['an empty id', { id: '' }, /id: "" .*; leave it out/],
    ['a comment that is no text', { comment: 5 }, /comment: 5 .*; give a text/],
  ])(
    'that the server would drop are refused by name: %s',
    async (_, bad, warning) => {
      const fresh = await TracedApplication.start();
      const score = { name: 'bad', value: 1, traceId, ...bad };

      expect(fresh.langfuse.createScore(score as Score)).toBeUndefined();

      expect(fresh.warnings[0]).toMatch(/^createScore\(\): dropped: /);
      expect(fresh.warnings[0]).toMatch(warning);
      expect(fresh.queue.stats()).toMatchObject({
        enqueued: 1,
        dropped: { invalid: 1 },
      });
      // What is good still arrives.
      fresh.langfuse.createScore({ name: 'good', value: 1, traceId });
      const read = await fresh.scores();
      expect(read.map(({ name }) => name)).toEqual(['good']);
      await fresh.close();
    },
  );

  it('that are refused again and again warn once a field and are counted each time', async () => {
    const fresh = await TracedApplication.start();
    for (let i = 0; i < 5; i++) {
      fresh.langfuse.createScore({ name: 'bad', value: Infinity, traceId });
      fresh.langfuse.createScore({ name: '', value: 1, traceId });
    }
    const about = (field: string) =>
      fresh.warnings.filter((warning) => warning.includes(`: ${field}: `));
    expect(about('value')).toHaveLength(1);
    expect(about('name')).toHaveLength(1);
    expect(fresh.queue.stats().dropped.invalid).toBe(10);
    await fresh.close();
  });

  it.each([
    ['nothing', undefined],
    ['null', null],
    [
      'a trap',
      new Proxy(
        {},
        {
          get() {
            throw new Error('keep out');
          },
        },
      ),
    ],
  ])('that are no scores do not throw: %s', (_, score) => {
    const { invalid = 0 } = traced.queue.stats().dropped;
    expect(langfuse.createScore(score as never)).toBeUndefined();
    expect(traced.queue.stats().dropped.invalid).toBe(invalid + 1);
  });
});

function ring(): object {
  const value: Record<string, unknown> = {};
  value['self'] = value;
  return value;
}
