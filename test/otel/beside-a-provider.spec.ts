/**
 * Beside a global provider as Sentry registers one: with a sampler, processor,
 * context manager and propagator of its own. All that these are asked and told
 * is the same with our module on and off, and all that is ours arrives.
 */
import { Injectable } from '@nestjs/common';
import { context, propagation, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import {
  BasicTracerProvider,
  type ReadableSpan,
  type Sampler,
  SamplingDecision,
} from '@opentelemetry/sdk-trace-base';
import { afterEach, describe, expect, it } from 'vitest';
import { LangfuseService, Trace } from '../../lib/index.js';
import { TracedApplication } from '../support/traced-application.js';

/** Everything that the other side gets to know, in order. */
type Protocol = unknown[];

function register(decision: SamplingDecision): Protocol {
  const protocol: Protocol = [];
  let spans = 0;
  let traces = 0;
  const sampler: Sampler = {
    shouldSample(parent, traceId, name, kind, attributes, links) {
      const above = trace.getSpanContext(parent);
      protocol.push({ asked: name, traceId, above, kind, attributes, links });
      return { decision };
    },
    toString: () => 'Sentry-style',
  };
  const told = (what: string) => (span: ReadableSpan) =>
    protocol.push({
      [what]: span.name,
      context: span.spanContext(),
      parent: span.parentSpanContext,
      attributes: { ...span.attributes },
      events: span.events.map(({ name }) => name),
    });
  trace.setGlobalTracerProvider(
    new BasicTracerProvider({
      sampler,
      idGenerator: {
        generateTraceId: () => `${++traces}`.padStart(32, '0'),
        generateSpanId: () => `${++spans}`.padStart(16, '0'),
      },
      spanProcessors: [
        {
          onStart: told('started'),
          onEnd: told('ended'),
          forceFlush: async () => {},
          shutdown: async () => {},
        },
      ],
    }),
  );
  context.setGlobalContextManager(
    new AsyncLocalStorageContextManager().enable(),
  );
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  return protocol;
}

function unregister(): void {
  trace.disable();
  context.disable();
  propagation.disable();
}

afterEach(unregister);

/** Spans of the application's own instrumentation. */
function foreign<R>(name: string, fn: () => R): R {
  return trace.getTracer('app').startActiveSpan(name, (span) => {
    try {
      return fn();
    } finally {
      span.addEvent('end');
      span.end();
    }
  });
}

@Injectable()
class Shop {
  constructor(private readonly langfuse: LangfuseService) {}

  @Trace()
  checkout(): unknown {
    foreign('query', () => undefined);
    return this.langfuse.startActiveObservation('summary', () =>
      foreign('request', () => {
        const headers = {};
        propagation.inject(context.active(), headers);
        this.pay();
        return { headers, active: trace.getActiveSpan()?.spanContext() };
      }),
    );
  }

  @Trace({ asType: 'tool' })
  pay(): void {
    foreign('insert', () => undefined);
  }
}

async function run(decision: SamplingDecision, enabled: boolean) {
  const protocol = register(decision);
  const traced = await TracedApplication.start({
    providers: [Shop],
    langfuse: { enabled },
  });
  const returned = [
    foreign('GET /', () => traced.get(Shop).checkout()),
    traced.get(Shop).checkout(),
  ];
  const names = (await traced.observations()).map(({ name }) => name);
  await traced.close();
  unregister();
  return { otherSide: { protocol, returned }, names: names.toSorted() };
}

describe.each([
  ['nothing', SamplingDecision.NOT_RECORD],
  ['nothing, but records', SamplingDecision.RECORD],
  ['everything', SamplingDecision.RECORD_AND_SAMPLED],
])('a provider that samples %s', (_what, decision) => {
  it('is asked and told the same with us and without, and we get all', async () => {
    const without = await run(decision, false);
    const beside = await run(decision, true);
    expect(without.names).toEqual([]);
    const each = ['Shop.checkout', 'Shop.pay', 'summary'];
    expect(beside.names).toEqual([...each, ...each].toSorted());
    expect(beside.otherSide).toEqual(without.otherSide);
    const asked = without.otherSide.protocol.filter(
      (entry) => typeof entry === 'object' && 'asked' in entry!,
    );
    expect(asked).toHaveLength(7);
  });
});
