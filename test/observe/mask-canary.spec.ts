/**
 * A canary in every place where data can enter, and a mask that replaces it: the
 * bytes on the wire hold it nowhere. Langfuse's own SDK masks input, output and
 * what is called exactly "metadata"; the rest of these places it sends as it is.
 */
import {
  Body,
  Controller,
  Injectable,
  Param,
  Post,
  Query,
  UseInterceptors,
} from '@nestjs/common';
import {
  createTraceState,
  type Span,
  SpanStatusCode,
  TraceFlags,
} from '@opentelemetry/api';
import { BasicTracerProvider } from '@opentelemetry/sdk-trace-base';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  LangfuseInterceptor,
  LangfuseModule,
  type LangfuseService,
  LangfuseSpanProcessor,
  Trace,
} from '../../lib/index.js';
import {
  keysFor,
  startApplication,
  startHttpApplication,
  startSendingTo,
} from '../support/application.js';
import { RecordingServer } from '../support/recording-server.js';
import { CANARY, canaryError, MASKS, OPTIONS, sentText } from './canary.js';

const TRACE_ID = '0af7651916cd43dd8448eb211c80319c';
const REMOTE = {
  traceId: TRACE_ID,
  spanId: 'b7ad6b7169203331',
  traceFlags: TraceFlags.SAMPLED,
  isRemote: true,
  traceState: createTraceState(`vendor=${CANARY}`),
};

/** What an untyped caller gives. */
const untyped = <T>(value: unknown): T => value as T;

function record(
  langfuse: LangfuseService,
  attributes: Parameters<LangfuseService['startObservation']>[1],
): void {
  langfuse.startObservation('observation', attributes).end();
}

function recordGeneration(
  langfuse: LangfuseService,
  attributes: Record<string, unknown>,
): void {
  langfuse
    .startObservation('generation', untyped(attributes), {
      asType: 'generation',
    })
    .end();
}

function withSpan(langfuse: LangfuseService, use: (span: Span) => void): void {
  const span = langfuse.getTracer().startSpan('span');
  use(span);
  span.end();
}

