// An application that is recorded through NodeSDK, with one processor or the
// other. Arguments: official or ours, the folder with the packages, the module
// with our processor, and what is recorded.
import { createRequire } from 'node:module';

const [, , whose, folder, ours, what] = process.argv;
const require = createRequire(`${folder}/`);
const {
  context,
  propagation,
  SpanKind,
  SpanStatusCode,
  trace,
  ROOT_CONTEXT,
} = require('@opentelemetry/api');
const { NodeSDK } = require('@opentelemetry/sdk-node');
const tracing = require('@langfuse/tracing');
const { LangfuseSpanProcessor } =
  whose === 'ours' ? await import(ours) : require('@langfuse/otel');

const options =
  what === 'flood'
    ? { exportMode: 'immediate', flushAt: 1 }
    : { mediaUploadEnabled: false };
const processor = new LangfuseSpanProcessor(options);
const sdk = new NodeSDK({ spanProcessors: [processor] });
sdk.start();

if (what === 'values') {
  const values = {
    map: { a: { b: 1 } },
    mixed: ['a', 1, true],
    bytes: new Uint8Array([1, 2, 3]),
    nothing: null,
  };
  trace.getTracer('ai').startSpan('values', { attributes: values }).end();
} else if (what === 'flood') {
  for (let i = 0; i < 1_000; i++) tracing.startObservation(`span ${i}`).end();
  await processor.forceFlush().catch(() => undefined);
} else {
  await serve();
  work();
  continueTrace();
}
await sdk.shutdown();

/** A request: what is traced of HTTP is filtered, what is below is not. */
async function serve() {
  const http = trace.getTracer('@opentelemetry/instrumentation-http', '1.0.0');
  await http.startActiveSpan('POST /chat', { kind: SpanKind.SERVER }, (span) =>
    tracing
      .propagateAttributes(
        {
          userId: 'ada',
          sessionId: 'session-1',
          tags: ['beta', 'web'],
          metadata: { tenant: 'acme' },
          version: '7',
          traceName: 'chat',
        },
        () => chat(http),
      )
      .finally(() => span.end()),
  );
}

async function chat(http) {
  await tracing.startActiveObservation('chat', async (chain) => {
    chain.update({ input: { question: 'why?' }, metadata: { step: { n: 1 } } });
    const answer = tracing.startObservation(
      'answer',
      {
        input: [{ role: 'user', content: 'why?' }],
        model: 'gpt-5',
        modelParameters: { temperature: 0.2 },
        prompt: { name: 'qa', version: 3, isFallback: false },
      },
      { asType: 'generation' },
    );
    await http.startActiveSpan('POST api.openai.com', async (request) => {
      modelCall();
      tracing.startObservation('below a request', {}, { asType: 'tool' }).end();
      request.end();
    });
    answer.update({
      output: 'because',
      usageDetails: { input: 3, output: 1 },
      level: 'WARNING',
      statusMessage: 'short',
    });
    answer.end();
    await Promise.allSettled([
      tracing.observe(() => Promise.reject(new Error('not found')), {
        name: 'retrieve',
        asType: 'retriever',
      })(),
    ]);
    chain.update({ output: 'because' });
  });
}

/** As the instrumentation of a library records it. */
function modelCall() {
  const tracer = trace.getTracer('my-instrumentation', '0.3.0');
  const span = tracer.startSpan('chat gpt-5', {
    kind: SpanKind.CLIENT,
    attributes: {
      'gen_ai.system': 'openai',
      'gen_ai.request.temperature': 0.2,
      'gen_ai.usage.input_tokens': 3,
      'gen_ai.response.finish_reasons': ['stop', 'length'],
      streaming: true,
    },
    links: [
      {
        context: {
          traceId: 'ab'.repeat(16),
          spanId: 'cd'.repeat(8),
          traceFlags: 1,
        },
        attributes: { reason: 'retry' },
      },
    ],
  });
  span.addEvent('first token', { index: 0 });
  span.recordException(new Error('overloaded'));
  span.setStatus({ code: SpanStatusCode.ERROR, message: 'overloaded' });
  span.end();
}

/** Without a request; one span below an ended one, one left out. */
function work() {
  const ai = trace.getTracer('ai');
  ai.startActiveSpan('ai.generateText', (outer) => {
    ai.startSpan('ai.generateText.doGenerate', {
      attributes: { 'gen_ai.request.model': 'gpt-5' },
    }).end();
    trace.getTracer('pg').startSpan('SELECT').end();
    const ended = trace.setSpan(context.active(), outer);
    outer.end();
    ai.startSpan('after its parent', {}, ended).end();
  });
  tracing.propagateAttributes(
    { userId: 'grace', environment: 'canary', asBaggage: true },
    () => tracing.startObservation('with baggage').end(),
  );
}

/** A trace that another service has begun, and sends to Langfuse itself. */
function continueTrace() {
  const remote = {
    traceId: '0af7651916cd43dd8448eb211c80319c',
    spanId: 'b7ad6b7169203331',
    traceFlags: 1,
    isRemote: true,
  };
  const inRemote = trace.setSpanContext(ROOT_CONTEXT, remote);
  const claimed = propagation.setBaggage(
    inRemote,
    propagation.createBaggage({ langfuse_trace_id: { value: remote.traceId } }),
  );
  for (const [name, of] of [
    ['continued', inRemote],
    ['continued and claimed', claimed],
  ]) {
    context.with(of, () => tracing.startObservation(name).end());
  }
}
