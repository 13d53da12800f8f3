/** The texts that carry a trace, against OpenTelemetry's propagators. */
import {
  defaultTextMapGetter,
  defaultTextMapSetter,
  propagation,
  ROOT_CONTEXT,
  trace,
} from '@opentelemetry/api';
import {
  W3CBaggagePropagator,
  W3CTraceContextPropagator,
} from '@opentelemetry/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  formatBaggage,
  parseBaggage,
} from '../../../lib/observe/propagation/baggage.js';
import {
  formatTraceparent,
  parseTraceparent,
} from '../../../lib/observe/propagation/traceparent.js';

const hex = (length: number) =>
  fc.string({
    unit: fc.constantFrom(...'0123456789abcdef'),
    minLength: length,
    maxLength: length,
  });

const almostTraceparent = fc
  .tuple(
    fc.oneof(fc.constantFrom('00', '01', 'ff', 'FF'), hex(2)),
    fc.oneof(hex(32), fc.constant('0'.repeat(32)), hex(31)),
    fc.oneof(hex(16), fc.constant('0'.repeat(16)), hex(17)),
    fc.oneof(fc.constantFrom('00', '01'), hex(2), fc.constant('0')),
    fc.constantFrom('', '-more', '-', 'x', ' '),
  )
  .map(([version, traceId, spanId, flags, rest]) =>
    [version, traceId, spanId, flags].join('-').concat(rest),
  );

describe('traceparent', () => {
  it('is read as OpenTelemetry reads it', () => {
    const theirs = new W3CTraceContextPropagator();
    fc.assert(
      fc.property(almostTraceparent, (traceparent) => {
        const context = theirs.extract(
          ROOT_CONTEXT,
          { traceparent },
          defaultTextMapGetter,
        );
        const expected = trace.getSpanContext(context);
        const read = parseTraceparent(traceparent);
        expect(read === undefined).toBe(expected === undefined);
        expect(read?.traceId).toBe(expected?.traceId);
        expect(read?.spanId).toBe(expected?.spanId);
        expect(read && read.traceFlags & 1).toBe(
          expected && expected.traceFlags & 1,
        );
      }),
    );
  });

  it('comes back as it was written', () => {
    fc.assert(
      fc.property(
        hex(32),
        hex(16),
        fc.boolean(),
        (traceId, spanId, isSampled) => {
          fc.pre(!/^0+$/.test(traceId) && !/^0+$/.test(spanId));
          const traceFlags = isSampled ? 1 : 0;
          const text = formatTraceparent({ traceId, spanId, traceFlags });
          expect(parseTraceparent(text)).toEqual({
            traceId,
            spanId,
            traceFlags,
            isRemote: true,
          });
        },
      ),
    );
  });

  it('brings its tracestate along', () => {
    const read = parseTraceparent(
      `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`,
      'vendor=1,other=2',
    );
    expect(read?.traceState?.serialize()).toBe('vendor=1,other=2');
  });
});

describe('baggage', () => {
  const entries = fc.dictionary(
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }),
    fc.string({ unit: 'grapheme', maxLength: 40 }),
    { maxKeys: 10 },
  );

  it('comes back as it was written', () => {
    fc.assert(
      fc.property(entries, (given) => {
        const pairs = Object.entries(given);
        expect(parseBaggage(formatBaggage(pairs))).toEqual(new Map(pairs));
      }),
    );
  });

  it('is read by OpenTelemetry, and theirs is read here', () => {
    const theirs = new W3CBaggagePropagator();
    const words = fc.dictionary(
      fc.stringMatching(/^[a-z][a-z_]{0,11}$/),
      fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 40 }),
      { maxKeys: 10 },
    );
    fc.assert(
      fc.property(words, (given) => {
        const pairs = Object.entries(given).map(
          ([key, value]) => [key, `v${value}v`] as const,
        );
        const carrier: Record<string, string> = {};
        const baggage = propagation.createBaggage(
          Object.fromEntries(pairs.map(([key, value]) => [key, { value }])),
        );
        const context = propagation.setBaggage(ROOT_CONTEXT, baggage);
        theirs.inject(context, carrier, defaultTextMapSetter);
        expect(parseBaggage(carrier['baggage'] ?? '')).toEqual(new Map(pairs));
        const read = propagation.getBaggage(
          theirs.extract(
            ROOT_CONTEXT,
            { baggage: formatBaggage(pairs) },
            defaultTextMapGetter,
          ),
        );
        const texts = (read?.getAllEntries() ?? []).map(
          ([key, { value }]) => [key, value] as const,
        );
        expect(new Map(texts)).toEqual(new Map(pairs));
      }),
    );
  });

  it('stays within what everybody lets pass', () => {
    const many = Array.from({ length: 300 }, (_, i) => [`k${i}`, 'x'] as const);
    expect(formatBaggage(many).split(',')).toHaveLength(180);
    const long = Array.from(
      { length: 20 },
      (_, i) => [`k${i}`, 'x'.repeat(1_000)] as const,
    );
    expect(formatBaggage(long).length).toBeLessThanOrEqual(8_192);
  });

  it('loses only what is malformed', () => {
    expect(parseBaggage('a=1;ttl=2, b = %20 ,c,=d,e=%zz,f=')).toEqual(
      new Map([
        ['a', '1'],
        ['b', ' '],
        ['f', ''],
      ]),
    );
  });

  it('reads anything without throwing', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(parseBaggage(text)).toBeInstanceOf(Map);
      }),
    );
  });
});
