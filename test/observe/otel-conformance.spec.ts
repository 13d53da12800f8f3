/**
 * Our recorder against OpenTelemetry's SDK: the same calls make the same spans,
 * byte for byte as far as a decoder can tell, but for differences that are
 * wanted and named here.
 */
import {
  type Attributes,
  type AttributeValue,
  context,
  createContextKey,
  createTraceState,
  type Exception,
  INVALID_SPAN_CONTEXT,
  ROOT_CONTEXT,
  type Span,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  type TimeInput,
  trace,
  TraceFlags,
} from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SPAN_LIMITS } from '../../lib/observe/recording-span.js';
import {
  comparable,
  runOnOurs,
  runOnSdk,
  type Script,
} from '../support/otel-twins.js';
import { attributesOf } from '../support/otlp.js';

const remote: SpanContext = {
  traceId: '0af7651916cd43dd8448eb211c80319c',
  spanId: 'b7ad6b7169203331',
  traceFlags: TraceFlags.SAMPLED,
  traceState: createTraceState('vendor=1,other=2'),
  isRemote: true,
};
const local: SpanContext = {
  traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
  spanId: '00f067aa0ba902b7',
  traceFlags: TraceFlags.SAMPLED,
};
const known = [remote, local].flatMap(({ traceId, spanId }) => [
  traceId,
  spanId,
]);

const at2020 = Date.UTC(2020, 0, 1);
const hrTimeIn2020: [number, number] = [at2020 / 1000, 123_456_789];

function expectSame(script: Script): void {
  const ours = runOnOurs(script);
  const sdk = runOnSdk(script);
  expect(ours.returned).toEqual(sdk.returned);
  expect(comparable(ours.spans, known)).toEqual(comparable(sdk.spans, known));
}

/** The attributes of the only span, on both sides. */
function attributesOnBoth(script: Script) {
  const [ours, sdk] = [runOnOurs(script), runOnSdk(script)].map(({ spans }) =>
    attributesOf(comparable(spans)[0]!.attributes),
  );
  return { ours, sdk };
}

/** A script about one span, which is ended after it. */
function onSpan(fn: (span: Span) => unknown): Script {
  return (tracer, clock) => {
    const span = tracer.startSpan('span');
    clock.advance(5);
    const returned = fn(span);
    clock.advance(5);
    span.end();
    return returned === span ? 'the span' : returned;
  };
}

function many(count: number): Attributes {
  return Object.fromEntries(
    Array.from({ length: count }, (_, i) => [`key-${i}`, i]),
  );
}

/** For what the types forbid and JavaScript does all the same. */
function untyped<T>(value: unknown): T {
  return value as T;
}

const valid: [string, AttributeValue][] = [
  ['text', 'Größe 🐢'],
  ['an empty text', ''],
  ['an integer', 42],
  ['zero', 0],
  ['minus zero', -0],
  ['a negative integer', -42],
  ['a large integer', Number.MAX_SAFE_INTEGER],
  ['a fraction', 0.1],
  ['true', true],
  ['false', false],
  ['texts', ['a', '', 'c']],
  ['numbers', [1, 0.5, -3]],
  ['flags', [true, false]],
];
const invalid: [string, unknown][] = [
  ['null', null],
  ['undefined', undefined],
  ['an object', { a: 1 }],
  ['a date', new Date(0)],
  ['a function', () => 1],
  ['a symbol', Symbol('x')],
  ['a bigint', 5n],
  ['a mixed list', [1, 'two']],
  ['a list of objects', [{ a: 1 }]],
  ['a list of lists', [['a']]],
];

const times: [string, (monotonic: number) => TimeInput][] = [
  ['a Date', () => new Date(at2020)],
  ['an HrTime', () => hrTimeIn2020],
  ['epoch milliseconds', () => at2020 + 0.25],
  ['a reading of performance.now()', (monotonic) => monotonic],
  ['zero', () => 0],
];

