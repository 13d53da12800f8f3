/** What the compiler knows of `LangfuseService`. */
import { Observable } from 'rxjs';
import { describe, expectTypeOf, it } from 'vitest';
import {
  type ActiveScore,
  type AttributesOf,
  type FlushResult,
  type GenerationAttributes,
  type LangfuseObservation,
  type LangfuseService,
  type ObservationAttributes,
  type PropagatedAttributes,
  type Score,
  type TraceCarrier,
} from '../../lib/index.js';

/** Never called: what stands in it is only compiled. */
function compiled(_code: (langfuse: LangfuseService) => void): void {}

describe('startObservation()', () => {
  it('is a span unless asType says what it is', () => {
    compiled((langfuse) => {
      expectTypeOf(langfuse.startObservation('a')).toEqualTypeOf<
        LangfuseObservation<'span'>
      >();
      expectTypeOf(
        langfuse.startObservation('a', {}, { asType: 'tool' }),
      ).toEqualTypeOf<LangfuseObservation<'tool'>>();
      // @ts-expect-error -- no such type
      langfuse.startObservation('a', {}, { asType: 'thing' });
      // @ts-expect-error -- a name is text
      langfuse.startObservation(1);
    });
  });

  it('takes the attributes of its type', () => {
    compiled((langfuse) => {
      const answer = langfuse.startObservation(
        'a',
        { model: 'gpt-5', usageDetails: { input: 1 } },
        { asType: 'generation' },
      );
      expectTypeOf(answer).toEqualTypeOf<LangfuseObservation<'generation'>>();
      langfuse.startObservation('a', { model: 'm' }, { asType: 'embedding' });
      langfuse.startObservation('a', { input: Symbol('any'), metadata: 1 });
      // @ts-expect-error -- a span has no model
      langfuse.startObservation('a', { model: 'gpt-5' });
      // @ts-expect-error -- a tool has no model
      langfuse.startObservation('a', { model: 'm' }, { asType: 'tool' });
      // @ts-expect-error -- no such level
      langfuse.startObservation('a', { level: 'FATAL' });
      const prompt = { name: 'p' };
      // @ts-expect-error -- a prompt is linked by name and version
      langfuse.startObservation('a', { prompt }, { asType: 'generation' });
    });
    expectTypeOf<
      AttributesOf<'generation' | 'embedding'>
    >().toEqualTypeOf<GenerationAttributes>();
    expectTypeOf<
      AttributesOf<
        | 'span'
        | 'event'
        | 'agent'
        | 'tool'
        | 'chain'
        | 'retriever'
        | 'evaluator'
        | 'guardrail'
      >
    >().toEqualTypeOf<ObservationAttributes>();
  });

  it('takes a time and a parent', () => {
    compiled((langfuse) => {
      const span = langfuse.startObservation('a', undefined, {
        startTime: new Date(),
        parentSpanContext: { traceId: '', spanId: '', traceFlags: 1 },
      });
      span.end(Date.now());
      // @ts-expect-error -- a parent is a span context, not an observation
      langfuse.startObservation('a', {}, { parentSpanContext: span });
    });
  });
});

describe('an observation', () => {
  it('takes what is said of its type, and is handed on', () => {
    compiled((langfuse) => {
      const span = langfuse.startObservation('a');
      expectTypeOf(span.update({ output: 1 })).toEqualTypeOf(span);
      expectTypeOf(span.fail(new Error('it'))).toEqualTypeOf(span);
      expectTypeOf(span.type).toEqualTypeOf<'span'>();
      // @ts-expect-error -- a span has no model
      span.update({ model: 'gpt-5' });
      // @ts-expect-error -- the id is its own
      span.id = '1';
    });
  });

  it('has children of any type', () => {
    compiled((langfuse) => {
      const span = langfuse.startObservation('a');
      expectTypeOf(
        span.startObservation('b', { model: 'm' }, { asType: 'generation' }),
      ).toEqualTypeOf<LangfuseObservation<'generation'>>();
      expectTypeOf(span.startObservation('b')).toEqualTypeOf<
        LangfuseObservation<'span'>
      >();
      const parentSpanContext = span.otelSpan.spanContext();
      // @ts-expect-error -- it is the parent itself
      span.startObservation('b', {}, { parentSpanContext });
    });
  });
});

describe('startActiveObservation()', () => {
  it('returns what the function returns', () => {
    compiled((langfuse) => {
      const start = <R>(fn: () => R) =>
        langfuse.startActiveObservation('a', fn);
      expectTypeOf(start(() => 1)).toEqualTypeOf<number>();
      expectTypeOf(start(() => {})).toEqualTypeOf<void>();
      expectTypeOf(start(async () => 'a')).toEqualTypeOf<Promise<string>>();
      expectTypeOf(start(() => new Observable<Date>())).toEqualTypeOf<
        Observable<Date>
      >();
      expectTypeOf(
        start(function* () {
          yield 1;
        }),
      ).toExtend<Generator<number>>();
    });
  });

  it('gives it an observation of the type', () => {
    compiled((langfuse) => {
      langfuse.startActiveObservation('a', (observation) => {
        expectTypeOf(observation).toEqualTypeOf<LangfuseObservation<'span'>>();
      });
      langfuse.startActiveObservation(
        'a',
        (observation) => {
          expectTypeOf(observation).toEqualTypeOf<
            LangfuseObservation<'generation'>
          >();
          return observation.update({ model: 'gpt-5' }).id;
        },
        { asType: 'generation', endOnExit: false },
      );
      langfuse.startActiveObservation('a', (span) => {
        // @ts-expect-error -- a span has no model
        span.update({ model: 'gpt-5' });
      });
      // @ts-expect-error -- it gets one argument
      langfuse.startActiveObservation('a', (_one, _two) => undefined);
    });
  });
});

