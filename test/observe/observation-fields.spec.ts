/** Every field that can be given comes back from the server as it was given. */
import { Injectable } from '@nestjs/common';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LangfuseService, Trace } from '../../lib/index.js';
import { OBSERVATION_TYPES } from '../../lib/wire/index.js';
import { TracedApplication } from '../support/traced-application.js';

@Injectable()
class Librarian {
  constructor(private readonly langfuse: LangfuseService) {}

  @Trace({ name: 'find', asType: 'retriever' })
  find(question: string, options: { readonly limit: number }): object {
    this.langfuse.updateActiveObservation({
      metadata: { question, ...options },
      level: 'WARNING',
      statusMessage: 'nothing found',
      version: 'index-7',
    });
    return { passages: [] };
  }
}

/** What a trace says of all its observations. */
const trace = {
  userId: 'ada',
  sessionId: 'session-1',
  traceName: 'support',
  tags: ['beta', 'eu'],
  metadata: { tenant: 'acme' },
  version: '2.1.0',
  environment: 'staging',
};
const traceAsRead = {
  userId: 'ada',
  sessionId: 'session-1',
  traceName: 'support',
  tags: ['beta', 'eu'],
  version: '2.1.0',
  environment: 'staging',
  release: 'abc123',
  public: false,
  ingestionSdkName: 'nestjs-langfuse',
};

const startTime = new Date('2026-03-01T10:00:00.123Z');
const completionStartTime = new Date('2026-03-01T10:00:00.623Z');
const endTime = new Date('2026-03-01T10:00:02.123Z');

