/** Hostile values in the other places where a caller can put one. */
import {
  type Attributes,
  type Link,
  type Span,
  type SpanContext,
  type SpanStatus,
  type TimeInput,
} from '@opentelemetry/api';
import fc from 'fast-check';
import { types } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type {
  ActiveScore,
  GenerationAttributes,
  LangfuseObservation,
  PropagatedAttributes,
} from '../../lib/index.js';
import { giveRecorder } from '../../lib/observe/traced-class.js';
import { Trace } from '../../lib/index.js';
import { LangfuseAttribute } from '../../lib/wire/index.js';
import { CollectingService } from '../support/collecting-service.js';
import { giants } from '../support/giant-values.js';
import { anyValue, hostileKey } from '../support/hostile-values.js';
import { attributesOf, type OtlpSpan } from '../support/otlp.js';

const METADATA = `${LangfuseAttribute.observationMetadata}.`;

/** What code without types gives, whatever is asked for. */
type Put = (service: CollectingService, bad: never) => void;

/** Each gives a hostile value to an observation with a known output. */
const places: Readonly<Record<string, Put>> = {
  'the start time': ({ langfuse }, startTime: TimeInput) =>
    langfuse.startObservation('x', known, { startTime }).end(),
  'the end time': ({ langfuse }, time: TimeInput) =>
    langfuse.startObservation('x', known).end(time),
  'the type': ({ langfuse }, asType: 'span') =>
    langfuse.startObservation('x', known, { asType }).end(),
  'the parent': ({ langfuse }, parentSpanContext: SpanContext) =>
    langfuse.startObservation('x', known, { parentSpanContext }).end(),
  'ids of the parent': ({ langfuse }, id: string) =>
    langfuse
      .startObservation('x', known, {
        parentSpanContext: { traceId: id, spanId: id, traceFlags: id as never },
      })
      .end(),
  'an update': ({ langfuse }, update: object) =>
    langfuse.startObservation('x').update(update).update(known).end(),
  'what failed': ({ langfuse }, error: unknown) =>
    langfuse.startObservation('x', known).fail(error).end(),
  'what a traced function throws': ({ langfuse }, error: unknown) => {
    const run = () =>
      langfuse.startActiveObservation('x', (observation) => {
        observation.update(known);
        throw error;
      });
    expect(thrownBy(run)).toBe(error);
  },
  'what a traced function returns': ({ langfuse }, value: unknown) => {
    let observed: LangfuseObservation | undefined;
    const returned = langfuse.startActiveObservation('x', (observation) => {
      observed = observation.update(known);
      return value;
    });
    if (types.isPromise(returned)) returned.catch(() => undefined);
    // What looks like a stream would be waited for until somebody reads it.
    observed?.end();
  },
  'an active score': ({ langfuse }, score: ActiveScore) =>
    langfuse.startActiveObservation('x', (observation) => {
      observation.update(known);
      langfuse.scoreActiveObservation(score);
      langfuse.scoreActiveTrace(score);
    }),
  'an active update': ({ langfuse }, update: GenerationAttributes) =>
    langfuse.startActiveObservation('x', (observation) => {
      langfuse.updateActiveObservation(update);
      observation.update(known);
    }),
  'what is propagated': ({ langfuse }, attributes: PropagatedAttributes) =>
    langfuse.propagateAttributes(attributes, () =>
      langfuse.startObservation('x', known).end(),
    ),
  'the seed of a trace id': ({ langfuse }, seed: string) => {
    expect(langfuse.createTraceId(seed)).toMatch(/^[0-9a-f]{32}$/);
    langfuse.startObservation('x', known).end();
  },
  ...ofSpans({
    attributes: (span, attributes: Attributes) =>
      span.setAttributes(attributes),
    'an attribute': (span, value: string) => span.setAttribute('bad', value),
    'an event': (span, attributes: Attributes) =>
      span.addEvent('event', attributes),
    'an attribute of an event': (span, bad: string) =>
      span.addEvent('event', { before: 1, bad, after: 2 }),
    'the name of an event': (span, name: string) => span.addEvent(name),
    'the time of an event': (span, time: TimeInput) =>
      span.addEvent('event', {}, time),
    'a link': (span, link: Link) => span.addLink(link),
    'the target of a link': (span, context: SpanContext) =>
      span.addLink({ context }),
    'ids of a link': (span, id: string) =>
      span.addLink({
        context: { traceId: id, spanId: id, traceFlags: id as never },
        attributes: { id },
      }),
    links: (span, links: Link[]) => span.addLinks(links),
    'a status': (span, status: SpanStatus) => span.setStatus(status),
    'the code of a status': (span, code: number) =>
      span.setStatus({ code, message: 'bad' }),
    'the text of a status': (span, message: string) =>
      span.setStatus({ code: 2, message }),
    'a name': (span, name: string) => span.updateName(name),
    'an exception': (span, error: Error) => span.recordException(error),
  }),
  'the kind of a span': ({ langfuse }, kind: number) =>
    langfuse.getTracer().startSpan('x', { kind, attributes: knownOf() }).end(),
  'the links that a span starts with': ({ langfuse }, links: Link[]) =>
    langfuse.getTracer().startSpan('x', { links, attributes: knownOf() }).end(),
  'the attributes that a span starts with': ({ langfuse }, bad: Attributes) =>
    langfuse
      .getTracer()
      .startSpan('x', { attributes: bad })
      .setAttributes(knownOf())
      .end(),
};

