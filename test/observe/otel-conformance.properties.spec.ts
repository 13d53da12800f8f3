/** Any calls in any order make the same spans as on OpenTelemetry's SDK. */
import {
  type Attributes,
  type Link,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  type SpanStatus,
  SpanStatusCode,
  type TimeInput,
  trace,
  type Tracer,
} from '@opentelemetry/api';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  type Clock,
  comparable,
  runOnOurs,
  runOnSdk,
  withoutEmptyValues,
} from '../support/otel-twins.js';

/** A call on the span with that number, of those that were started. */
interface Call {
  readonly span: number;
  readonly advance: number;
  readonly make: (span: Span, tracer: Tracer, spans: Span[]) => unknown;
  readonly text: string;
}

const text = fc.string({ unit: 'grapheme', maxLength: 12 });
/** Few, so that calls meet on the same key. */
const key = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom('a', 'b', 'c', 'd') },
  // The SDK keeps attributes in an object and loses this one.
  text.filter((name) => name !== '__proto__'),
);
const finite = fc.oneof(
  fc.maxSafeInteger(),
  fc.double({ noNaN: true, noDefaultInfinity: true }).filter(
    // Beyond this we write doubles, on purpose.
    (value) => !Number.isInteger(value) || Number.isSafeInteger(value),
  ),
);
const hole = fc.constantFrom(null, undefined);
const listOf = (values: fc.Arbitrary<unknown>) =>
  fc.array(fc.oneof({ weight: 6, arbitrary: values }, hole), { maxLength: 4 });
const value = fc.oneof(
  text,
  finite,
  fc.boolean(),
  listOf(text),
  listOf(finite),
  listOf(fc.boolean()),
  fc.array(fc.oneof(text, finite, fc.boolean()), { maxLength: 3 }),
  fc.constantFrom<unknown>(null, undefined, {}, { a: 1 }, [{}], [['a']], 5n),
);
const attributes = fc
  .array(fc.tuple(key, value), { maxLength: 6 })
  .map((entries) => Object.fromEntries(entries) as Attributes);

const time: fc.Arbitrary<TimeInput | undefined> = fc.oneof(
  fc.constant(undefined),
  fc.integer({ min: 0, max: 60_000 }),
  fc.integer({ min: 1_500_000_000_000, max: 1_900_000_000_000 }),
  fc
    .integer({ min: 1_500_000_000_000, max: 1_900_000_000_000 })
    .map((ms) => new Date(ms)),
  fc.tuple(
    fc.integer({ min: 1_500_000_000, max: 1_900_000_000 }),
    fc.integer({ min: 0, max: 999_999_999 }),
  ),
);

const hex = (length: number) =>
  fc
    .array(fc.constantFrom(...'123456789abcdef'), {
      minLength: length,
      maxLength: length,
    })
    .map((digits) => digits.join(''));
const spanContext = fc.record({
  traceId: hex(32),
  spanId: hex(16),
  traceFlags: fc.constant(1),
  isRemote: fc.boolean(),
});
const link: fc.Arbitrary<Link> = fc.record(
  { context: spanContext, attributes },
  { requiredKeys: ['context'] },
);
const status: fc.Arbitrary<SpanStatus> = fc.record(
  {
    code: fc.constantFrom(
      SpanStatusCode.UNSET,
      SpanStatusCode.OK,
      SpanStatusCode.ERROR,
    ),
    message: text,
  },
  { requiredKeys: ['code'] },
);
const exception = fc.oneof(
  text,
  fc.record(
    {
      code: fc.oneof(text, fc.nat()),
      name: text,
      message: text,
      stack: text,
    },
    // Without a prototype, the SDK fails over its own warning.
    { requiredKeys: [], noNullPrototype: true },
  ),
) as fc.Arbitrary<Error>;
const options = fc.record(
  {
    kind: fc.constantFrom(SpanKind.INTERNAL, SpanKind.CLIENT),
    attributes,
    links: fc.array(link, { maxLength: 2 }),
    startTime: time,
    root: fc.boolean(),
  },
  { requiredKeys: [] },
);

type Make = Call['make'];
/** What can be called, and how it is to be read in a counterexample. */
const what: fc.Arbitrary<readonly [string, Make]> = fc.oneof(
  fc
    .tuple(key, value)
    .map(([k, v]) =>
      call('setAttribute', [k, v], (span) => span.setAttribute(k, v as string)),
    ),
  attributes.map((given) =>
    call('setAttributes', [given], (span) => span.setAttributes(given)),
  ),
  fc
    .tuple(text, fc.oneof(attributes, time), time)
    .map(([name, given, at]) =>
      call('addEvent', [name, given, at], (span) =>
        span.addEvent(name, given, at),
      ),
    ),
  link.map((given) => call('addLink', [given], (span) => span.addLink(given))),
  fc
    .array(link, { maxLength: 3 })
    .map((links) => call('addLinks', [links], (span) => span.addLinks(links))),
  status.map((given) =>
    call('setStatus', [given], (span) => span.setStatus(given)),
  ),
  text.map((name) =>
    call('updateName', [name], (span) => span.updateName(name)),
  ),
  fc
    .tuple(exception, time)
    .map(([given, at]) =>
      call('recordException', [given, at], (span) =>
        span.recordException(given, at),
      ),
    ),
  time.map((at) => call('end', [at], (span) => span.end(at))),
  fc
    .tuple(text, options)
    .map(([name, given]) =>
      call('startSpan', [name, given], (span, tracer, spans) =>
        spans.push(
          tracer.startSpan(name, given, trace.setSpan(ROOT_CONTEXT, span)),
        ),
      ),
    ),
);

const calls: fc.Arbitrary<Call[]> = fc.array(
  fc
    .record({ span: fc.nat(20), advance: fc.nat(3), what })
    .map(({ span, advance, what: [said, make] }) => ({
      span,
      advance,
      make,
      text: `${span}: ${said}`,
    })),
  { maxLength: 30 },
);

it('as OpenTelemetry’s SDK, call by call', () => {
  fc.assert(
    fc.property(calls, (given) => {
      const script = (tracer: Tracer, clock: Clock) => {
        const spans = [tracer.startSpan('first')];
        const recording = given.map(({ span, advance, make }) => {
          clock.advance(advance);
          const target = spans[span % spans.length]!;
          make(target, tracer, spans);
          return target.isRecording();
        });
        for (const span of spans) span.end();
        return recording;
      };
      const ours = runOnOurs(script);
      const sdk = runOnSdk(script);
      expect(ours.returned).toEqual(sdk.returned);
      expect(comparable(ours.spans)).toEqual(
        comparable(withoutEmptyValues(sdk.spans)),
      );
    }),
    { numRuns: 300 },
  );
});

function call(name: string, args: unknown[], make: Make) {
  return [
    `${name}(${args.map((arg) => fc.stringify(arg)).join()})`,
    make,
  ] as const;
}
