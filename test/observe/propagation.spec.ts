/** User, session, tags and the like on every observation of a trace. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type {
  LangfuseService,
  PromptReference,
  PropagatedAttributes,
} from '../../lib/index.js';
import { TracedApplication } from '../support/traced-application.js';

describe('propagateAttributes()', () => {
  let traced: TracedApplication;
  let langfuse: LangfuseService;
  beforeEach(async () => {
    traced = await TracedApplication.start();
    langfuse = traced.langfuse;
  });
  afterEach(() => traced.close());

  /** Names of observations with what they have of `field`. */
  async function read(field: 'userId' | 'sessionId' | 'traceName') {
    const observations = await traced.observations();
    return Object.fromEntries(
      observations.map((observation) => [observation.name, observation[field]]),
    );
  }

  const record = (name: string) => langfuse.startObservation(name).end();

  it('reaches all that starts within, and nothing else', async () => {
    record('before');
    const returned = await langfuse.propagateAttributes(
      { userId: 'ada' },
      async () => {
        record('within');
        await Promise.resolve();
        langfuse.startActiveObservation('nested', () => record('deep'));
        return 'value';
      },
    );
    record('after');
    expect(returned).toBe('value');
    expect(await read('userId')).toEqual({
      before: null,
      within: 'ada',
      nested: 'ada',
      deep: 'ada',
      after: null,
    });
  });

  it('reaches the active observation', async () => {
    langfuse.startActiveObservation('active', () => {
      record('earlier');
      langfuse.propagateAttributes({ userId: 'ada' }, () => record('within'));
      record('later');
    });
    expect(await read('userId')).toMatchObject({
      active: 'ada',
      earlier: null,
      within: 'ada',
    });
  });

  it('links generations to a prompt, unless they name one, and none around', async () => {
    const prompt = { name: 'librarian', version: 3 };
    const own = { name: 'critic', version: 1 };
    const asType = { asType: 'generation' } as const;
    let carrier = {};
    langfuse.startActiveObservation(
      'around',
      () =>
        langfuse.startActiveObservation(
          'active',
          () =>
            langfuse.propagateAttributes({ prompt }, () => {
              langfuse.startObservation('within', {}, asType).end();
              langfuse.startObservation('own', { prompt: own }, asType).end();
              carrier = langfuse.carrier();
            }),
          asType,
        ),
      asType,
    );
    langfuse.continueTrace(carrier, () =>
      langfuse.startObservation('elsewhere', {}, asType).end(),
    );
    const links = (await traced.observations()).map(
      ({ name, promptName, promptVersion }) => [
        name,
        promptName,
        promptVersion,
      ],
    );
    expect(links.toSorted()).toEqual([
      ['active', 'librarian', 3],
      ['around', null, null],
      ['elsewhere', 'librarian', 3],
      ['own', 'critic', 1],
      ['within', 'librarian', 3],
    ]);
  });

  it('links no generation to a prompt after its callback', async () => {
    const asType = { asType: 'generation' } as const;
    const prompt = { name: 'librarian', version: 3 };
    langfuse.startActiveObservation('chat', (chat) => {
      langfuse.propagateAttributes({ prompt }, () => undefined);
      chat.startObservation('after', {}, asType).end();
    });
    expect(await traced.observation('after')).toMatchObject({
      promptName: null,
    });
  });

  it('links a generation that used a fallback to no prompt', async () => {
    const prompt = { name: 'librarian', version: 3 };
    const fallback = { name: 'critic', version: 1, isFallback: true };
    const asType = { asType: 'generation' } as const;
    langfuse.propagateAttributes({ prompt }, () =>
      langfuse.startObservation('own', { prompt: fallback }, asType).end(),
    );
    expect(await traced.observation('own')).toMatchObject({
      promptName: null,
      promptVersion: null,
    });
  });

  it('warns of a prompt that has no version', async () => {
    const prompt = JSON.parse('{"name":"librarian"}') as PromptReference;
    langfuse.propagateAttributes({ prompt }, () => record('unlinked'));
    expect(await traced.observations()).toMatchObject([{ promptName: null }]);
    expect(traced.warnings.join()).toContain(
      'left out: prompt needs a name and a version from 0 to 65535',
    );
  });

  it('gives open ancestors what they lack, and changes nothing they have', async () => {
    langfuse.propagateAttributes({ sessionId: 's-1' }, () =>
      langfuse.startActiveObservation('root', () =>
        langfuse.startActiveObservation('service', () =>
          langfuse.startActiveObservation('active', () =>
            langfuse.propagateAttributes(
              { userId: 'ada', sessionId: 's-2' },
              () => record('within'),
            ),
          ),
        ),
      ),
    );
    expect(await read('userId')).toEqual({
      root: 'ada',
      service: 'ada',
      active: 'ada',
      within: 'ada',
    });
    expect(await read('sessionId')).toEqual({
      root: 's-1',
      service: 's-1',
      active: 's-2',
      within: 's-2',
    });
  });

  it('leaves observations that have ended as they were', async () => {
    let ended: { end(): void } | undefined;
    langfuse.startActiveObservation('root', (root) => {
      ended = root;
      root.end();
      langfuse.propagateAttributes({ userId: 'ada' }, () => record('within'));
    });
    ended!.end();
    expect(await read('userId')).toEqual({ root: null, within: 'ada' });
  });

  it('adds up when nested, the inner wins', async () => {
    langfuse.propagateAttributes(
      { userId: 'ada', sessionId: 's-1', metadata: { a: '1', b: '1' } },
      () => {
        langfuse.propagateAttributes(
          { userId: 'eve', metadata: { b: '2', c: '3' } },
          () => record('inner'),
        );
        record('outer');
      },
    );
    expect(await traced.observation('inner')).toMatchObject({
      userId: 'eve',
      sessionId: 's-1',
      metadata: { a: 1, b: 2, c: 3 },
    });
    expect(await traced.observation('outer')).toMatchObject({
      userId: 'ada',
      metadata: { a: 1, b: 1 },
    });
  });

  it('keeps users of requests side by side apart', async () => {
    const serve = (user: string) =>
      langfuse.startActiveObservation(`request of ${user}`, async () => {
        await Promise.resolve();
        await langfuse.propagateAttributes({ userId: user }, async () => {
          await new Promise((resolve) => setImmediate(resolve));
          record(`work for ${user}`);
        });
      });
    await Promise.all(['ada', 'eve', 'joe'].map(serve));
    expect(await read('userId')).toEqual({
      'request of ada': 'ada',
      'work for ada': 'ada',
      'request of eve': 'eve',
      'work for eve': 'eve',
      'request of joe': 'joe',
      'work for joe': 'joe',
    });
  });

  it('gives a new root below another its own trace name', async () => {
    langfuse.startActiveObservation('outer', () =>
      langfuse.getTracer().startSpan('job', { root: true }).end(),
    );
    expect(await read('traceName')).toEqual({ outer: 'outer', job: 'job' });
  });

  it('survives attributes that throw', async () => {
    const trap = {
      get userId(): string {
        throw new Error('trap');
      },
    };
    expect(langfuse.propagateAttributes(trap, () => 'value')).toBe('value');
  });

  it('keeps parallel branches below one observation apart', async () => {
    const branch = (userId: string) =>
      langfuse.propagateAttributes({ userId }, async () => {
        await Promise.resolve();
        langfuse.startActiveObservation(userId, () => record(`of ${userId}`));
      });
    await langfuse.startActiveObservation('job', () =>
      Promise.all([branch('ada'), branch('bob')]),
    );
    expect(await read('userId')).toMatchObject({
      ada: 'ada',
      'of ada': 'ada',
      bob: 'bob',
      'of bob': 'bob',
    });
  });

  it('names the trace; without a name it is called as its root', async () => {
    langfuse.startActiveObservation('root', () => record('child'));
    langfuse.propagateAttributes({ traceName: 'support' }, () =>
      langfuse.startActiveObservation('named root', () =>
        record('named child'),
      ),
    );
    langfuse.startActiveObservation('renamed root', () =>
      langfuse.propagateAttributes({ traceName: 'late' }, () =>
        record('renamed child'),
      ),
    );
    expect(await read('traceName')).toEqual({
      root: 'root',
      child: 'root',
      'named root': 'support',
      'named child': 'support',
      'renamed root': 'late',
      'renamed child': 'late',
    });
  });

  it.each<[string, unknown, string]>([
    [
      'userId',
      { userId: 'u'.repeat(201) },
      'userId has 201 characters, more than 200',
    ],
    [
      'sessionId',
      { sessionId: 's'.repeat(300) },
      'sessionId has 300 characters, more than 200',
    ],
    [
      'a tag',
      { tags: ['t'.repeat(201)] },
      'tags has 201 characters, more than 200',
    ],
    [
      'metadata',
      { metadata: { note: 'n'.repeat(201) } },
      'metadata.note has 201 characters, more than 200',
    ],
    ['a number', { userId: 42 }, 'userId is of type number, not a string'],
    [
      'an object in metadata',
      { metadata: { order: { id: 1 } } },
      'metadata.order is of type object, not a string',
    ],
    ['a text as metadata', { metadata: 'vip' }, 'metadata is not an object'],
    ['a list as metadata', { metadata: ['vip'] }, 'metadata is not an object'],
    [
      'an environment in capitals',
      { environment: 'Production' },
      'environment "Production" is not made of at most 40 of a-z, 0-9, - and _',
    ],
    [
      'an environment that is reserved',
      { environment: 'langfuse-test' },
      'environment "langfuse-test" is not made of',
    ],
    [
      'an environment that is too long',
      { environment: 'e'.repeat(41) },
      `environment "${'e'.repeat(41)}" is not made of at most 40`,
    ],
  ])(
    'leaves out what Langfuse does not take, with one warning: %s',
    async (_, bad, warning) => {
      for (const name of ['first', 'second']) {
        langfuse.propagateAttributes(
          { version: '1', tags: ['kept'], ...(bad as PropagatedAttributes) },
          () => record(name),
        );
      }
      expect(traced.warnings).toHaveLength(1);
      expect(traced.warnings[0]).toContain(
        `propagateAttributes(): left out: ${warning}`,
      );
      expect(await traced.observation('second')).toMatchObject({
        userId: null,
        sessionId: null,
        environment: 'default',
        version: '1',
      });
      const { metadata } = await traced.observation('first');
      expect(metadata).not.toHaveProperty('note');
      expect(metadata).not.toHaveProperty('order');
      expect(metadata).not.toHaveProperty('0');
    },
  );

  it('takes 200 characters, and the good tags beside a bad one', async () => {
    const long = 'x'.repeat(200);
    const tags = [long, 'y'.repeat(201), 'short', 5 as never];
    langfuse.propagateAttributes({ userId: long, tags }, () => record('a'));
    expect(await traced.observation('a')).toMatchObject({
      userId: long,
      tags: [long, 'short'],
    });
  });

  it('takes nothing for "not given"', async () => {
    for (const nothing of [undefined, null, {}]) {
      const returned = langfuse.propagateAttributes(nothing as never, () => {
        record('a');
        return 'value';
      });
      expect(returned).toBe('value');
    }
    const empty = { userId: '', tags: [], metadata: null as never };
    langfuse.propagateAttributes(empty, () => record('b'));
    expect(traced.warnings).toEqual([]);
    expect(await traced.observation('b')).toMatchObject({
      userId: null,
      tags: [],
    });
  });

  it('passes errors on', () => {
    const error = new Error('broken');
    expect(() =>
      langfuse.propagateAttributes({ userId: 'ada' }, () => {
        throw error;
      }),
    ).toThrow(error);
  });
});
