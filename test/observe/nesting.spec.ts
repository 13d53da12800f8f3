/** How observations find their parents, and what is active when. */
import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type LangfuseService, Trace } from '../../lib/index.js';
import { TracedApplication } from '../support/traced-application.js';

@Injectable()
class Retriever {
  @Trace({ name: 'search', asType: 'retriever' })
  async search(question: string): Promise<string[]> {
    await Promise.resolve();
    return this.rank([question]);
  }

  @Trace('rank')
  rank(passages: string[]): string[] {
    return passages;
  }
}

@Injectable()
class Writer {
  @Trace({ name: 'write', asType: 'generation' })
  async write(passages: string[]): Promise<string> {
    await new Promise((resolve) => setImmediate(resolve));
    return passages.join();
  }
}

@Injectable()
class Assistant {
  constructor(
    private readonly retriever: Retriever,
    private readonly writer: Writer,
  ) {}

  @Trace({ name: 'answer', asType: 'chain' })
  async answer(question: string): Promise<string> {
    return this.writer.write(await this.retriever.search(question));
  }

  @Trace('compare')
  async compare(...questions: string[]): Promise<string[]> {
    return Promise.all(questions.map((question) => this.answer(question)));
  }
}

describe('observations', () => {
  let traced: TracedApplication;
  let langfuse: LangfuseService;
  beforeEach(async () => {
    traced = await TracedApplication.start({
      providers: [Assistant, Retriever, Writer],
    });
    langfuse = traced.langfuse;
  });
  afterEach(() => traced.close());

  it('know a parent of their own application by its span context', async () => {
    const parent = langfuse.startObservation('parent');
    langfuse
      .startObservation('child', undefined, {
        parentSpanContext: parent.otelSpan.spanContext(),
      })
      .end();
    parent.end();
    const observations = await traced.observations();
    const child = observations.find(({ name }) => name === 'child');
    expect(child).toMatchObject({
      parentObservationId: parent.id,
      isRootObservation: false,
      traceName: 'parent',
    });
  });

  it('have a type that the server knows, and say what they were given', async () => {
    langfuse
      .startObservation('odd', undefined, {
        asType: 'GENERATION' as 'generation',
      })
      .end();
    const [observation] = await traced.observations();
    expect(observation).toMatchObject({ type: 'SPAN' });
    expect(observation!.metadata).toMatchObject({
      langfuse_refused: 'asType: GENERATION is not an observation type',
    });
  });

  it('are nested as calls are, from service to service', async () => {
    expect(await traced.get(Assistant).answer('why')).toBe('why');
    expect(await traced.tree()).toEqual([
      'answer',
      '  search',
      '    rank',
      '  write',
    ]);
    const observations = await traced.observations();
    expect(new Set(observations.map(({ traceId }) => traceId)).size).toBe(1);
    expect(new Set(observations.map(({ traceName }) => traceName))).toEqual(
      new Set(['answer']),
    );
    expect(
      observations.filter(({ isRootObservation }) => isRootObservation),
    ).toMatchObject([{ name: 'answer', parentObservationId: null }]);
  });

  it('keep to their branch when branches run side by side', async () => {
    await traced.get(Assistant).compare('a', 'b', 'c');
    const branch = ['  answer', '    search', '      rank', '    write'];
    expect(await traced.tree()).toEqual([
      'compare',
      ...branch,
      ...branch,
      ...branch,
    ]);
    const observations = await traced.observations();
    for (const { id, input } of observations.filter(
      ({ name }) => name === 'answer',
    )) {
      const below = observations.filter(
        ({ parentObservationId }) => parentObservationId === id,
      );
      expect(below.map((child) => child.name).toSorted()).toEqual([
        'search',
        'write',
      ]);
      expect(below.find(({ name }) => name === 'search')!.input).toBe(input);
    }
  });

  it('of calls side by side without a root are traces of their own', async () => {
    const assistant = traced.get(Assistant);
    await Promise.all([assistant.answer('a'), assistant.answer('b')]);
    const observations = await traced.observations();
    expect(observations).toHaveLength(8);
    expect(new Set(observations.map(({ traceId }) => traceId)).size).toBe(2);
  });

  it('hold what runs later, on timers and events, too', async () => {
    await langfuse.startActiveObservation('root', async () => {
      const late = new Promise<void>((resolve) => {
        setTimeout(() => {
          langfuse.startObservation('in a timer').end();
          process.nextTick(() => {
            langfuse.startObservation('in a tick').end();
            resolve();
          });
        }, 1);
      });
      await late;
    });
    expect(await traced.tree()).toEqual([
      'root',
      '  in a tick',
      '  in a timer',
    ]);
  });

  describe('startActiveObservation()', () => {
    it('knows what is active, inside and outside', () => {
      expect(langfuse.getActiveTraceId()).toBeUndefined();
      expect(langfuse.getActiveObservationId()).toBeUndefined();
      const ids = langfuse.startActiveObservation('outer', (outer) => {
        const inner = langfuse.startActiveObservation('inner', ({ id }) => [
          id,
          langfuse.getActiveObservationId(),
        ]);
        expect(inner[0]).toBe(inner[1]);
        expect(langfuse.getActiveObservationId()).toBe(outer.id);
        expect(langfuse.getActiveTraceId()).toBe(outer.traceId);
        return [outer.id, outer.traceId];
      });
      expect(ids[0]).toMatch(/^[0-9a-f]{16}$/);
      expect(ids[1]).toMatch(/^[0-9a-f]{32}$/);
      expect(langfuse.getActiveObservationId()).toBeUndefined();
    });

    it('returns what the function returns', async () => {
      const value = { some: 'value' };
      expect(langfuse.startActiveObservation('a', () => value)).toBe(value);
      const promise = langfuse.startActiveObservation('b', async () => value);
      expect(await promise).toBe(value);
    });

    it('passes errors on and records them', async () => {
      const error = new Error('broken');
      const fail = () => {
        throw error;
      };
      expect(() => langfuse.startActiveObservation('sync', fail)).toThrow(
        error,
      );
      await expect(
        langfuse.startActiveObservation('async', async () => fail()),
      ).rejects.toBe(error);
      for (const name of ['sync', 'async']) {
        expect(await traced.observation(name)).toMatchObject({
          level: 'ERROR',
          statusMessage: 'broken',
        });
      }
    });

    it('ends with the function, or when it is told to', async () => {
      langfuse.startActiveObservation('over', () => undefined);
      const open = langfuse.startActiveObservation(
        'open',
        (observation) => observation,
        { endOnExit: false },
      );
      expect(() =>
        langfuse.startActiveObservation(
          'failed and open',
          () => {
            throw new Error('broken');
          },
          { endOnExit: false },
        ),
      ).toThrow('broken');
      expect(await traced.tree()).toEqual(['over']);

      open.update({ output: 'later' }).end();
      expect((await traced.observation('open')).output).toBe('later');
    });

    it('ends when the promise has settled, not before', async () => {
      let finish: (() => void) | undefined;
      const done = langfuse.startActiveObservation(
        'long',
        () => new Promise<void>((resolve) => (finish = resolve)),
      );
      expect(await traced.tree()).toEqual([]);
      finish!();
      await done;
      expect(await traced.tree()).toEqual(['long']);
    });

    it('has the type and the time that are asked for', async () => {
      const startTime = new Date('2026-01-01T00:00:00.000Z');
      langfuse.startActiveObservation(
        'typed',
        (tool) => {
          expect(tool.type).toBe('tool');
          tool.update({ input: 1 });
        },
        { asType: 'tool', startTime },
      );
      expect(await traced.observation('typed')).toMatchObject({
        type: 'TOOL',
        startTime: startTime.toISOString(),
        input: '1',
      });
    });
  });

  it('that are active can be updated from anywhere below', async () => {
    const deep = async () => {
      await Promise.resolve();
      langfuse.updateActiveObservation({ model: 'small', output: 'done' });
    };
    await langfuse.startActiveObservation('generation', () => deep(), {
      asType: 'generation',
    });
    langfuse.updateActiveObservation({ output: 'nobody is active' });
    expect(await traced.observation('generation')).toMatchObject({
      providedModelName: 'small',
      output: 'done',
    });
  });

  it('start children of their own, whatever is active', async () => {
    const first = langfuse.startObservation('first');
    langfuse.startActiveObservation('active', () => {
      const child = first.startObservation('child');
      child.startObservation('grandchild').end();
      child.end();
      langfuse.startObservation('beside').end();
    });
    first.end();
    first.startObservation('after the end').end();
    expect(await traced.tree()).toEqual([
      'active',
      '  beside',
      'first',
      '  after the end',
      '  child',
      '    grandchild',
    ]);
  });

  it('that are only started are not active', async () => {
    const first = langfuse.startObservation('first');
    expect(langfuse.getActiveObservationId()).toBeUndefined();
    langfuse.startObservation('second').end();
    first.end();
    expect(await traced.tree()).toEqual(['first', 'second']);
  });

  it('take a parent from another process', async () => {
    const parentSpanContext = {
      traceId: langfuse.createTraceId('order 66'),
      spanId: 'b7ad6b7169203331',
      traceFlags: 1,
      isRemote: true,
    };
    langfuse.startActiveObservation(
      'here',
      () => langfuse.startObservation('below').end(),
      { parentSpanContext },
    );
    const [below, here] = (
      await traced.observations(parentSpanContext.traceId)
    ).toSorted((a, b) => a.name.localeCompare(b.name));
    expect(here).toMatchObject({
      name: 'here',
      parentObservationId: parentSpanContext.spanId,
      isRootObservation: true,
    });
    expect(below).toMatchObject({
      parentObservationId: here!.id,
      isRootObservation: false,
    });
  });

  it('take no parent that is none', async () => {
    for (const parentSpanContext of [
      { traceId: 'x', spanId: 'y', traceFlags: 1 },
      { traceId: '0'.repeat(32), spanId: '0'.repeat(16), traceFlags: 1 },
    ]) {
      langfuse.startObservation('root', {}, { parentSpanContext }).end();
    }
    for (const observation of await traced.observations()) {
      expect(observation.parentObservationId).toBeNull();
      expect(observation.traceId).toMatch(/^[0-9a-f]{32}$/);
    }
  });
});