const exceptions: [string, unknown][] = [
  ['a text', 'it broke'],
  ['an empty text', ''],
  [
    'an Error',
    Object.assign(new TypeError('no such thing'), { stack: 'at there' }),
  ],
  ['an Error without stack', { name: 'Timeout', message: 'too late' }],
  ['a code', { code: 'ECONNRESET', name: 'Error', message: 'reset' }],
  ['a numeric code', { code: 404, message: 'not found' }],
  ['only a message', { message: 'something' }],
  ['only a name', { name: 'Oops' }],
  ['only a stack', { stack: 'at there' }],
  ['nothing in it', {}],
  ['a message that is no text', { name: 'Odd', message: { deep: 1 } }],
  ['null', null],
  ['undefined', undefined],
];

beforeAll(() => {
  const manager = new AsyncLocalStorageContextManager().enable();
  context.setGlobalContextManager(manager);
});
afterAll(() => context.disable());

describe('the same span comes of', () => {
  it('nothing but a name', () => {
    expectSame(onSpan(() => undefined));
  });

  it('no name', () => {
    expectSame((tracer) => tracer.startSpan('').end());
  });

  it.each(Object.values(SpanKind).filter((kind) => typeof kind === 'number'))(
    'kind %i',
    (kind) => {
      expectSame((tracer) => tracer.startSpan('span', { kind }).end());
    },
  );

  it('a new name', () => {
    expectSame(onSpan((span) => span.updateName('other').updateName('last')));
  });

  it.each(valid)('an attribute: %s', (key, value) => {
    expectSame(onSpan((span) => span.setAttribute(key, value)));
    expectSame((tracer) =>
      tracer.startSpan('span', { attributes: { [key]: value } }).end(),
    );
    expectSame(onSpan((span) => span.addEvent('event', { [key]: value })));
    expectSame(
      onSpan((span) =>
        span.addLink({ context: local, attributes: { [key]: value } }),
      ),
    );
  });

  it.each(invalid)('an attribute that is none: %s', (_, value) => {
    const attributes = untyped<Attributes>({ before: 1, bad: value, after: 2 });
    expectSame((tracer) => tracer.startSpan('span', { attributes }).end());
    expectSame(onSpan((span) => span.setAttributes(attributes)));
    expectSame(onSpan((span) => span.setAttribute('bad', untyped(value))));
  });

  it.each(invalid.filter(([, value]) => value !== null && value !== undefined))(
    'an attribute of an event or a link that is none: %s',
    (_, value) => {
      const attributes = untyped<Attributes>({ a: 1, bad: value, b: 2 });
      expectSame(onSpan((span) => span.addEvent('event', attributes)));
      expectSame(
        onSpan((span) => span.addLink({ context: local, attributes })),
      );
    },
  );

  it('attributes without a key', () => {
    expectSame(onSpan((span) => span.setAttribute('', 'x')));
    expectSame(onSpan((span) => span.addEvent('event', { '': 'x', a: 1 })));
  });

  it('attributes that are nothing at all', () => {
    expectSame(onSpan((span) => span.setAttributes(untyped(undefined))));
    expectSame(onSpan((span) => span.setAttributes(untyped(null))));
    expectSame(onSpan((span) => span.addEvent('event', untyped(null))));
    expectSame(onSpan((span) => span.addEvent('event', untyped('text'))));
  });

  it('attributes that are set again: they keep their place', () => {
    expectSame(
      onSpan((span) =>
        span.setAttributes({ a: 1, b: 2 }).setAttribute('a', 'changed'),
      ),
    );
  });

  it('inherited attributes, which are none', () => {
    const attributes = Object.assign(Object.create({ inherited: 1 }), {
      own: 2,
    }) as Attributes;
    expectSame(onSpan((span) => span.setAttributes(attributes)));
    expectSame(onSpan((span) => span.addEvent('event', attributes)));
  });

  it('lists that change after they were given', () => {
    expectSame(
      onSpan((span) => {
        const list = ['a'];
        span.setAttribute('list', list);
        span.addEvent('event', { list });
        span.addLink({ context: local, attributes: { list } });
        list.push('b');
      }),
    );
  });

  it('more attributes than there is room for', () => {
    expectSame(
      onSpan((span) => {
        span.setAttributes(many(SPAN_LIMITS.attributes + 3));
        span.setAttribute('key-0', 'there is room to change one');
        span.setAttribute('another', 'but not to add one');
      }),
    );
    const attributes = many(SPAN_LIMITS.attributes + 2);
    expectSame((tracer) => tracer.startSpan('span', { attributes }).end());
  });

  it('events in all their forms', () => {
    expectSame((tracer, clock) => {
      const span = tracer.startSpan('span');
      clock.advance(1);
      span.addEvent('bare');
      clock.advance(1);
      span.addEvent('with attributes', { a: 1 });
      span.addEvent('with attributes and time', { a: 1 }, at2020);
      span.addEvent('with time', at2020);
      span.addEvent('with two times', new Date(at2020), hrTimeIn2020);
      span.addEvent('with nothing and a time', undefined, hrTimeIn2020);
      clock.advance(1);
      span.addEvent('last');
      span.end();
    });
  });

  it('more events than there is room for: the oldest give way', () => {
    expectSame(
      onSpan((span) => {
        for (let i = 0; i < SPAN_LIMITS.events + 3; i++) {
          span.addEvent(`event-${i}`);
        }
      }),
    );
  });

  it('more attributes of an event or a link than there is room for', () => {
    const attributes = many(SPAN_LIMITS.attributesPerEvent + 3);
    expectSame(onSpan((span) => span.addEvent('event', attributes)));
    expectSame(onSpan((span) => span.addLink({ context: local, attributes })));
    expectSame((tracer) =>
      tracer
        .startSpan('span', { links: [{ context: local, attributes }] })
        .end(),
    );
  });

  it('links, from the start and later', () => {
    expectSame((tracer) => {
      const links = [
        { context: remote, attributes: { a: 1 } },
        { context: local },
      ];
      const span = tracer.startSpan('span', { links });
      span.addLink({ context: local, attributes: { b: ['x'] } });
      span.addLinks([{ context: remote }, { context: local }]);
      span.addLinks([]);
      span.end();
    });
  });

  it('more links than there is room for: the oldest give way', () => {
    expectSame(
      onSpan((span) => {
        for (let i = 0; i < SPAN_LIMITS.links + 3; i++) {
          span.addLink({ context: local, attributes: { i } });
        }
      }),
    );
  });

  const { UNSET, OK, ERROR } = SpanStatusCode;
  it.each([
    ['ok', [{ code: OK }]],
    ['ok with a message, which only errors have', [{ code: OK, message: 'x' }]],
    ['error', [{ code: ERROR }]],
    ['error with a message', [{ code: ERROR, message: 'it broke' }]],
    ['error with no text', [{ code: ERROR, message: untyped<string>(5) }]],
    ['unset', [{ code: UNSET, message: 'x' }]],
    ['ok after error', [{ code: ERROR, message: 'x' }, { code: OK }]],
    ['error after ok', [{ code: OK }, { code: ERROR, message: 'x' }]],
    ['unset after error', [{ code: ERROR, message: 'x' }, { code: UNSET }]],
    ['error after error', [{ code: ERROR, message: 'first' }, { code: ERROR }]],
  ])('a status: %s', (_, statuses) => {
    expectSame(
      onSpan((span) => {
        for (const status of statuses) span.setStatus(status);
        return span.setStatus({ code: UNSET });
      }),
    );
  });

  it.each(exceptions)('an exception: %s', (_, exception) => {
    expectSame(onSpan((span) => span.recordException(untyped(exception))));
    expectSame(
      onSpan((span) =>
        span.recordException(untyped<Exception>(exception), hrTimeIn2020),
      ),
    );
  });

  it.each(times)('times as %s', (_, time) => {
    expectSame((tracer, clock) => {
      const startTime = time(performance.now());
      clock.advance(7);
      const span = tracer.startSpan('span', { startTime });
      clock.advance(3);
      span.addEvent('now');
      span.addEvent('then', time(performance.now()));
      span.recordException('broken', time(performance.now()));
      clock.advance(3);
      span.end(time(performance.now()));
    });
  });

  it('a start and an end, one of which is given', () => {
    expectSame((tracer, clock) => {
      const span = tracer.startSpan('started in 2020', { startTime: at2020 });
      clock.advance(5);
      span.end();
      const other = tracer.startSpan('ends in 2100');
      clock.advance(5);
      other.end(Date.UTC(2100, 0, 1));
    });
  });

  it('an end before the start: no time passed', () => {
    expectSame(onSpan((span) => span.end(new Date(at2020))));
    expectSame((tracer) => {
      const span = tracer.startSpan('span', { startTime: hrTimeIn2020 });
      span.end([hrTimeIn2020[0], hrTimeIn2020[1] - 1]);
    });
  });

  it('a span that has ended: nothing changes any more', () => {
    expectSame((tracer, clock) => {
      const span = tracer.startSpan('span', { attributes: { a: 1 } });
      const recordedBefore = span.isRecording();
      clock.advance(5);
      span.end();
      clock.advance(5);
      span
        .setAttribute('a', 2)
        .setAttributes({ b: 1 })
        .addEvent('late')
        .addLink({ context: local })
        .addLinks([{ context: local }])
        .setStatus({ code: ERROR, message: 'late' })
        .updateName('late');
      span.recordException('late');
      span.end();
      span.end(at2020);
      return [
        recordedBefore,
        span.isRecording(),
        span.spanContext().traceFlags,
      ];
    });
  });

  it('a parent in the context', () => {
    expectSame((tracer) => {
      const parent = tracer.startSpan('parent');
      const inParent = trace.setSpan(ROOT_CONTEXT, parent);
      tracer.startSpan('child', {}, inParent).end();
      parent.end();
      tracer.startSpan('child of the ended', {}, inParent).end();
    });
  });

  it.each([
    ['another process', remote],
    ['another tracer', local],
    ['nobody', INVALID_SPAN_CONTEXT],
    ['a broken id', { ...local, spanId: 'xyz' }],
  ])('a parent of %s', (_, parent) => {
    expectSame((tracer) => {
      const inParent = trace.setSpanContext(ROOT_CONTEXT, parent);
      const span = tracer.startSpan('child', {}, inParent);
      const { traceState, isRemote } = span.spanContext();
      const inSpan = trace.setSpan(ROOT_CONTEXT, span);
      tracer.startSpan('grandchild', {}, inSpan).end();
      span.end();
      return [traceState?.serialize(), isRemote];
    });
  });

  it('root: true, whatever is active', () => {
    expectSame((tracer) => {
      tracer.startActiveSpan('outer', (outer) => {
        tracer.startSpan('root', { root: true }).end();
        const inRemote = trace.setSpanContext(context.active(), remote);
        tracer.startSpan('root too', { root: true }, inRemote).end();
        tracer.startSpan('child', { root: false }).end();
        outer.end();
      });
    });
  });

  it('startActiveSpan() with a function, with options, with a context', () => {
    expectSame((tracer) =>
      tracer.startActiveSpan('a', (a) =>
        tracer.startActiveSpan('b', { kind: SpanKind.CLIENT }, (b) => {
          const inRemote = trace.setSpanContext(context.active(), remote);
          const returned = tracer.startActiveSpan('c', {}, inRemote, (c) => {
            tracer.startSpan('d').end();
            c.end();
            return 'value';
          });
          tracer.startSpan('e').end();
          b.end();
          a.end();
          return returned;
        }),
      ),
    );
  });

  it('startActiveSpan() with options that are not given', () => {
    expectSame((tracer) =>
      tracer.startActiveSpan('a', untyped(undefined), (span) => {
        span.end();
        return 'value';
      }),
    );
  });

  it('startActiveSpan() around an error, which passes and ends nothing', () => {
    expectSame((tracer) => {
      const error = new Error('broken');
      let span: Span | undefined;
      try {
        tracer.startActiveSpan('a', (active) => {
          span = active;
          throw error;
        });
      } catch (thrown) {
        return [thrown === error, span?.isRecording()];
      } finally {
        span?.end();
      }
      return 'not reached';
    });
  });

  it('tracing that is suppressed: none', () => {
    const suppressed = ROOT_CONTEXT.setValue(
      createContextKey('OpenTelemetry SDK Context Key SUPPRESS_TRACING'),
      true,
    );
    expectSame((tracer) => {
      const spans = [
        tracer.startSpan('explicit', {}, suppressed),
        context.with(suppressed, () => tracer.startSpan('active')),
        tracer.startActiveSpan('within', {}, suppressed, (span) => span),
      ];
      for (const span of spans) span.end();
      return spans.map((span) => [span.isRecording(), span.spanContext()]);
    });
    expect(
      runOnOurs((tracer) => tracer.startSpan('x', {}, suppressed).end()).spans,
    ).toEqual([]);
  });
});

