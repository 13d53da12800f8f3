import { createTraceState, SpanStatusCode } from '@opentelemetry/api';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { LangfuseService, MaskFunction } from '../../lib/index.js';
import {
  CollectingService,
  type CollectingOptions,
} from '../support/collecting-service.js';
import { FakeClock, settled } from '../support/fake-clock.js';
import { attributesOf, type OtlpSpan } from '../support/otlp.js';

const MARKER = '<fully masked due to failed mask function>';
const INPUT = 'langfuse.observation.input';
const OUTPUT = 'langfuse.observation.output';
const METADATA = 'langfuse.observation.metadata.';
const TRACE_ID = '0af7651916cd43dd8448eb211c80319c';

function setUp(mask: MaskFunction, options: CollectingOptions = {}) {
  const service = new CollectingService({ mask, ...options });
  onTestFinished(() => service.close());
  const { langfuse } = service;
  /** Attributes of the spans that were sent since the last call, by name. */
  const sent = async () => {
    const { spans } = await service.collect();
    return Object.fromEntries(
      spans.map((span) => [span.name, attributesOf(span.attributes)]),
    );
  };
  return { service, langfuse, sent };
}

/** Fails for inputs, in some way, and masks nothing else. */
const failing =
  (fail: () => unknown): MaskFunction =>
  ({ data, attribute }) =>
    attribute === INPUT ? fail() : data;

function deferred<T>() {
  let resolve!: (value: T) => void;
  const promise = new Promise<T>((settle) => (resolve = settle));
  return { promise, resolve };
}

function recordOne(langfuse: LangfuseService): void {
  langfuse.startObservation('one', { input: 'secret', output: 'kept' }).end();
}