describe('trace ids and addresses', () => {
  let traced: TracedApplication;
  let langfuse: LangfuseService;
  beforeEach(async () => {
    traced = await TracedApplication.start();
    langfuse = traced.langfuse;
  });
  afterEach(() => traced.close());

  it.each(['order 66', '', 'Größe 🐢'])(
    'the id for %o is the first half of its SHA-256',
    (seed) => {
      const digest = createHash('sha256').update(seed).digest('hex');
      expect(langfuse.createTraceId(seed)).toBe(digest.slice(0, 32));
    },
  );

  it('ids without a seed are random', () => {
    const ids = Array.from({ length: 1000 }, () => langfuse.createTraceId());
    expect(new Set(ids).size).toBe(1000);
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{32}$/);
  });

  it('a trace has an address in the project of the keys', async () => {
    const { url } = traced.local;
    expect(await langfuse.getTraceUrl('abc')).toBe(
      `${url}/project/local/traces/abc`,
    );
    await langfuse.startActiveObservation('root', async ({ traceId }) => {
      expect(await langfuse.getTraceUrl()).toBe(
        `${url}/project/local/traces/${traceId}`,
      );
    });
    const asked = traced.local.requests.filter(({ path }) =>
      path.endsWith('/projects'),
    );
    expect(asked).toHaveLength(1);
  });

  it('without an active trace or an answer there is none', async () => {
    expect(await langfuse.getTraceUrl()).toBeUndefined();
    await traced.local.close();
    expect(await langfuse.getTraceUrl('abc')).toBeUndefined();
  });
});
