/** The quickstart as its users see it: the built sample in its own process. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type LangfuseLocalServer,
  type LocalObservation,
  startLangfuseLocal,
} from '../../lib/local/index.js';
import { ChatEndpoint } from './chat-endpoint.js';
import { buildQuickstart } from './quickstart-build.js';
import { QuickstartProcess } from './quickstart-process.js';

const BUILD_TIMEOUT_MS = 120_000;
/** How long Ctrl-C may take. */
const SHUTDOWN_MS = 2000;

const TOUR_ENDED = /End it: .*\n/;
const TREE =
  /^trace [0-9a-f]{32}\nPOST \/ask .*\n(?:│ .*\n)?[└├]─ AssistantService\.answer +SPAN .*\n. {2}├─ search documents +RETRIEVER .*\n. {2}└─ answer +GENERATION .*$/gm;
const LEDGER = /enqueued (\d+) = delivered (\d+) \+ dropped 0 \+ pending 0\n$/;
/** A row of a tree, or a score. */
const RECORD =
  /^(?:POST \/ask|[ │]*[└├]─ .*|★ .*) {2,}(?:SPAN|RETRIEVER|GENERATION|NUMERIC) /gm;

beforeAll(buildQuickstart, BUILD_TIMEOUT_MS);

describe('without keys and without a model', () => {
  let quickstart: QuickstartProcess;

  beforeAll(async () => {
    quickstart = new QuickstartProcess();
    await quickstart.printed(TOUR_ENDED);
  });

  afterAll(() => quickstart.kill());

  it('prints traces with a nested retriever and generation', () => {
    expect(quickstart.output.match(TREE)?.length).toBeGreaterThanOrEqual(3);
  });

  it('says that no model answered, and invents no tokens and no cost', () => {
    const generations = quickstart.output.match(/^.* GENERATION .*$/gm);

    for (const generation of generations ?? []) {
      expect(generation).toMatch(
        /GENERATION +\d+ ms {2}extractive \(no LLM\)$/,
      );
    }
    expect(generations?.length).toBeGreaterThanOrEqual(3);
  });

  it('keeps a user in one session and shows feedback as a score', () => {
    const { output } = quickstart;
    const [first, second] = [
      ...output.matchAll(/user alice · session (alice-\S+)/g),
    ].map(([, session]) => session);

    expect(first).toBeDefined();
    expect(second).toBe(first);
    expect(output).toMatch(/★ user-feedback +NUMERIC +1 /);
  });

  it('warns where the documents say nothing', () => {
    expect(quickstart.output).toMatch(
      /└─ search documents +RETRIEVER +\d+ ms {2}WARNING no passage matches/,
    );
  });

  it('answers further questions and takes feedback on them', async () => {
    const { status, body } = await quickstart.post('/ask', {
      question: 'When is a batch sent?',
      userId: 'carol',
    });
    const feedback = await quickstart.post('/feedback', {
      traceId: body['traceId'],
      value: 0.5,
      comment: 'half of it',
    });

    expect(status).toBe(200);
    expect(body['answer']).toMatch(/batch/);
    expect(body['sources']).toContainEqual(expect.stringMatching(/\.md › /));
    expect(feedback.status).toBe(202);
    await quickstart.printed(/user carol/);
    const score = await quickstart.printed(/^.*“half of it”.*$/m);
    expect(score[0]).toMatch(/user-feedback +NUMERIC +0\.5/);
  });

  it.each([
    ['/ask', { question: ' ' }, 'question'],
    ['/ask', { question: 'Why?', userId: 7 }, 'userId'],
    ['/feedback', { traceId: 'abc', value: 1 }, 'traceId'],
    ['/feedback', { traceId: 'a'.repeat(32), value: 'good' }, 'value'],
  ])(
    '%s answers %o with 400 and names the field',
    async (path, sent, field) => {
      const { status, body } = await quickstart.post(path, sent);

      expect(status).toBe(400);
      expect(body['message']).toMatch(new RegExp(`^${field} must be `));
    },
  );

  it('drains on Ctrl-C and prints a ledger that balances', async () => {
    const ending = await quickstart.interrupt(SHUTDOWN_MS);

    expect(ending).toEqual({ code: null, signal: 'SIGINT' });
    const [, enqueued, delivered] = LEDGER.exec(quickstart.output) ?? [];
    expect(delivered).toBe(enqueued);
    // What was refused above is a trace of one observation each.
    expect(Number(enqueued)).toBe(quickstart.output.match(RECORD)?.length);
  });
});

