import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import type { ReadableSpan as SdkSpan } from '@opentelemetry/sdk-trace-base';
import { describe, expect, expectTypeOf, it, onTestFinished } from 'vitest';
import type {
  LangfuseModuleOptions,
  ReadableSpan,
  ShouldExportSpan,
} from '../../lib/index.js';
import { CollectingService } from '../support/collecting-service.js';
import { attributesOf } from '../support/otlp.js';

const INPUT = 'langfuse.observation.input';
const IS_APP_ROOT = 'langfuse.internal.is_app_root';

function setUp(shouldExportSpan: ShouldExportSpan) {
  const service = new CollectingService({ shouldExportSpan });
  onTestFinished(() => service.close());
  const namesSent = async () =>
    (await service.collect()).spans.map(({ name }) => name);
  return { service, langfuse: service.langfuse, namesSent };
}

const withoutHealth: ShouldExportSpan = ({ otelSpan }) =>
  otelSpan.name !== 'health';

describe('shouldExportSpan', () => {
  it('leaves out what it says, and the books know nothing of it', async () => {
    const { service, langfuse, namesSent } = setUp(withoutHealth);
    for (const name of ['health', 'chat', 'health']) {
      langfuse.startObservation(name).end();
    }
    expect(await namesSent()).toEqual(['chat']);
    expect(service.stats).toMatchObject({ enqueued: 1, dropped: {} });
  });

  it('sees a span as the OpenTelemetry SDK shows it', () => {
    const seen: ReadableSpan[] = [];
    const { langfuse } = setUp(({ otelSpan }) => {
      if (otelSpan.ended) seen.push(otelSpan);
      return true;
    });
    const parentSpanContext = {
      traceId: '0af7651916cd43dd8448eb211c80319c',
      spanId: 'b7ad6b7169203331',
      traceFlags: 1,
      isRemote: true,
    };
    const startTime = new Date('2026-01-01T00:00:01.900Z');
    langfuse.propagateAttributes({ userId: 'ann', tags: ['a'] }, () => {
      const observation = langfuse.startObservation(
        'ask',
        { input: { question: 'why' } },
        { asType: 'generation', parentSpanContext, startTime },
      );
      observation.otelSpan
        .addEvent('event', { list: [1, 2] })
        .addLink({ context: parentSpanContext, attributes: { why: 'so' } })
        .setStatus({ code: SpanStatusCode.ERROR, message: 'failed' });
      observation.end(new Date('2026-01-01T00:00:03.100Z'));
    });
    const [span] = seen;
    const [seconds] = span!.startTime;
    expect(span).toMatchObject({
      name: 'ask',
      kind: SpanKind.INTERNAL,
      parentSpanContext,
      startTime: [seconds, 900_000_000],
      endTime: [seconds + 2, 100_000_000],
      duration: [1, 200_000_000],
      status: { code: SpanStatusCode.ERROR, message: 'failed' },
      attributes: {
        'langfuse.observation.type': 'generation',
        'langfuse.observation.input': '{"question":"why"}',
        'user.id': 'ann',
        'langfuse.trace.tags': ['a'],
      },
      events: [{ name: 'event', attributes: { list: [1, 2] } }],
      links: [{ context: parentSpanContext, attributes: { why: 'so' } }],
      resource: { attributes: { 'service.name': 'test' } },
      instrumentationScope: { name: 'langfuse-sdk/test', version: '0' },
      droppedAttributesCount: 0,
    });
    expect(span!.spanContext()).toMatchObject({
      traceId: parentSpanContext.traceId,
      spanId: expect.stringMatching(/^[0-9a-f]{16}$/),
      traceFlags: 1,
    });
  });

  it('cannot change what is sent', async () => {
    const { service, langfuse } = setUp(({ otelSpan }) => {
      Object.assign(otelSpan, { name: 'changed' });
      otelSpan.attributes['langfuse.observation.input'] = 'changed';
      (otelSpan.attributes['list'] as string[]).push('changed');
      return true;
    });
    const observation = langfuse.startObservation('ask', { input: 'why' });
    observation.otelSpan.setAttribute('list', ['a']);
    observation.end();
    const { spans } = await service.collect();
    expect(spans[0]!.name).toBe('ask');
    expect(attributesOf(spans[0]!.attributes)).toMatchObject({
      'langfuse.observation.input': 'why',
      list: ['a'],
    });
  });

  it('keeps a view that was kept as it was', () => {
    const kept: ReadableSpan[] = [];
    const { langfuse } = setUp(({ otelSpan }) => kept.push(otelSpan) > 0);
    langfuse.startObservation('ask', { input: 'why' }).end();
    expect(kept[0]!.attributes).toMatchObject({
      'langfuse.observation.input': 'why',
    });
  });

  it('leaves a span in when it throws, and that is told once', async () => {
    const { service, langfuse, namesSent } = setUp(() => {
      throw new Error('no such field');
    });
    for (const name of ['a', 'b']) langfuse.startObservation(name).end();
    expect(await namesSent()).toEqual(['a', 'b']);
    expect(service.warnings).toEqual([
      'shouldExportSpan threw no such field: what it throws for is sent.',
    ]);
  });

  it.each([[undefined], [null], [0], ['']])(
    'leaves a span in when it returns %j',
    async (answer) => {
      const filter = (() => answer) as unknown as ShouldExportSpan;
      const { langfuse, namesSent } = setUp(filter);
      langfuse.startObservation('ask').end();
      expect(await namesSent()).toEqual(['ask']);
    },
  );

  it('makes the children of what it leaves out beginnings of the trace', async () => {
    const { service, langfuse } = setUp(
      ({ otelSpan }) => otelSpan.attributes[INPUT] !== 'health',
    );
    langfuse.startActiveObservation('left out', (health) => {
      health.update({ input: 'health' });
      langfuse.startActiveObservation('child', () =>
        langfuse.startObservation('grandchild').end(),
      );
      health.end();
      health.startObservation('late child').end();
    });
    const { spans } = await service.collect();
    const isAppRoot = Object.fromEntries(
      spans.map(({ name, attributes }) => [
        name,
        attributesOf(attributes)[IS_APP_ROOT],
      ]),
    );
    expect(isAppRoot).toEqual({
      grandchild: undefined,
      child: true,
      'late child': true,
    });
  });

  it('takes functions that are written for the types of the SDK', () => {
    const forSdk = ({ otelSpan }: { otelSpan: SdkSpan }) =>
      otelSpan.duration[0] < 1;
    expectTypeOf(forSdk).toExtend<
      NonNullable<LangfuseModuleOptions['shouldExportSpan']>
    >();
    expectTypeOf<SdkSpan>().toExtend<ReadableSpan>();
  });
});
