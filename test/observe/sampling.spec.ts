import { INVALID_TRACEID, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import {
  SamplingDecision,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace-base';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { TraceSampler } from '../../lib/observe/index.js';
import { CollectingService } from '../support/collecting-service.js';

const REMOTE_SPAN_ID = 'b7ad6b7169203331';
/** Folds to 0, below any bound but that of a rate of 0. */
const KEPT = '0af76519aaaaaaaa0af76519aaaaaaaa';
/** Folds to 0xffffffff, above any bound but that of a rate of 1. */
const LEFT_OUT = '000000000000000000000000ffffffff';

const hexDigit = fc.constantFrom(...'0123456789abcdef');
const traceIds = fc
  .array(hexDigit, { minLength: 32, maxLength: 32 })
  .map((digits) => digits.join(''))
  .filter((id) => id !== INVALID_TRACEID);

function setUp(sampleRate: number) {
  const service = new CollectingService({ sampleRate });
  onTestFinished(() => service.close());
  return { service, langfuse: service.langfuse };
}

function remote(traceId: string, traceFlags = 1) {
  const spanId = REMOTE_SPAN_ID;
  return { parentSpanContext: { traceId, spanId, traceFlags, isRemote: true } };
}

/** Counts how often it is read. */
function counted() {
  const value = {
    reads: 0,
    get text() {
      value.reads += 1;
      return 'text';
    },
  };
  return value;
}

describe('TraceSampler', () => {
  it('decides as the TraceIdRatioBasedSampler of OpenTelemetry', () => {
    const rates = fc.oneof(
      fc.constantFrom(0, 1, 0.5, 1e-9, 1 - 1e-9),
      fc.double({ min: 0, max: 1, noNaN: true }),
    );
    fc.assert(
      fc.property(traceIds, rates, (traceId, rate) => {
        const theirs = new TraceIdRatioBasedSampler(rate).shouldSample(
          ROOT_CONTEXT,
          traceId,
        );
        expect(new TraceSampler(rate).keeps(traceId)).toBe(
          theirs.decision === SamplingDecision.RECORD_AND_SAMPLED,
        );
      }),
      { numRuns: 1_000 },
    );
  });

  it('has the bounds of OpenTelemetry, to the bit', () => {
    const rate = 0.5;
    const at = (word: string) => `${'1'.repeat(16)}${'0'.repeat(8)}${word}`;
    for (const id of [at('7ffffffe'), at('7fffffff'), at('80000000')]) {
      const { decision } = new TraceIdRatioBasedSampler(rate).shouldSample(
        ROOT_CONTEXT,
        id,
      );
      expect(new TraceSampler(rate).keeps(id)).toBe(
        decision === SamplingDecision.RECORD_AND_SAMPLED,
      );
    }
    expect(new TraceSampler(rate).keeps(at('7ffffffe'))).toBe(true);
  });

  it('keeps about the share of traces that the rate says', () => {
    const { langfuse } = setUp(1);
    const sampler = new TraceSampler(0.3);
    let kept = 0;
    for (let i = 0; i < 10_000; i++) {
      if (sampler.keeps(langfuse.createTraceId())) kept += 1;
    }
    expect(kept).toBeGreaterThan(2_700);
    expect(kept).toBeLessThan(3_300);
  });
});

describe('sampleRate', () => {
  it('lets all observations and scores of a trace share its fate', async () => {
    const { service, langfuse } = setUp(0.5);
    for (let i = 0; i < 100; i++) {
      langfuse.startActiveObservation('root', (root) => {
        langfuse.scoreActiveTrace({ name: 'trace', value: 1 });
        langfuse.startActiveObservation('child', () => {
          langfuse.scoreActiveObservation({ name: 'child', value: 1 });
          langfuse.getTracer().startSpan('grandchild').end();
        });
        root.startObservation('late child').end();
      });
    }
    const { spans, scores } = await service.collect();
    const sampler = new TraceSampler(0.5);
    const counts = new Map<string, number>();
    for (const traceId of [
      ...spans.map((span) => span.traceId),
      ...scores.map(({ body }) => String(body['traceId'])),
    ]) {
      expect(sampler.keeps(traceId)).toBe(true);
      counts.set(traceId, (counts.get(traceId) ?? 0) + 1);
    }
    expect(counts.size).toBeGreaterThan(10);
    expect(counts.size).toBeLessThan(90);
    expect(new Set(counts.values())).toEqual(new Set([6]));
  });

  it('goes by the id of a trace that another service started, not by its flags', async () => {
    const { service, langfuse } = setUp(0.5);
    langfuse.startObservation('kept', {}, remote(KEPT, 0)).end();
    langfuse.startObservation('left out', {}, remote(LEFT_OUT, 1)).end();
    const { spans } = await service.collect();
    expect(spans.map(({ name }) => name)).toEqual(['kept']);
  });

  it('leaves ids and context of a trace that is left out as they are', () => {
    const { langfuse } = setUp(0);
    langfuse.startActiveObservation('root', (root) => {
      expect(root.traceId).toMatch(/^[0-9a-f]{32}$/);
      expect(langfuse.getActiveTraceId()).toBe(root.traceId);
      expect(langfuse.getActiveObservationId()).toBe(root.id);
      const child = langfuse.startObservation('child');
      expect(child.traceId).toBe(root.traceId);
      expect(child.id).not.toBe(root.id);
      expect(child.otelSpan.isRecording()).toBe(false);
      expect(child.otelSpan.spanContext().traceFlags).toBe(0);
      const span = langfuse
        .getTracer()
        .startSpan(
          'of a given context',
          {},
          trace.setSpan(ROOT_CONTEXT, child.otelSpan),
        );
      expect(span.spanContext().traceId).toBe(root.traceId);
    });
  });

  it('captures nothing of a trace that is left out', async () => {
    const { service, langfuse } = setUp(0);
    const value = counted();
    langfuse.startActiveObservation('root', (root) => {
      root.update({ input: value, metadata: { value } });
      langfuse.updateActiveObservation({ output: value });
      langfuse.startObservation('child', { input: value }).end();
      langfuse.propagateAttributes({ userId: 'ann' }, () =>
        langfuse.startObservation('event', {}, { asType: 'event' }),
      );
      root.fail(new Error('failed'));
    });
    expect(await service.collect()).toEqual({ spans: [], scores: [] });
    expect(value.reads).toBe(0);
    expect(service.stats).toMatchObject({ enqueued: 0, dropped: {} });
  });

  it('does not end again at shutdown what was left out', async () => {
    const { service, langfuse } = setUp(0);
    langfuse.startObservation('open');
    service.recorder.endOpen('shutdown');
    expect((await service.collect()).spans).toEqual([]);
  });

  it('leaves out scores of traces alone, without an id and uncounted', async () => {
    const { service, langfuse } = setUp(0.5);
    const score = { name: 'score', value: 1 };
    const ids = [
      langfuse.createScore({ ...score, traceId: LEFT_OUT }),
      langfuse.createScore({ ...score, traceId: KEPT }),
      langfuse.createScore({ ...score, traceId: 'an id of the application' }),
      langfuse.createScore({ ...score, sessionId: LEFT_OUT }),
      langfuse.createScore({ ...score, datasetRunId: LEFT_OUT }),
    ];
    const { scores } = await service.collect();
    expect(ids[0]).toBeUndefined();
    expect(scores.map(({ body }) => body['id'])).toEqual(ids.slice(1));
    expect(service.stats).toMatchObject({ enqueued: 4, dropped: {} });
    expect(service.warnings).toEqual([]);
  });
});