describe('a mask', () => {
  it('is asked for each text with the name of what it is', async () => {
    const asked: Record<string, string[]> = {};
    const { service, langfuse } = setUp(({ data, attribute }) => {
      (asked[attribute] ??= []).push(data);
      return data;
    });
    langfuse.propagateAttributes({ userId: 'ann', tags: ['a', 'b'] }, () =>
      langfuse
        .startObservation('ask', {
          input: { question: 'why' },
          metadata: { topic: 'life', size: 3 },
          statusMessage: 'fine',
        })
        .end(),
    );
    langfuse.createScore({
      sessionId: 'session',
      name: 'quality',
      value: 'good',
      comment: 'well',
      metadata: { by: 'me' },
    });
    await service.collect();
    expect(asked).toEqual({
      'span.name': ['ask'],
      [INPUT]: ['{"question":"why"}'],
      'attribute.key': ['topic', 'size'],
      [`${METADATA}topic`]: ['life'],
      [`${METADATA}size`]: ['3'],
      'langfuse.observation.status_message': ['fine'],
      'langfuse.trace.name': ['ask'],
      'user.id': ['ann'],
      'langfuse.trace.tags': ['a', 'b'],
      'session.id': ['session'],
      'score.name': ['quality'],
      'score.value': ['good'],
      'score.comment': ['well'],
      'score.metadata': ['{"by":"me"}'],
    });
  });

  it('is asked once for what the observations of a trace share', async () => {
    let count = 0;
    const { service, langfuse } = setUp(({ data, attribute }) => {
      if (attribute === 'user.id') count += 1;
      return data.replace('ann', '***');
    });
    langfuse.propagateAttributes({ userId: 'ann' }, () =>
      langfuse.startActiveObservation('root', () => {
        for (let i = 0; i < 10; i++) langfuse.startObservation('child').end();
      }),
    );
    const { spans } = await service.collect();
    const users = spans.map(
      ({ attributes }) => attributesOf(attributes)['user.id'],
    );
    expect(users).toEqual(Array.from({ length: 11 }, () => '***'));
    expect(count).toBe(1);
  });

  it('leaves ids, times, numbers, levels and types as they are', async () => {
    const { service, langfuse } = setUp(() => 'X');
    const observation = langfuse.startObservation(
      'generation',
      {
        level: 'WARNING',
        completionStartTime: new Date(0),
        prompt: { name: 'prompt', version: 3 },
      },
      { asType: 'generation' },
    );
    observation.otelSpan.setAttribute('count', 7).setAttribute('is', true);
    observation.end();
    langfuse.createScore({ traceId: TRACE_ID, name: 'score', value: 0.5 });
    const { spans, scores } = await service.collect();
    expect(spans[0]).toMatchObject({
      name: 'X',
      traceId: observation.traceId,
      spanId: observation.id,
    });
    expect(attributesOf(spans[0]!.attributes)).toMatchObject({
      'langfuse.observation.type': 'generation',
      'langfuse.observation.level': 'WARNING',
      'langfuse.observation.completion_start_time': '1970-01-01T00:00:00.000Z',
      'langfuse.observation.prompt.name': 'X',
      'langfuse.observation.prompt.version': 3n,
      X: 7n,
      'X 2': true,
    });
    expect(scores[0]!.body).toMatchObject({
      traceId: TRACE_ID,
      name: 'X',
      value: 0.5,
      dataType: 'NUMERIC',
    });
  });

  it('is asked for what OpenTelemetry knows of a span', async () => {
    const { service, langfuse } = setUp(({ data }) => `<${data}>`);
    const context = {
      traceId: TRACE_ID,
      spanId: 'b7ad6b7169203331',
      traceFlags: 1,
      traceState: createTraceState('vendor=value'),
    };
    const span = langfuse.getTracer().startSpan('work');
    span.setStatus({ code: SpanStatusCode.ERROR, message: 'failed' });
    span.addEvent('event', { text: 'a', list: ['b', 'c'] });
    span.addLink({ context, attributes: { why: 'so' } });
    span.end();
    const [sent] = (await service.collect()).spans;
    expect(sent).toMatchObject({
      name: '<work>',
      status: { code: SpanStatusCode.ERROR, message: '<failed>' },
      events: [{ name: '<event>' }],
      links: [{ traceId: TRACE_ID, traceState: '<vendor=value>' }],
    });
    expect(attributesOf(sent!.events[0]!.attributes)).toEqual({
      '<text>': '<a>',
      '<list>': ['<b>', '<c>'],
    });
    expect(attributesOf(sent!.links[0]!.attributes)).toEqual({
      '<why>': '<so>',
    });
  });

  it('keeps values apart whose keys it makes the same, or empty', async () => {
    const { langfuse, sent } = setUp(({ data, attribute }) =>
      attribute === 'attribute.key' ? data.replace(/^[a-z]+@.*|^x$/, '') : data,
    );
    const metadata = { 'ann@a.io': 'A', 'bob@b.io': 'B', x: 'C', y: 'D' };
    langfuse.startObservation('one', { metadata }).end();
    expect((await sent())['one']).toMatchObject({
      [`${METADATA}[masked]`]: 'A',
      [`${METADATA}[masked] 2`]: 'B',
      [`${METADATA}[masked] 3`]: 'C',
      [`${METADATA}y`]: 'D',
    });
  });

  it('is given the session of a score as that of its observations', async () => {
    const mask = vi.fn<MaskFunction>(({ data, attribute }) =>
      attribute === 'session.id' ? `hash of ${data}` : data,
    );
    const { service, langfuse } = setUp(mask);
    langfuse.propagateAttributes({ sessionId: 'ann-1' }, () =>
      langfuse.startObservation('one').end(),
    );
    langfuse.createScore({ sessionId: 'ann-1', name: 'score', value: 1 });
    const { spans, scores } = await service.collect();
    const { 'session.id': session } = attributesOf(spans[0]!.attributes);
    expect(session).toBe('hash of ann-1');
    expect(scores[0]!.body['sessionId']).toBe(session);
  });

  it('may leave a score that the server would not take: it is dropped', async () => {
    const { service, langfuse } = setUp(({ data, attribute }) =>
      attribute === 'score.value' ? '' : data,
    );
    const score = {
      traceId: TRACE_ID,
      name: 'score',
      dataType: 'TEXT',
    } as const;
    langfuse.createScore({ ...score, value: 'text' });
    expect((await service.collect()).scores).toEqual([]);
    expect(service.stats.dropped).toEqual({ invalid: 1 });
    expect(service.warnings[0]).toContain(
      'dropped, since it was masked: value: ',
    );
  });

  it.each([
    ['an object', { masked: true }, '{"masked":true}'],
    ['a list', ['a'], '["a"]'],
    ['a number', 5, '5'],
    ['false', false, 'false'],
    ['an empty text', '', ''],
  ])('may return %s', async (_, answer, text) => {
    const { langfuse, sent } = setUp(failing(() => answer));
    recordOne(langfuse);
    expect((await sent())['one']).toMatchObject({ [INPUT]: text });
  });

  it('may return a text that is too long: it is cut', async () => {
    const { langfuse, sent } = setUp(failing(() => 'x'.repeat(50_000_000)));
    recordOne(langfuse);
    const input = String((await sent())['one']?.[INPUT]);
    expect(input.length).toBeLessThanOrEqual(1024 * 1024);
    expect(input).toMatch(/^x+.*\[Truncated: .* of 50000000 characters\]$/);
  });
});