describe('what is said of an observation', () => {
  let traced: TracedApplication;
  let langfuse: LangfuseService;

  beforeAll(async () => {
    traced = await TracedApplication.start({
      providers: [Librarian],
      langfuse: { release: 'abc123' },
    });
    langfuse = traced.langfuse;
  });
  afterAll(() => traced.close());

  it('is read back of a generation, field by field', async () => {
    const messages = [{ role: 'user', content: 'Größe? 🐢' }];
    const generation = langfuse.propagateAttributes(trace, () =>
      langfuse.startObservation<'generation'>(
        'answer',
        {
          input: messages,
          output: { role: 'assistant', content: 'Big.' },
          metadata: { attempt: 2, flags: { cached: false }, note: 'first' },
          level: 'DEBUG',
          statusMessage: 'from cache',
          model: 'gpt-4.1-mini',
          modelParameters: { temperature: 0.2, stop: ['\n'], stream: true },
          usageDetails: { input: 812, output: 96, cached: 800 },
          costDetails: { input: 0.01, output: 0.02, total: 0.03 },
          completionStartTime,
          prompt: { name: 'librarian', version: 3 },
        },
        { asType: 'generation', startTime },
      ),
    );
    generation.end(endTime);

    const read = await traced.observations(generation.traceId);
    expect(read).toHaveLength(1);
    expect(read[0]).toMatchObject({
      ...traceAsRead,
      id: generation.id,
      traceId: generation.traceId,
      parentObservationId: null,
      isRootObservation: true,
      type: 'GENERATION',
      name: 'answer',
      startTime: startTime.toISOString(),
      endTime: endTime.toISOString(),
      completionStartTime: completionStartTime.toISOString(),
      input: JSON.stringify(messages),
      output: '{"role":"assistant","content":"Big."}',
      level: 'DEBUG',
      statusMessage: 'from cache',
      providedModelName: 'gpt-4.1-mini',
      modelParameters: { temperature: 0.2, stop: '["\\n"]', stream: 'true' },
      costDetails: { input: 0.01, output: 0.02, total: 0.03 },
      totalCost: 0.03,
      promptName: 'librarian',
      promptVersion: 3,
    });
    // The server adds a total where none was given.
    expect(read[0]!.usageDetails).toEqual({
      input: 812,
      output: 96,
      cached: 800,
      total: 1708,
    });
    expect(read[0]!.metadata).toMatchObject({
      attempt: 2,
      flags: { cached: false },
      note: 'first',
      tenant: 'acme',
    });
    expect(read[0]!.metadata).not.toHaveProperty('langfuse_refused');
    // With these the server would have filed all attributes once more.
    expect(read[0]!.metadata).not.toHaveProperty('attributes');
  });

  it('is read back of a span that @Trace() made', async () => {
    langfuse.propagateAttributes(trace, () =>
      traced.get(Librarian).find('turtles', { limit: 5 }),
    );

    const span = await traced.observation('find');
    expect(span).toMatchObject({
      ...traceAsRead,
      // What is said of the observation itself wins.
      version: 'index-7',
      parentObservationId: null,
      isRootObservation: true,
      type: 'RETRIEVER',
      input: '["turtles",{"limit":5}]',
      output: '{"passages":[]}',
      level: 'WARNING',
      statusMessage: 'nothing found',
      providedModelName: null,
      promptName: null,
      usageDetails: {},
      costDetails: {},
    });
    expect(span.metadata).toMatchObject({
      question: 'turtles',
      limit: 5,
      tenant: 'acme',
    });
    expect(Date.parse(span.endTime)).toBeGreaterThanOrEqual(
      Date.parse(span.startTime),
    );
  });

  it.each([
    ['from the server', false, { promptName: 'qa', promptVersion: 3 }],
    ['that is a fallback', true, { promptName: null, promptVersion: null }],
  ])('links a prompt %s', async (_, isFallback, linked) => {
    const generation = langfuse.startObservation(
      'answer',
      // As getPrompt() of @langfuse/client returns it, with more in it.
      { prompt: { name: 'qa', version: 3, isFallback } },
      { asType: 'generation' },
    );
    generation.end();
    const [read] = await traced.observations(generation.traceId);
    expect(read).toMatchObject(linked);
    expect(read!.metadata).not.toHaveProperty('langfuse_refused');
  });

  it('is read back of an event, which has no length', async () => {
    const event = langfuse.startObservation<'event'>(
      'cache missed',
      { input: 'key-1', output: 'none', metadata: { shard: 4 } },
      { asType: 'event', startTime },
    );
    event.update({ output: 'too late' });
    event.end(endTime);

    const [read] = await traced.observations(event.traceId);
    expect(read).toMatchObject({
      type: 'EVENT',
      name: 'cache missed',
      startTime: startTime.toISOString(),
      endTime: startTime.toISOString(),
      input: 'key-1',
      output: 'none',
      level: 'DEFAULT',
      traceName: 'cache missed',
    });
    expect(read!.metadata).toMatchObject({ shard: 4 });
  });

  it.each(OBSERVATION_TYPES)('keeps the type %s', async (asType) => {
    const observation = langfuse.startObservation(asType, {}, { asType });
    observation.end();
    expect(observation.type).toBe(asType);

    const read = await traced.observations(observation.traceId);
    expect(read.map(({ type }) => type)).toEqual([asType.toUpperCase()]);
  });

  it('adds up over several updates', async () => {
    const observation = langfuse.startObservation<'generation'>(
      'in pieces',
      { input: 'first', metadata: { a: 1, b: 1 } },
      { asType: 'generation' },
    );
    observation
      .update({ model: 'small' })
      .update({ input: 'second', metadata: { b: 2, c: 3 } })
      .update({})
      .end();
    observation.update({ model: 'after the end' });

    const [read] = await traced.observations(observation.traceId);
    expect(read).toMatchObject({
      input: 'second',
      providedModelName: 'small',
    });
    expect(read!.metadata).toMatchObject({ a: 1, b: 2, c: 3 });
  });

  it("takes the usage of an OpenAI answer as it is, with the server's split", async () => {
    const observation = langfuse.startObservation<'generation'>(
      'openai',
      {
        usageDetails: {
          prompt_tokens: 100,
          completion_tokens: 20,
          total_tokens: 120,
          prompt_tokens_details: { cached_tokens: 60, audio_tokens: null },
          completion_tokens_details: { reasoning_tokens: 5 },
        },
      },
      { asType: 'generation' },
    );
    observation.end();

    const [read] = await traced.observations(observation.traceId);
    expect(read!.usageDetails).toEqual({
      input: 40,
      input_cached_tokens: 60,
      output: 15,
      output_reasoning_tokens: 5,
      total: 120,
    });
  });

  it('does not link a fallback prompt', async () => {
    const observation = langfuse.startObservation<'generation'>(
      'fallback',
      { prompt: { name: 'librarian', version: 1, isFallback: true } },
      { asType: 'generation' },
    );
    observation.end();

    const [read] = await traced.observations(observation.traceId);
    expect(read).toMatchObject({ promptName: null, promptVersion: null });
    expect(read!.metadata).not.toHaveProperty('langfuse_refused');
  });

  it('is what it was when it was given, whatever happens to the object later', async () => {
    const messages = [{ role: 'user', content: 'one' }];
    const answer = { text: 'two' };
    const metadata = { list: [1] };
    const observation = langfuse.startObservation('early', {
      input: messages,
      output: answer,
      metadata,
    });
    messages.push({ role: 'assistant', content: 'three' });
    messages[0]!.content = 'changed';
    answer.text = 'changed';
    metadata.list.push(2);
    observation.end();

    const read = await traced.observation('early');
    expect(read.input).toBe('[{"role":"user","content":"one"}]');
    expect(read.output).toBe('{"text":"two"}');
    expect(read.metadata).toMatchObject({ list: [1] });
    expect(messages).toHaveLength(2);
  });

  it('is the arguments as they were before a traced method changed them', async () => {
    class Chat {
      @Trace('chat')
      send(messages: string[]): string[] {
        messages.push('answer');
        return messages;
      }
    }
    const inApplication = await TracedApplication.start({ providers: [Chat] });
    const messages = ['question'];
    const returned = inApplication.get(Chat).send(messages);
    messages.push('after the call');

    const read = await inApplication.observation('chat');
    expect(read.input).toBe('["question"]');
    expect(read.output).toBe('["question","answer"]');
    expect(returned).toBe(messages);
    await inApplication.close();
  });
});