/** One of each kind of growth: more of them take too long here. */
const GIANTS = [
  'lists nested 20,000 deep',
  '200,000 keys',
  'a sparse list of 2^32 - 1',
  '100 MB of text',
  'an integer of 1,000,000 bits',
];

const known = { output: 'known' };

function knownOf(): Attributes {
  return { [LangfuseAttribute.observationOutput]: 'known' };
}

function ofSpans(
  calls: Readonly<Record<string, (span: Span, bad: never) => unknown>>,
): Record<string, Put> {
  const puts = Object.entries(calls).map(([name, call]): [string, Put] => [
    `${name} of a span`,
    ({ langfuse }, bad) => {
      const span = langfuse.getTracer().startSpan('x');
      span.setAttributes(knownOf());
      call(span, bad);
      span.end();
    },
  ]);
  return Object.fromEntries(puts);
}

describe('a hostile value', () => {
  let service: CollectingService;
  beforeEach(() => {
    service = new CollectingService();
  });
  afterEach(() => service.close());

  async function expectKnown(): Promise<OtlpSpan> {
    const { spans } = await service.collect();
    expect(spans).toHaveLength(1);
    const attributes = attributesOf(spans[0]!.attributes);
    expect(attributes).toMatchObject(knownOf());
    return spans[0]!;
  }

  describe.each(Object.keys(places))('as %s', (place) => {
    it('costs nothing else', async () => {
      await fc.assert(
        fc.asyncProperty(anyValue, async (make) => {
          const bad = make();
          places[place]!(service, bad as never);
          await expectKnown();
        }),
        { numRuns: 60 },
      );
    });

    it.each(GIANTS)('may be a giant: %s', async (name) => {
      places[place]!(service, giants[name]!() as never);
      await expectKnown();
    });
  });

  it.each([-5, -1, Number.NaN, Infinity, 2 ** 40, 1.5, '9', 7n, Symbol('x')])(
    'as the kind or status of a span does not break the bytes: %o',
    async (bad) => {
      places['the kind of a span']!(service, bad as never);
      const { kind } = await expectKnown();
      expect([0, 1, 2, 3, 4, 5]).toContain(kind);
      places['the code of a status of a span']!(service, bad as never);
      const { status } = await expectKnown();
      expect([0, 1, 2]).toContain(status?.code ?? 0);
    },
  );

  it('as one attribute of a trace costs no other', async () => {
    await fc.assert(
      fc.asyncProperty(hostileKey, anyValue, async (key, make) => {
        const bad = make();
        const { langfuse } = service;
        const attributes = {
          userId: 'ada',
          traceName: bad,
          tags: ['before', bad, 'after'],
          metadata: { before: '1', [key]: bad, after: '2' },
          sessionId: 's-1',
        };
        langfuse.propagateAttributes(attributes as PropagatedAttributes, () =>
          langfuse.startObservation('x', known).end(),
        );
        const { attributes: sent } = await expectKnown();
        const read = attributesOf(sent);
        expect(read).toMatchObject({
          [LangfuseAttribute.userId]: 'ada',
          [LangfuseAttribute.sessionId]: 's-1',
          [`${LangfuseAttribute.traceMetadata}.before`]: '1',
          [`${LangfuseAttribute.traceMetadata}.after`]: '2',
        });
        expect(read[LangfuseAttribute.traceTags]).toEqual(
          expect.arrayContaining(['before', 'after']),
        );
      }),
      { numRuns: 60 },
    );
  });

  it('as an argument of a traced method reaches the method', async () => {
    const received: unknown[] = [];
    class Traced {
      take(value: unknown): void {
        received.push(value);
      }
    }
    const { prototype } = Traced;
    const take = Object.getOwnPropertyDescriptor(prototype, 'take')!;
    Trace()(prototype, 'take', take);
    Object.defineProperty(prototype, 'take', take);
    const traced = new Traced();
    giveRecorder(traced, undefined, service.recorder);
    await fc.assert(
      fc.asyncProperty(anyValue, async (make) => {
        const value = make();
        traced.take(value);
        expect(Object.is(received.at(-1), value)).toBe(true);
        expect((await service.collect()).spans).toHaveLength(1);
      }),
      { numRuns: 60 },
    );
  });

  it('as a field of an update costs no field before', async () => {
    service.langfuse
      .startObservation('x', known)
      .update({ metadata: giants['200,000 keys']!() })
      .end();
    const { attributes } = await expectKnown();
    expect(attributesOf(attributes)).toHaveProperty([`${METADATA}…`]);
  });
});

function thrownBy(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}