const FAILURES: Readonly<Record<string, () => unknown>> = {
  throws() {
    throw new Error('secret');
  },
  'throws what is no error'() {
    throw 'secret';
  },
  rejects: () => Promise.reject(new TypeError('secret')),
  'returns undefined': () => undefined,
  'returns null': () => null,
  'returns a symbol': () => Symbol('secret'),
  'returns a function': () => () => 'secret',
  'returns a bigint': () => 5n,
  'returns what is circular'() {
    const circular: Record<string, unknown> = {};
    circular['self'] = circular;
    return circular;
  },
  'resolves with undefined': () => Promise.resolve(undefined),
  'has a then that throws': () =>
    // oxlint-disable-next-line unicorn/no-thenable -- that is the point
    Object.defineProperty({}, 'then', {
      get() {
        throw new Error('secret');
      },
    }),
};

describe.each(Object.entries(FAILURES))('a mask that %s', (_, fail) => {
  it('leaves the marker in that place, and nothing else is lost', async () => {
    const { service, langfuse, sent } = setUp(failing(fail));
    recordOne(langfuse);
    expect((await sent())['one']).toMatchObject({
      [INPUT]: MARKER,
      [OUTPUT]: 'kept',
    });
    expect(service.stats.dropped).toEqual({});
    expect(service.warnings).toEqual([
      expect.stringMatching(/^The mask fails \(.*\): 1 text .* masked fully/),
    ]);
    expect(service.warnings[0]).not.toContain('secret');
  });
});

describe('a mask that is late', () => {
  it('leaves the marker after a second, and what comes later is ignored', async () => {
    const clock = new FakeClock();
    const late = deferred<string>();
    const { service, langfuse } = setUp(
      ({ data, attribute }) => {
        if (attribute === INPUT) return late.promise;
        return attribute === OUTPUT ? Promise.resolve('in time') : data;
      },
      { clock },
    );
    recordOne(langfuse);
    await clock.advance(999);
    expect(service.stats).toMatchObject({ queued: 1, enqueued: 1 });
    const sent = service.collect();
    await clock.advance(1);
    late.resolve('too late');
    const { spans } = await sent;
    expect(attributesOf(spans[0]!.attributes)).toMatchObject({
      [INPUT]: MARKER,
      [OUTPUT]: 'in time',
    });
    expect(service.warnings).toEqual([
      expect.stringContaining('it did not answer in time'),
    ]);
  });

  it('leaves no timer when it answers', async () => {
    const clock = new FakeClock();
    const { langfuse, sent } = setUp(({ data }) => Promise.resolve(data), {
      clock,
    });
    recordOne(langfuse);
    expect(await sent()).toHaveProperty('one');
    expect(clock.armed).toEqual([]);
  });

  it('has one second for all texts of an observation and its trace', async () => {
    const clock = new FakeClock();
    const { service, langfuse } = setUp(
      () => new Promise<string>(() => undefined),
      { clock },
    );
    langfuse.propagateAttributes({ userId: 'ann' }, () => recordOne(langfuse));
    const sent = service.collect();
    await clock.advance(1_000);
    const { spans } = await sent;
    expect(spans.map(({ name }) => name)).toEqual([MARKER]);
    expect(new Set(textsOf(spans[0]!))).toEqual(new Set([MARKER, 'span']));
  });
});

