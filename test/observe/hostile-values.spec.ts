/** Whatever is recorded: nothing throws, what is sent is valid, and no neighbour is lost. */
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { GenerationAttributes, Score } from '../../lib/index.js';
import { LangfuseAttribute } from '../../lib/wire/index.js';
import { CollectingService } from '../support/collecting-service.js';
import { giants, watched } from '../support/giant-values.js';
import {
  problemsOf,
  recordHostile,
  VALUES_PER_OBSERVATION,
} from '../support/hostile-observations.js';
import { anyValue, hostileKey } from '../support/hostile-values.js';
import { attributesOf } from '../support/otlp.js';

const MiB = 1024 * 1024;
const MAX_NODES = 10_000;
const METADATA = `${LangfuseAttribute.observationMetadata}.`;

describe('hostile values', () => {
  let service: CollectingService;
  beforeEach(() => {
    service = new CollectingService();
  });
  afterEach(() => service.close());

  async function sent(attributes: object): Promise<Record<string, unknown>> {
    const { langfuse } = service;
    langfuse
      .startObservation<'generation'>(
        'known',
        attributes as GenerationAttributes,
        { asType: 'generation' },
      )
      .end();
    const { spans } = await service.collect();
    expect(spans).toHaveLength(1);
    return attributesOf(spans[0]!.attributes);
  }

  it('arrive in any field, beside their neighbours', async () => {
    const entries = fc.array(fc.tuple(hostileKey, anyValue), {
      minLength: VALUES_PER_OBSERVATION,
      maxLength: VALUES_PER_OBSERVATION,
    });
    await fc.assert(
      fc.asyncProperty(entries, fc.nat(1_000), async (given, number) => {
        const recorded = recordHostile(service.langfuse, given, number);
        const problems = problemsOf([recorded], await service.collect());
        expect(problems).toEqual([]);
      }),
      { numRuns: 30 },
    );
  });

  it.each(Object.keys(giants))('may be giants: %s', async (name) => {
    const giant = giants[name]!();
    const given = { before: [1], giant, after: { b: 2 } };
    const attributes = await sent({
      input: given,
      output: giant,
      modelParameters: given,
      metadata: given,
      statusMessage: giant,
      usageDetails: { before: 1, giant, after: 2 },
    });
    for (const key of [
      LangfuseAttribute.observationInput,
      LangfuseAttribute.modelParameters,
    ]) {
      const { before, after } = JSON.parse(String(attributes[key])) as never;
      expect({ before, after }).toEqual({ before: [1], after: { b: 2 } });
    }
    expect(attributes[`${METADATA}before`]).toBe('[1]');
    expect(attributes[`${METADATA}after`]).toBe('{"b":2}');
    expect(attributes[LangfuseAttribute.usageDetails]).toBe(
      '{"before":1,"after":2}',
    );
    for (const text of Object.values(attributes)) {
      expect(Buffer.byteLength(String(text))).toBeLessThanOrEqual(MiB);
    }
  });

  it.each(Object.keys(giants).filter(isReadByMembers))(
    'are read no further than to the cap: %s',
    async (name) => {
      // Each reading of the whole begins with the first key.
      const readings: number[] = [];
      const onRead = () => void readings[readings.length - 1]!++;
      const giant = watched(giants[name]!(), onRead);
      const input = {
        get first() {
          readings.push(0);
          return 1;
        },
        giant,
        last: 2,
      };
      const attributes = await sent({ input });
      const text = String(attributes[LangfuseAttribute.observationInput]);
      expect(JSON.parse(text)).toMatchObject({ first: 1, last: 2 });
      expect(Math.max(...readings)).toBeGreaterThan(0);
      expect(Math.max(...readings)).toBeLessThanOrEqual(MAX_NODES);
      expect(readings.length).toBeLessThanOrEqual(10);
    },
  );

  it('in metadata are read no further than to the number of its keys', async () => {
    let reads = 0;
    const wide = watched(giants['200,000 keys']!(), () => void reads++);
    const attributes = await sent({ metadata: wide, output: 'known' });
    expect(reads).toBe(512);
    expect(attributes[`${METADATA}key 0`]).toBe('0');
    expect(attributes[`${METADATA}…`]).toBe('[Truncated: 512 keys]');
    expect(attributes[LangfuseAttribute.observationOutput]).toBe('known');
  });

  it('are long keys of metadata, which are cut and stay apart', async () => {
    const key = 'k'.repeat(MiB);
    const metadata = { [`${key}1`]: 1, [`${key}2`]: 2, kept: 3 };
    const attributes = await sent({ metadata });
    const cut = (position: number) =>
      `${METADATA}${'k'.repeat(256)}… [Truncated: key ${position}]`;
    expect(attributes).toMatchObject({
      [cut(1)]: '1',
      [cut(2)]: '2',
      [`${METADATA}kept`]: '3',
    });
  });

  it.each<[string, unknown, unknown]>([
    ['a Map', new Map([['a', 1]]), { a: 1 }],
    ['a Set', new Set([1, 2]), [1, 2]],
    ['a Date', new Date(0), '1970-01-01T00:00:00.000Z'],
    ['an object with toJSON', { toJSON: () => 'shown', hidden: 1 }, 'shown'],
    ['a revoked Proxy', revokedProxy(), expect.stringMatching(/^\[Threw: /)],
  ])(
    'may be metadata that is kept under one key: %s',
    async (_, value, kept) => {
      const attributes = await sent({ metadata: value, output: 'known' });
      const shown = attributes[`${METADATA}metadata`];
      expect(JSON.parse(String(shown))).toEqual(kept);
      expect(attributes).not.toHaveProperty([`${METADATA}hidden`]);
      expect(attributes[LangfuseAttribute.observationOutput]).toBe('known');
    },
  );

  it('throw where they are read, and cost this field alone', async () => {
    const attributes = await sent({
      output: 'known',
      get input() {
        throw new Error('no input');
      },
      metadata: {
        before: 1,
        get price() {
          throw new Error('no price');
        },
        after: 2,
      },
    });
    expect(attributes).toMatchObject({
      [LangfuseAttribute.observationOutput]: 'known',
      [`${METADATA}before`]: '1',
      [`${METADATA}price`]: '[Threw: no price]',
      [`${METADATA}after`]: '2',
      [`${METADATA}langfuse_refused`]: 'input: [Threw: no input]',
    });
  });

  it.each(['prompt', 'completionStartTime', 'modelParameters', 'level'])(
    'that let nobody look are refused by name: %s',
    async (field) => {
      const attributes = await sent({
        [field]: revokedProxy(),
        usageDetails: { input: 1 },
        metadata: { kept: 1 },
      });
      expect(attributes).toMatchObject({
        [LangfuseAttribute.usageDetails]: '{"input":1}',
        [`${METADATA}kept`]: '1',
      });
      if (field !== 'modelParameters') {
        expect(attributes[`${METADATA}langfuse_refused`]).toMatch(
          new RegExp(`^${field}: "\\[Threw: .*revoked`),
        );
      }
    },
  );

  it('in usage are named as far as a reader wants to know', async () => {
    const usageDetails = Object.fromEntries(
      Array.from({ length: 150_000 }, (_, index) => [`bad ${index}`, -1]),
    );
    const attributes = await sent({ usageDetails, costDetails: { total: 1 } });
    const refused = String(attributes[`${METADATA}langfuse_refused`]);
    expect(refused).toMatch(/^usageDetails\.bad 0: -1 is not a count; .*/);
    // Entries beyond the thousandth are not looked at.
    expect(refused).toMatch(/; and 980 others$/);
    expect(attributes[LangfuseAttribute.costDetails]).toBe('{"total":1}');
  });

  describe('of scores', () => {
    const good = { name: 'known', value: 1, traceId: 't-1' };

    async function scored(score: object) {
      const id = service.langfuse.createScore(score as Score);
      const { scores } = await service.collect();
      expect(scores).toHaveLength(id === undefined ? 0 : 1);
      return scores[0]?.body;
    }

    it('may be instances that have their fields by getters', async () => {
      class Judgement {
        get name() {
          return 'known';
        }
        get value() {
          return 0.5;
        }
        get traceId() {
          return 't-1';
        }
      }
      expect(await scored(new Judgement())).toMatchObject({
        ...good,
        value: 0.5,
      });
    });

    it('cannot say themselves what is sent', async () => {
      const score = { ...good, toJSON: () => undefined };
      expect(await scored(score)).toMatchObject(good);
    });

    it('are read once', async () => {
      let reads = 0;
      const score = {
        ...good,
        get value() {
          return reads++ === 0 ? 1 : 10n;
        },
      };
      expect(await scored(score)).toMatchObject(good);
    });

    it('throw in a remark and keep the rest', async () => {
      const score = {
        ...good,
        get comment() {
          throw new Error('no comment');
        },
        get metadata() {
          throw new Error('no metadata');
        },
      };
      expect(await scored(score)).toMatchObject({
        ...good,
        comment: '[Threw: no comment]',
        metadata: '[Threw: no metadata]',
      });
    });

    it('throw what cannot be shown, and nobody notices', async () => {
      const score = new Proxy(
        {},
        {
          get() {
            throw revokedProxy();
          },
        },
      );
      expect(await scored(score)).toBeUndefined();
      expect(service.stats.dropped.invalid).toBe(1);
      expect(service.warnings).toContain(
        'createScore(): dropped: an error that has no text',
      );
    });

    it('are refused for an environment that is no text', async () => {
      expect(await scored({ ...good, environment: 10n })).toBeUndefined();
      expect(service.warnings[0]).toContain('environment: 10n is not a text');
    });

    it.each(Object.keys(giants))('may be giants: %s', async (name) => {
      const giant = giants[name]!();
      const score = { ...good, metadata: { before: 1, giant, after: 2 } };
      const comment = typeof giant === 'string' ? { comment: giant } : {};
      const body = await scored({ ...score, ...comment });
      expect(body).toMatchObject({
        ...good,
        metadata: { before: 1, after: 2 },
      });
      expect(JSON.stringify(body).length).toBeLessThan(2.1 * MiB);
    });
  });
});

function revokedProxy(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

/** Not so what has its members inside of it, where no Proxy can watch. */
function isReadByMembers(name: string): boolean {
  return !/Map|Set|text|bytes|numbers|integer|toJSON|causes/.test(name);
}
