/** Bad values leave a visible marker, and lose nothing beside them. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { GenerationAttributes } from '../../lib/index.js';
import {
  type ReadObservation,
  TracedApplication,
} from '../support/traced-application.js';

/** Given beside each bad value, and to be read back all the same. */
const neighbours: GenerationAttributes = {
  input: 'question',
  output: 'answer',
  metadata: { kept: 'yes' },
  level: 'WARNING',
  statusMessage: 'because',
  model: 'small',
  modelParameters: { temperature: 1 },
  usageDetails: { input: 7, total: 7 },
  costDetails: { total: 0.5 },
  completionStartTime: new Date('2026-03-01T10:00:00.000Z'),
  prompt: { name: 'librarian', version: 3 },
};
const neighboursAsRead = {
  input: 'question',
  output: 'answer',
  level: 'WARNING',
  statusMessage: 'because',
  providedModelName: 'small',
  modelParameters: { temperature: 1 },
  usageDetails: { input: 7, total: 7 },
  costDetails: { total: 0.5 },
  completionStartTime: '2026-03-01T10:00:00.000Z',
  promptName: 'librarian',
  promptVersion: 3,
};

const promptRule = 'needs a name and a version from 0 to 65535';
const levelRule = 'is not one of DEBUG, DEFAULT, WARNING, ERROR';