describe('wanted differences', () => {
  it('every span carries the name of its trace', () => {
    const { spans } = runOnOurs((tracer) =>
      tracer.startActiveSpan('root', (root) => {
        tracer.startSpan('child').end();
        root.end();
      }),
    );
    expect(spans.map(({ attributes }) => attributesOf(attributes))).toEqual([
      { 'langfuse.trace.name': 'root' },
      { 'langfuse.trace.name': 'root' },
    ]);
  });

  it('the first span below a foreign parent is marked as root', () => {
    const { spans } = runOnOurs((tracer) => {
      const inRemote = trace.setSpanContext(ROOT_CONTEXT, remote);
      tracer.startActiveSpan('ours', {}, inRemote, (ours) => {
        tracer.startSpan('child').end();
        ours.end();
      });
    });
    const marks = spans.map(({ attributes }) => attributesOf(attributes));
    expect(marks).toEqual([
      { 'langfuse.trace.name': 'ours' },
      { 'langfuse.trace.name': 'ours', 'langfuse.internal.is_app_root': true },
    ]);
  });

  it('NaN and infinities are texts', () => {
    const { ours, sdk } = attributesOnBoth(
      onSpan((span) => span.setAttributes({ nan: NaN, max: -Infinity })),
    );
    expect(sdk).toEqual({ nan: NaN, max: -Infinity });
    expect(ours).toEqual({ nan: 'NaN', max: '-Infinity' });
  });

  it('integers beyond 2^53 are doubles', () => {
    const { ours, sdk } = attributesOnBoth(
      onSpan((span) => span.setAttribute('big', 2 ** 60)),
    );
    expect(sdk).toEqual({ big: 2n ** 60n });
    expect(ours).toEqual({ big: 2 ** 60 });
  });

  it('a key called __proto__ is kept', () => {
    const key = '__proto__';
    const script = onSpan((span) => span.setAttribute(key, 'x'));
    const keysOf = ({ spans }: ReturnType<typeof runOnOurs>) =>
      comparable(spans)[0]!.attributes.map((attribute) => attribute.key);
    expect(keysOf(runOnSdk(script))).toEqual([]);
    expect(keysOf(runOnOurs(script))).toEqual([key]);
  });

  it('empty lists are left out', () => {
    const { ours, sdk } = attributesOnBoth(
      onSpan((span) => span.setAttributes({ none: [], one: ['a'] })),
    );
    expect(sdk).toEqual({ none: [], one: ['a'] });
    expect(ours).toEqual({ one: ['a'] });
  });

  it('null and undefined are left out of lists', () => {
    const { ours, sdk } = attributesOnBoth(
      onSpan((span) =>
        span.setAttributes({ some: ['a', null, 'b', undefined], none: [null] }),
      ),
    );
    expect(sdk).toEqual({
      some: ['a', undefined, 'b', undefined],
      none: [undefined],
    });
    expect(ours).toEqual({ some: ['a', 'b'] });
  });

  it('null and undefined are left out of events and links', () => {
    const attributes = untyped<Attributes>({
      a: 1,
      no: null,
      never: undefined,
    });
    const script = onSpan((span) =>
      span
        .addEvent('event', attributes)
        .addLink({ context: local, attributes }),
    );
    const onOne = ({ spans }: ReturnType<typeof runOnOurs>) =>
      [spans[0]!.events[0]!, spans[0]!.links[0]!].map((owner) =>
        attributesOf(owner.attributes),
      );
    const poison = { a: 1n, no: undefined, never: undefined };
    expect(onOne(runOnSdk(script))).toEqual([poison, poison]);
    expect(onOne(runOnOurs(script))).toEqual([{ a: 1n }, { a: 1n }]);
  });

  it('texts that are too long are shortened, data URIs are named', () => {
    const { ours, sdk } = attributesOnBoth(
      onSpan((span) =>
        span.setAttributes({
          long: 'x'.repeat(2 * 1024 * 1024),
          image: `data:image/png;base64,${'A'.repeat(4000)}`,
        }),
      ),
    );
    expect(String(sdk!['long'])).toHaveLength(2 * 1024 * 1024);
    expect(String(ours!['long']).length).toBeLessThanOrEqual(1024 * 1024);
    expect(ours!['image']).toMatch(/^\[image\/png, .*sha256/);
  });

  it('a time that is none means now', () => {
    const timesOf = (start: unknown, end: unknown) => {
      const [span] = runOnOurs((tracer, clock) => {
        clock.advance(5);
        const started = tracer.startSpan('span', { startTime: untyped(start) });
        clock.advance(5);
        started.end(untyped(end));
      }).spans;
      return [span!.startTimeUnixNano, span!.endTimeUnixNano];
    };
    const now = timesOf(undefined, undefined);
    expect(timesOf(new Date(NaN), [NaN, 0])).toEqual(now);
    expect(timesOf('2020', Infinity)).toEqual(now);
  });

  it('a parent that is not sampled does not drop our data', () => {
    const script: Script = (tracer) => {
      const unsampled = { ...remote, traceFlags: TraceFlags.NONE };
      const parent = trace.setSpanContext(ROOT_CONTEXT, unsampled);
      tracer.startSpan('child', {}, parent).end();
    };
    expect(runOnSdk(script).spans).toHaveLength(0);
    const [span] = runOnOurs(script).spans;
    expect(span).toMatchObject({
      traceId: remote.traceId,
      parentSpanId: remote.spanId,
    });
    expect(span!.flags & TraceFlags.SAMPLED).toBe(TraceFlags.SAMPLED);
  });

  it('a context without a span leaves the active observation as parent', () => {
    const script: Script = (tracer) =>
      tracer.startActiveSpan('outer', (outer) => {
        tracer.startSpan('inner', {}, ROOT_CONTEXT).end();
        outer.end();
      });
    const parents = ({ spans }: ReturnType<typeof runOnOurs>) =>
      spans.map(({ parentSpanId }) => parentSpanId !== '');
    expect(parents(runOnSdk(script))).toEqual([false, false]);
    expect(parents(runOnOurs(script))).toEqual([true, false]);
  });

  it("OpenTelemetry's own active span stays what it was", () => {
    const script: Script = (tracer) =>
      tracer.startActiveSpan('span', (span) => {
        span.end();
        return trace.getActiveSpan() === span;
      });
    expect(runOnSdk(script).returned).toBe(true);
    expect(runOnOurs(script).returned).toBe(false);
  });

  it('a link to nothing is left out, where the SDK fails when it exports', () => {
    const links = [{ context: untyped<SpanContext>(undefined) }];
    const [span] = runOnOurs((tracer) => {
      const started = tracer.startSpan('span', { links });
      started.addLinks([...links, { context: local }]);
      started.end();
    }).spans;
    expect(span!.links.map(({ spanId }) => spanId)).toEqual([local.spanId]);
  });
});