describe('what is active', () => {
  it('is updated with the attributes of any type', () => {
    compiled((langfuse) => {
      langfuse.updateActiveObservation({ model: 'gpt-5' });
      langfuse.updateActiveObservation<'span'>({ output: 1 });
      // @ts-expect-error -- a span has no model
      langfuse.updateActiveObservation<'span'>({ model: 'gpt-5' });
    });
  });

  it('has ids where there is something', () => {
    type OfIds = () => string | undefined;
    expectTypeOf<LangfuseService['getActiveTraceId']>().toEqualTypeOf<OfIds>();
    expectTypeOf<
      LangfuseService['getActiveObservationId']
    >().toEqualTypeOf<OfIds>();
    expectTypeOf<LangfuseService['getTraceUrl']>().toEqualTypeOf<
      (traceId?: string) => Promise<string | undefined>
    >();
    expectTypeOf<LangfuseService['createTraceId']>().toEqualTypeOf<
      (seed?: string) => string
    >();
  });
});

describe('propagateAttributes()', () => {
  it('returns what the function returns', () => {
    compiled((langfuse) => {
      const of = { userId: 'ada' };
      expectTypeOf(
        langfuse.propagateAttributes(of, () => 1),
      ).toEqualTypeOf<number>();
      expectTypeOf(
        langfuse.propagateAttributes(of, async () => new Date()),
      ).toEqualTypeOf<Promise<Date>>();
    });
  });

  it('takes texts', () => {
    const all = {
      userId: 'ada',
      sessionId: 's',
      traceName: 't',
      tags: ['a'],
      metadata: { key: 'value' },
      version: '1',
      environment: 'test',
    } as const;
    expectTypeOf(all).toExtend<PropagatedAttributes>();
    compiled((langfuse) => {
      // @ts-expect-error -- an id is text
      langfuse.propagateAttributes({ userId: 1 }, () => 1);
      // @ts-expect-error -- values of metadata are texts
      langfuse.propagateAttributes({ metadata: { key: 1 } }, () => 1);
      // @ts-expect-error -- tags are a list
      langfuse.propagateAttributes({ tags: 'a' }, () => 1);
      // @ts-expect-error -- no such attribute
      langfuse.propagateAttributes({ user: 'ada' }, () => 1);
    });
  });
});

describe('continueTrace() and what it takes', () => {
  it('go together', () => {
    compiled((langfuse) => {
      expectTypeOf(langfuse.carrier()).toEqualTypeOf<TraceCarrier>();
      expectTypeOf(
        langfuse.headers('https://a.b'),
      ).toEqualTypeOf<TraceCarrier>();
      expectTypeOf(
        langfuse.continueTrace(langfuse.carrier(), () => 1),
      ).toEqualTypeOf<number>();
      langfuse.continueTrace(undefined, () => 1);
      // @ts-expect-error -- a header alone is no carrier
      langfuse.continueTrace('00-…-01', () => 1);
    });
  });

  it('leave fetch and a config of axios what they are', () => {
    compiled((langfuse) => {
      expectTypeOf(langfuse.fetch).toEqualTypeOf<typeof fetch>();
      const config = {
        url: '/a',
        method: 'get',
        headers: { set: (_name: string, _value: string) => true },
      };
      expectTypeOf(langfuse.axiosInterceptor()(config)).toEqualTypeOf(config);
    });
  });
});

describe('scores', () => {
  it('have a value of a data type', () => {
    type DataType =
      'NUMERIC' | 'CATEGORICAL' | 'BOOLEAN' | 'TEXT' | 'CORRECTION' | undefined;
    expectTypeOf<Score['dataType']>().toEqualTypeOf<DataType>();
    expectTypeOf<Score['value']>().toEqualTypeOf<number | string | boolean>();
    compiled((langfuse) => {
      const score = { traceId: 't', name: 's' };
      const id = langfuse.createScore({ ...score, value: 0.5 });
      expectTypeOf(id).toEqualTypeOf<string | undefined>();
      langfuse.createScore({ ...score, value: true, dataType: 'BOOLEAN' });
      langfuse.createScore({ ...score, value: 'good', dataType: 'TEXT' });
      // @ts-expect-error -- no such data type
      langfuse.createScore({ ...score, value: 5, dataType: 'STARS' });
      // @ts-expect-error -- a value is a number, a text or a boolean
      langfuse.createScore({ ...score, value: { stars: 5 } });
      // @ts-expect-error -- a score has a value
      langfuse.createScore(score);
      // @ts-expect-error -- a score has a name
      langfuse.createScore({ traceId: 't', value: 1 });
    });
  });

  it('of what is active do not say of what they are', () => {
    expectTypeOf<keyof ActiveScore>().toEqualTypeOf<
      Exclude<
        keyof Score,
        'traceId' | 'observationId' | 'sessionId' | 'datasetRunId'
      >
    >();
    compiled((langfuse) => {
      expectTypeOf(
        langfuse.scoreActiveTrace({ name: 's', value: 1 }),
      ).toEqualTypeOf<string | undefined>();
      // @ts-expect-error -- the observation is the active one
      langfuse.scoreActiveObservation({ name: 's', value: 1, traceId: 't' });
    });
  });
});

describe('flush() and shutdown()', () => {
  it('tell what they did', () => {
    type Ending = (options?: { timeoutMs?: number }) => Promise<FlushResult>;
    expectTypeOf<LangfuseService['flush']>().toExtend<Ending>();
    expectTypeOf<LangfuseService['shutdown']>().toExtend<Ending>();
    expectTypeOf<LangfuseService['forceFlush']>().returns.toEqualTypeOf<
      Promise<void>
    >();
  });
});