const PLACES: Readonly<Record<string, (langfuse: LangfuseService) => unknown>> =
  {
    'the input': (l) => record(l, { input: `my ${CANARY}` }),
    'the output, deep inside': (l) =>
      record(l, { output: { a: [{ b: new Map([[CANARY, CANARY]]) }] } }),
    'the name of an observation': (l) => l.startObservation(CANARY).end(),
    'the name of a trace without a name, on its children': (l) =>
      l.startActiveObservation(CANARY, () => record(l, {})),
    'a metadata value (the official SDK leaks it)': (l) =>
      record(l, { metadata: { key: CANARY } }),
    'a metadata key (the official SDK leaks it)': (l) =>
      record(l, { metadata: { [CANARY]: 1, [`${CANARY}2`]: 2 } }),
    'metadata that is no object': (l) => record(l, { metadata: CANARY }),
    'the status message (the official SDK leaks it)': (l) =>
      record(l, { level: 'ERROR', statusMessage: CANARY }),
    'the version': (l) => record(l, { version: CANARY }),
    'a level that is none': (l) => record(l, { level: untyped(CANARY) }),
    'model, parameters and prompt': (l) =>
      recordGeneration(l, {
        model: CANARY,
        modelParameters: { [CANARY]: CANARY },
        prompt: { name: CANARY, version: 1 },
      }),
    'keys of usage and cost': (l) =>
      recordGeneration(l, {
        usageDetails: { [CANARY]: 1 },
        costDetails: { [CANARY]: 0.1 },
      }),
    'usage, a prompt and a time that are refused': (l) =>
      recordGeneration(l, {
        usageDetails: { [CANARY]: CANARY },
        prompt: { name: CANARY },
        completionStartTime: CANARY,
      }),
    'a later update': (l) =>
      l.startActiveObservation('outer', () => {
        l.updateActiveObservation({ output: CANARY });
        l.startObservation('inner')
          .update({ metadata: [CANARY] })
          .end();
      }),
    'an error that a function throws': (l) => {
      expect(() =>
        l.startActiveObservation('failing', () => {
          throw canaryError();
        }),
      ).toThrow(CANARY);
    },
    'user, session, tags, trace name, metadata, version, environment': (l) =>
      l.propagateAttributes(
        {
          userId: CANARY,
          sessionId: CANARY,
          tags: ['first', CANARY],
          traceName: CANARY,
          metadata: { [CANARY]: CANARY },
          version: CANARY,
          environment: CANARY,
        },
        () => l.startActiveObservation('root', () => record(l, {})),
      ),
    'attributes that a child becomes to know, on its ancestors': (l) =>
      l.startActiveObservation('root', () =>
        l.propagateAttributes({ userId: CANARY }, () => record(l, {})),
      ),
    'the trace state of a remote parent': (l) =>
      l.startObservation('child', {}, { parentSpanContext: REMOTE }).end(),
    'attributes of third parties (the official SDK leaks them)': (l) =>
      withSpan(l, (span) => {
        span.setAttribute('gen_ai.prompt', CANARY);
        span.setAttribute('list', ['a', CANARY]);
        span.setAttribute(`key.${CANARY}`, true);
        span.setAttribute('langfuse.observation.type', CANARY);
        span.setAttribute('langfuse.observation.level', CANARY);
        span.setAttribute('langfuse.environment', CANARY);
      }),
    'events of spans': (l) =>
      withSpan(l, (span) =>
        span.addEvent(CANARY, { [CANARY]: 1, text: CANARY, list: [CANARY] }),
      ),
    'exceptions of spans': (l) =>
      withSpan(l, (span) => span.recordException(canaryError())),
    'links of spans': (l) =>
      withSpan(l, (span) =>
        span.addLink({ context: REMOTE, attributes: { [CANARY]: CANARY } }),
      ),
    'name and status of spans': (l) =>
      withSpan(l, (span) => {
        span.updateName(CANARY);
        span.setStatus({ code: SpanStatusCode.ERROR, message: CANARY });
      }),
    'all texts of a score': (l) =>
      l.createScore({
        traceId: TRACE_ID,
        name: CANARY,
        value: CANARY,
        comment: CANARY,
        metadata: { [CANARY]: [CANARY] },
        environment: CANARY,
      }),
    'ids of a score that the application chose': (l) =>
      l.createScore({
        id: CANARY,
        traceId: CANARY,
        observationId: CANARY,
        configId: CANARY,
        name: 'score',
        value: 1,
      }),
    'a session of a score': (l) =>
      l.createScore({ sessionId: CANARY, name: 'score', value: 1 }),
    'a dataset run of a score': (l) =>
      l.createScore({ datasetRunId: CANARY, name: 'score', value: true }),
    'a score of what is active': (l) =>
      l.startActiveObservation('scored', () => {
        l.scoreActiveObservation({ name: 'a', value: 1, comment: CANARY });
        l.scoreActiveTrace({ name: 'b', value: CANARY, dataType: 'TEXT' });
      }),
  };