describe('a bad value', () => {
  let traced: TracedApplication;
  beforeAll(async () => {
    traced = await TracedApplication.start();
  });
  afterAll(() => traced.close());

  /** Gives what an untyped caller would, beside all that is good. */
  async function read(
    bad: Readonly<Record<string, unknown>>,
  ): Promise<ReadObservation> {
    const observation = traced.langfuse.startObservation<'generation'>(
      'bad',
      { ...neighbours, ...bad } as GenerationAttributes,
      { asType: 'generation' },
    );
    observation.end();
    return (await traced.observations(observation.traceId))[0]!;
  }

  it.each<[string, unknown, string, object]>([
    [
      'usageDetails',
      { input: 7, output: -1, other: 'many', total: 7 },
      'usageDetails.output: -1 is not a count; usageDetails.other: "many" is not a count',
      { input: 7, total: 7 },
    ],
    [
      'usageDetails',
      { input: 7, output: Number.NaN, total: 7 },
      'usageDetails.output: NaN is not a count',
      { input: 7, total: 7 },
    ],
    [
      'usageDetails',
      'a lot',
      'usageDetails: "a lot" is not an object of numbers',
      {},
    ],
    [
      'costDetails',
      { input: 0.5, output: 'free', total: 0.5 },
      'costDetails.output: "free" is not a number',
      { input: 0.5, total: 0.5 },
    ],
    [
      'costDetails',
      [1, 2],
      'costDetails: an array is not an object of numbers',
      {},
    ],
    [
      'completionStartTime',
      new Date(Number.NaN),
      'completionStartTime: "Invalid Date" is not a date',
      {},
    ],
    [
      'completionStartTime',
      'soon',
      'completionStartTime: soon is not a date',
      {},
    ],
    ['completionStartTime', 5n, 'completionStartTime: "5n" is not a date', {}],
    [
      'completionStartTime',
      Symbol('soon'),
      'completionStartTime: "Symbol(soon)" is not a date',
      {},
    ],
    ['prompt', 'librarian', `prompt: librarian ${promptRule}`, {}],
    [
      'prompt',
      { name: 'librarian' },
      `prompt: {"name":"librarian"} ${promptRule}`,
      {},
    ],
    [
      'prompt',
      { name: 'p', version: '3' },
      `prompt: {"name":"p","version":"3"} ${promptRule}`,
      {},
    ],
    [
      'prompt',
      { name: 'p', version: 2.5 },
      `prompt: {"name":"p","version":2.5} ${promptRule}`,
      {},
    ],
    [
      'prompt',
      { name: 'p', version: -1 },
      `prompt: {"name":"p","version":-1} ${promptRule}`,
      {},
    ],
    [
      'prompt',
      { name: 'p', version: 65_536 },
      `prompt: {"name":"p","version":65536} ${promptRule}`,
      {},
    ],
    ['modelParameters', 'hot', 'modelParameters: hot is not an object', {}],
    ['modelParameters', [0.2], 'modelParameters: [0.2] is not an object', {}],
    ['level', 'LOUD', `level: LOUD ${levelRule}`, {}],
    ['level', 3, `level: 3 ${levelRule}`, {}],
  ])('as %s (%o) is named: %s', async (field, value, refused, left) => {
    const observation = await read({ [field]: value });
    expect(observation.metadata['langfuse_refused']).toBe(refused);

    const others: Partial<typeof neighboursAsRead> = { ...neighboursAsRead };
    for (const key of readAs[field]!) delete others[key];
    expect(observation).toMatchObject(others);
    expect(observation.metadata).toMatchObject({ kept: 'yes' });
    if (field.endsWith('Details')) {
      expect(observation[field as 'usageDetails']).toEqual(left);
    }
  });

  it('is named beside all the others of the same observation', async () => {
    const observation = traced.langfuse.startObservation<'generation'>(
      'twice',
      { usageDetails: { input: -1 }, costDetails: { total: 'much' } },
      { asType: 'generation' },
    );
    observation.update({ usageDetails: { output: -2 } });
    observation.update({ model: 'small' });
    observation.end();

    const { metadata } = await traced.observation('twice');
    expect(metadata['langfuse_refused']).toBe(
      'usageDetails.input: -1 is not a count; ' +
        'costDetails.total: "much" is not a number; ' +
        'usageDetails.output: -2 is not a count',
    );
  });

  it.each<[string, unknown, unknown]>([
    ['a text', 'loose text', 'loose text'],
    ['a list', [1, 'two'], [1, 'two']],
    ['a number', 5, 5],
  ])(
    'as metadata is kept under a key of its own: %s',
    async (_, value, kept) => {
      const observation = await read({ metadata: value });
      expect(observation.metadata).toMatchObject({ metadata: kept });
      expect(observation).toMatchObject(neighboursAsRead);
    },
  );

  it('inside of metadata is marked in its place', async () => {
    const circular: Record<string, unknown> = { name: 'ring' };
    circular['self'] = circular;
    const trap = {
      get price(): number {
        throw new Error('no price');
      },
    };
    const observation = await read({
      metadata: { circular, trap, big: 10n, kept: 'yes' },
    });
    expect(observation).toMatchObject(neighboursAsRead);
    expect(observation.metadata['kept']).toBe('yes');
    const text = JSON.stringify(observation.metadata);
    expect(text).toContain('ring');
    expect(text).toContain('no price');
    expect(text).toContain('10n');
  });

  it('in place of all attributes is marked, and the observation arrives', async () => {
    const trap = new Proxy(
      {},
      {
        get() {
          throw new Error('keep out');
        },
      },
    );
    const observation = traced.langfuse.startObservation('trap', null as never);
    observation.update(trap);
    observation.update({ output: 'still here' });
    observation.end();

    const { metadata, output } = await traced.observation('trap');
    expect(metadata['langfuse_refused']).toMatch(
      /^attributes: null is not an object; input: \[Threw: keep out\]; output: /,
    );
    expect(output).toBe('still here');
  });

  it.each([
    ['null', null],
    ['undefined', undefined],
  ])('is not what %s is: that means "not given"', async (_, nothing) => {
    const observation = await read(
      Object.fromEntries(
        Object.keys(neighbours).map((field) => [field, nothing]),
      ),
    );
    expect(observation).toMatchObject({
      level: 'DEFAULT',
      statusMessage: null,
      providedModelName: null,
      modelParameters: {},
      usageDetails: {},
      costDetails: {},
      completionStartTime: null,
      promptName: null,
      promptVersion: null,
    });
    expect(observation.metadata).not.toHaveProperty('langfuse_refused');
  });
});

/** The fields of the server that a given field feeds. */
const readAs: Readonly<Record<string, (keyof typeof neighboursAsRead)[]>> = {
  usageDetails: ['usageDetails'],
  costDetails: ['costDetails'],
  completionStartTime: ['completionStartTime'],
  prompt: ['promptName', 'promptVersion'],
  modelParameters: ['modelParameters'],
  level: ['level'],
};