describe('with keys and with a model', () => {
  let langfuse: LangfuseLocalServer;
  let model: ChatEndpoint;
  let quickstart: QuickstartProcess;
  let generation: LocalObservation;

  beforeAll(async () => {
    langfuse = await startLangfuseLocal({
      publicKey: 'pk-lf-test',
      secretKey: 'sk-lf-test',
    });
    model = await ChatEndpoint.start({
      status: 200,
      body: {
        model: 'test-model-2026-11-23',
        choices: [{ message: { role: 'assistant', content: 'Forty-two.' } }],
        usage: {
          prompt_tokens: 120,
          completion_tokens: 9,
          total_tokens: 129,
          prompt_tokens_details: { cached_tokens: 20 },
          completion_tokens_details: null,
          cost: 0.00042,
          // Some endpoints measure here, too.
          queue_time: 0.03,
        },
      },
    });
    quickstart = new QuickstartProcess({
      LANGFUSE_BASE_URL: langfuse.url,
      LANGFUSE_PUBLIC_KEY: langfuse.publicKey,
      LANGFUSE_SECRET_KEY: langfuse.secretKey,
      OPENAI_BASE_URL: `${model.url}/`,
      OPENAI_API_KEY: 'sk-test',
      OPENAI_MODEL: 'test-model',
    });
    await quickstart.printed(TOUR_ENDED);
    generation = langfuse.observations({ type: 'GENERATION' })[0]!;
  });

  afterAll(async () => {
    quickstart.kill();
    await Promise.all([langfuse.close(), model.close()]);
  });

  it('prints where each trace is to be seen, and no trees', () => {
    for (const { id } of langfuse.traces()) {
      expect(quickstart.output).toContain(
        `trace ${langfuse.url}/project/local/traces/${id}\n`,
      );
    }
    expect(langfuse.traces()).toHaveLength(4);
    expect(quickstart.output).not.toContain('GENERATION');
  });

  it('gives the model the question and the passages that were found', () => {
    const [request] = model.requests;
    const [system, user] = request!.body.messages;

    expect(request).toMatchObject({
      path: '/v1/chat/completions',
      headers: { authorization: 'Bearer sk-test' },
      body: { model: 'test-model', temperature: 1 },
    });
    expect(system?.role).toBe('system');
    expect(user?.content).toContain('Question: How do I trace a method?');
    expect(user?.content).toMatch(/^# \S+\.md › /);
  });

  it('records the generation as the endpoint tells it', () => {
    const [request] = model.requests;

    expect(generation).toMatchObject({
      name: 'answer',
      providedModelName: 'test-model-2026-11-23',
      modelParameters: { temperature: 1 },
      output: 'Forty-two.',
      usageDetails: {
        input: 100,
        input_cached_tokens: 20,
        output: 9,
        total: 129,
      },
      costDetails: { total: 0.00042 },
    });
    expect(JSON.parse(generation.input ?? '')).toEqual(request?.body.messages);
    expect(generation.metadata).not.toHaveProperty('langfuse_refused');
  });

  it('nests them, with user, session and tags on every observation', () => {
    const { traceId } = generation;
    const observations = langfuse.observations({ traceId });
    const byName = new Map(observations.map((each) => [each.name, each]));
    const parentOf = (name: string) =>
      observations.find(
        ({ id }) => id === byName.get(name)?.parentObservationId,
      )?.name;

    expect(observations).toHaveLength(4);
    expect(parentOf('answer')).toBe('AssistantService.answer');
    expect(parentOf('search documents')).toBe('AssistantService.answer');
    expect(parentOf('AssistantService.answer')).toBe('POST /ask');
    for (const { userId, sessionId, tags } of observations) {
      expect(userId).toBe('alice');
      expect(sessionId).toMatch(/^alice-/);
      expect(tags).toEqual(['quickstart']);
    }
  });

  it('adds a score for feedback', async () => {
    const { traceId } = generation;
    const { body } = await quickstart.post('/feedback', {
      traceId,
      value: 1,
      comment: 'right',
    });
    await quickstart.interrupt(SHUTDOWN_MS);

    expect(langfuse.scores({ traceId })).toMatchObject([
      {
        id: body['scoreId'],
        name: 'user-feedback',
        dataType: 'NUMERIC',
        value: 1,
        comment: 'right',
      },
    ]);
  });

  it('has delivered each record once when it ends', () => {
    const { observations, scores, duplicates } = langfuse.stats();
    const [, enqueued, delivered] = LEDGER.exec(quickstart.output) ?? [];

    expect(delivered).toBe(enqueued);
    expect(Number(enqueued)).toBe(observations + scores);
    expect(duplicates).toBe(0);
  });
});

describe('with a model that fails', () => {
  let model: ChatEndpoint;
  let quickstart: QuickstartProcess;

  beforeAll(async () => {
    model = await ChatEndpoint.start({
      status: 429,
      body: { error: { message: 'no more quota' } },
    });
    quickstart = new QuickstartProcess({ OPENAI_BASE_URL: model.url });
    await quickstart.printed(TOUR_ENDED);
  });

  afterAll(async () => {
    quickstart.kill();
    await model.close();
  });

  it('answers 502 with what the endpoint said, and goes on', async () => {
    const { status, body } = await quickstart.post('/ask', {
      question: 'How do I trace a method?',
    });

    expect(status).toBe(502);
    expect(body['message']).toMatch(/answered 429: .*no more quota/);
  });

  it('shows the generation as failed, with the model that was asked', () => {
    expect(quickstart.output).toMatch(
      /─ answer +GENERATION +\d+ ms {2}ERROR [^─]*gpt-4o-mini/,
    );
  });
});
