/** OpenTelemetry's globals, with and without `registerGlobally`. */
import { context, propagation, trace } from '@opentelemetry/api';
import { BasicTracerProvider } from '@opentelemetry/sdk-trace-base';
import { getLangfuseTracerProvider } from '@langfuse/tracing';
import { afterEach, describe, expect, test } from 'vitest';
import { startInterop } from './interop-application.js';

afterEach(() => {
  trace.disable();
  context.disable();
  propagation.disable();
});

/** What a library sees that looks for the globals. */
function globals() {
  const span = trace.getTracer('library').startSpan('probe');
  const carrier: Record<string, string> = {};
  const active = trace.setSpan(context.active(), span);
  propagation.inject(active, carrier);
  return {
    records: span.isRecording(),
    keepsContext: context.with(active, () => context.active() === active),
    propagates: 'traceparent' in carrier,
  };
}

const NONE = { records: false, keepsContext: false, propagates: false };
const ALL = { records: true, keepsContext: true, propagates: true };

describe('the globals of OpenTelemetry', () => {
  test('are left alone by default', async () => {
    await startInterop();
    expect(globals()).toEqual(NONE);
  });

  test('are ours with registerGlobally, until the application closes', async () => {
    const { close } = await startInterop({ registerGlobally: true });
    expect(globals()).toEqual(ALL);
    await close();
    expect(globals()).toEqual(NONE);
  });

  test('are left alone while tracing is off', async () => {
    const { langfuse } = await startInterop({
      registerGlobally: true,
      enabled: false,
    });
    expect(globals()).toEqual(NONE);
    const ours = langfuse.getTracer('a');
    expect(getLangfuseTracerProvider().getTracer('a')).not.toBe(ours);
  });

  test('stay those of another provider, and a warning tells', async () => {
    const foreign = new BasicTracerProvider();
    trace.setGlobalTracerProvider(foreign);
    const { log, close } = await startInterop({ registerGlobally: true });
    expect(log.lines).toEqual([
      expect.stringContaining('warn: registerGlobally: true has no effect'),
    ]);
    const tracer = foreign.getTracer('library');
    expect(trace.getTracerProvider().getTracer('library')).toBe(tracer);
    expect(globals()).toEqual({ ...NONE, records: true });
    await close();
    expect(trace.getTracerProvider().getTracer('library')).toBe(tracer);
  });

  test('belong to the first application of a process', async () => {
    const first = await startInterop({ registerGlobally: true });
    const second = await startInterop({ registerGlobally: true });
    const tracerOf = () => getLangfuseTracerProvider().getTracer('a');
    expect(second.log.lines).toHaveLength(1);
    expect(tracerOf()).toBe(first.langfuse.getTracer('a'));
    await second.close();
    expect(tracerOf()).toBe(first.langfuse.getTracer('a'));
    expect(globals()).toEqual(ALL);
  });
});

describe('libraries that found the global provider', () => {
  const library = () => trace.getTracer('pg');

  test('are left out unless they are about language models', async () => {
    const { call, observations, langfuse } = await startInterop({
      registerGlobally: true,
    });
    call(() =>
      library().startActiveSpan('query', (query) => {
        langfuse.startObservation('ours').end();
        const attributes = { 'gen_ai.operation.name': 'chat' };
        library().startSpan('chat', { attributes }).end();
        query.end();
      }),
    );
    langfuse.getTracer('given').startSpan('by a given tracer').end();
    const all = await observations();
    expect(all.map(({ name }) => name).toSorted()).toEqual(
      ['by a given tracer', 'caller', 'chat', 'ours'].toSorted(),
    );
    // Their parent is not sent: this is where the rest of the trace begins.
    for (const { name, isRootObservation } of all) {
      expect([name, isRootObservation]).toEqual([name, true]);
    }
    expect(new Set(all.map(({ traceId }) => traceId)).size).toBe(2);
  });

  test('are sent with the others where shouldExportSpan says so', async () => {
    const { call, tree } = await startInterop({
      registerGlobally: true,
      shouldExportSpan: ({ otelSpan }) =>
        otelSpan.instrumentationScope.name !== 'noise',
    });
    call(() => {
      library().startSpan('query').end();
      trace.getTracer('noise').startSpan('tick').end();
    });
    expect(await tree()).toEqual(['SPAN caller', '  SPAN query']);
  });

  test('continue the trace of a request, and hand it on', async () => {
    const { observation } = await startInterop({ registerGlobally: true });
    const traceparent =
      '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const incoming = { traceparent, tracestate: 'a=1' };
    const parent = propagation.extract(context.active(), incoming);
    const outgoing: Record<string, string> = {};
    trace.getTracer('ai').startActiveSpan('answer', {}, parent, (span) => {
      propagation.inject(context.active(), outgoing);
      span.end();
    });
    const { id, traceId, isRootObservation } = await observation('answer');
    expect(isRootObservation).toBe(true);
    expect(outgoing).toEqual({
      traceparent: `00-${traceId}-${id}-01`,
      tracestate: 'a=1',
    });
    expect(traceparent).toContain(traceId);
  });
});