describe.each(Object.entries(MASKS))('a canary and a %s mask:', (_, mask) => {
  it.each(Object.entries(PLACES))('%s', async (_place, put) => {
    const server = await RecordingServer.start();
    const { langfuse } = await startSendingTo(server, { ...OPTIONS, mask });
    await put(langfuse);
    const { delivered, pending } = await langfuse.flush();
    expect(delivered).toBeGreaterThan(0);
    expect(pending).toBe(0);
    expect(sentText(server)).toContain('***');
    expect(sentText(server)).not.toContain(CANARY);
  });

  it('arguments, results and errors of @Trace()', async () => {
    @Injectable()
    class Service {
      @Trace()
      answer(question: { readonly text: string }) {
        return { answer: question.text, key: new Map([[CANARY, 1]]) };
      }

      @Trace({ name: CANARY, asType: 'tool' })
      async fail(...texts: string[]): Promise<void> {
        await Promise.resolve(texts);
        throw canaryError();
      }
    }
    const server = await RecordingServer.start();
    const { app, langfuse } = await startApplication({
      imports: [
        LangfuseModule.forRoot({ ...keysFor(server), ...OPTIONS, mask }),
      ],
      providers: [Service],
    });
    const service = app.get(Service);
    expect(service.answer({ text: CANARY })).toMatchObject({ answer: CANARY });
    await expect(service.fail('a', CANARY)).rejects.toThrow(CANARY);
    expect((await langfuse.flush()).delivered).toBe(2);
    expect(sentText(server)).toContain('***');
    expect(sentText(server)).not.toContain(CANARY);
  });

  it('route, query and body of a request, its response and its error', async () => {
    @Controller(CANARY)
    @UseInterceptors(LangfuseInterceptor)
    class Chat {
      @Post(':id')
      chat(
        @Param('id') id: string,
        @Query('user') user: string,
        @Body() body: object,
      ) {
        if (id === 'fail') throw canaryError();
        return { id, user, body };
      }
    }
    const server = await RecordingServer.start();
    const { app, langfuse } = await startHttpApplication({
      imports: [
        LangfuseModule.forRoot({ ...keysFor(server), ...OPTIONS, mask }),
      ],
      controllers: [Chat],
    });
    const post = async (path: string) => {
      const response = await fetch(`${await app.getUrl()}/${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ [CANARY]: CANARY }),
      });
      return response.text();
    };
    expect(await post(`${CANARY}/${CANARY}?user=${CANARY}`)).toContain(CANARY);
    await post(`${CANARY}/fail`);
    await expect
      .poll(async () => {
        await langfuse.flush();
        return sentText(server).match(/POST \/\*\*\*/g)?.length ?? 0;
      })
      .toBeGreaterThanOrEqual(2);
    expect(sentText(server)).not.toContain(CANARY);
  });

  it('spans of another SDK, through the span processor', async () => {
    const server = await RecordingServer.start();
    const processor = new LangfuseSpanProcessor({
      ...keysFor(server),
      ...OPTIONS,
      shutdownTimeoutMs: 5_000,
      mask,
    });
    const provider = new BasicTracerProvider({ spanProcessors: [processor] });
    const span = provider.getTracer('langfuse-sdk').startSpan(CANARY);
    span.setAttribute('gen_ai.prompt', CANARY);
    span.setAttribute(`key.${CANARY}`, [CANARY]);
    span.addEvent(CANARY, { [CANARY]: CANARY });
    span.addLink({ context: REMOTE, attributes: { [CANARY]: CANARY } });
    span.setStatus({ code: SpanStatusCode.ERROR, message: CANARY });
    span.end();
    await provider.shutdown();
    expect(sentText(server)).toContain('***');
    expect(sentText(server)).not.toContain(CANARY);
  });

  it('anywhere in a random structure, which stays as it is', async () => {
    const server = await RecordingServer.start();
    const { langfuse } = await startSendingTo(server, { ...OPTIONS, mask });
    const text = fc
      .tuple(fc.string(), fc.constant(CANARY), fc.string())
      .map((parts) => parts.join(''));
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { depthSize: 'small', withCrossShrink: true },
        text,
        fc.array(tie('tree'), { maxLength: 4 }),
        fc.dictionary(text, tie('tree'), { maxKeys: 4 }),
        fc.uniqueArray(text).map((keys) => new Set(keys)),
      ),
    }));
    const place = fc.constantFrom('input', 'output', 'metadata', 'score');
    await fc.assert(
      fc.asyncProperty(tree, place, async (value, where) => {
        const before = structuredClone(value);
        if (where === 'score') {
          const subject = { traceId: TRACE_ID, name: 'score', value: 1 };
          langfuse.createScore({ ...subject, metadata: value });
        } else {
          record(langfuse, { [where]: value });
        }
        await langfuse.flush();
        expect(value).toEqual(before);
        expect(sentText(server)).not.toContain(CANARY);
        server.requests.length = 0;
      }),
      { numRuns: 100 },
    );
  });
});

describe('the test itself', () => {
  it.each(Object.entries(PLACES))(
    'notices without a mask %s',
    async (_, put) => {
      const server = await RecordingServer.start();
      const { langfuse } = await startSendingTo(server, {
        compression: 'none',
      });
      await put(langfuse);
      await langfuse.flush();
      expect(sentText(server)).toContain(CANARY);
    },
  );
});