function textsOf({ attributes }: OtlpSpan): unknown[] {
  return Object.values(attributesOf(attributes));
}

describe('failures of a mask', () => {
  it('are told once, and again when it has worked for a minute', async () => {
    const clock = new FakeClock();
    let fails = true;
    const mask = failing(() => {
      if (fails) throw new RangeError('secret');
      return '***';
    });
    const { service, langfuse } = setUp(mask, { clock });
    for (let i = 0; i < 5; i++) recordOne(langfuse);
    await clock.advance(30_000);
    fails = false;
    recordOne(langfuse);
    expect(service.warnings).toEqual([expect.stringContaining('RangeError')]);
    await clock.advance(31_000);
    recordOne(langfuse);
    expect(service.warnings.slice(1)).toEqual([
      'The mask works again: 5 texts were masked fully meanwhile.',
    ]);
    fails = true;
    recordOne(langfuse);
    expect(service.warnings.slice(2)).toEqual([
      expect.stringMatching(/^The mask fails/),
    ]);
  });

  it('do not stay with a trace when it works again', async () => {
    let fails = true;
    const { langfuse, sent } = setUp(({ data, attribute }) => {
      if (fails && attribute === 'user.id') throw new Error('secret');
      return data;
    });
    langfuse.propagateAttributes({ userId: 'ann' }, () => {
      langfuse.startActiveObservation('root', () => {
        langfuse.startObservation('first').end();
        fails = false;
        langfuse.startObservation('second').end();
      });
    });
    expect(await sent()).toMatchObject({
      first: { 'user.id': MARKER },
      second: { 'user.id': 'ann' },
    });
  });

  it('give scores that share an id ids of their own', async () => {
    const { service, langfuse } = setUp(({ attribute, data }) => {
      if (attribute === 'score.id') throw new Error('secret');
      return data;
    });
    for (const id of ['secret 1', 'secret 2']) {
      langfuse.createScore({ id, traceId: TRACE_ID, name: 'score', value: 1 });
    }
    const { scores } = await service.collect();
    const ids = scores.map(({ body }) => String(body['id']));
    expect(new Set(ids).size).toBe(2);
    expect(ids.join()).not.toMatch(/secret|mask/);
  });
});

describe('a mask that records', () => {
  it.each(['sync', 'async'])('does not come to itself: %s', async (kind) => {
    let calls = 0;
    const { service, langfuse } = setUp(({ data }) => {
      calls += 1;
      langfuse.startActiveObservation('inside', (inside) => {
        inside.update({ input: data });
        langfuse.scoreActiveTrace({ name: 'score', value: 1 });
      });
      langfuse.createScore({ traceId: TRACE_ID, name: 'score', value: 1 });
      return kind === 'sync' ? data : Promise.resolve(data);
    });
    langfuse.startObservation('outside', { input: 'text' }).end();
    const { spans, scores } = await service.collect();
    expect(spans.map(({ name }) => name)).toEqual(['outside']);
    expect(scores).toEqual([]);
    expect(calls).toBeLessThan(10);
  });

  it('does not silence what it started and goes on after its answer', async () => {
    const later = deferred<void>();
    let goesOn: Promise<void> | undefined;
    const { service, langfuse } = setUp(({ data }) => {
      goesOn ??= later.promise.then(() =>
        langfuse.startObservation('later').end(),
      );
      return data;
    });
    langfuse.startObservation('outside').end();
    await settled();
    later.resolve();
    await goesOn;
    const { spans } = await service.collect();
    expect(spans.map(({ name }) => name)).toEqual(['outside', 'later']);
  });
});
