/** Observations that nobody ends: where they are seen, and what bounds them. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { queryObjects } from 'node:v8';
import { Injectable, type Type } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { SpanStatusCode } from '@opentelemetry/api';
import {
  afterEach,
  beforeEach,
  describe,
  expect,
  it,
  onTestFinished,
  vi,
} from 'vitest';
import {
  LangfuseModule,
  type LangfuseModuleOptions,
  LangfuseService,
  type OpenObservation,
  Trace,
} from '../../lib/index.js';
import { createRuntime } from '../../lib/langfuse.runtime.js';
import { RecordingSpan } from '../../lib/observe/recording-span.js';
import { resolveOptions } from '../../lib/options/index.js';
import {
  LangfuseTesting,
  LangfuseTestingModule,
} from '../../lib/testing/index.js';
import { CollectingService } from '../support/collecting-service.js';
import { langfuseEnvironment } from '../support/environment.js';
import { NestLog } from '../support/nest-log.js';

beforeEach(() => langfuseEnvironment());

async function start(
  options: LangfuseModuleOptions = {},
  ...providers: readonly Type[]
) {
  const log = new NestLog();
  const module = await Test.createTestingModule({
    imports: [LangfuseTestingModule.forRoot(options)],
    providers: [...providers],
  })
    .setLogger(log)
    .compile();
  await module.init();
  onTestFinished(() => module.close());
  return {
    module,
    log,
    langfuse: module.get(LangfuseService),
    testing: module.get(LangfuseTesting),
  };
}

function namesOf(observations: readonly OpenObservation[]): string[] {
  return observations.map(({ name }) => name);
}

function bytesOf(langfuse: LangfuseService): number {
  return langfuse.openObservations().reduce((sum, { bytes }) => sum + bytes, 0);
}

@Injectable()
class Model {
  @Trace({ name: 'hang', asType: 'generation' })
  hang(question: string): Promise<string> {
    return new Promise((resolve) => this.waiting.push(() => resolve(question)));
  }

  readonly waiting: (() => void)[] = [];
}

describe('openObservations()', () => {
  it('lists what has started and not ended, oldest first', async () => {
    const { langfuse } = await start();
    const startTime = new Date('2026-01-02T03:04:05.678Z');
    const parent = langfuse.startObservation('parent', undefined, {
      asType: 'agent',
      startTime,
    });
    const child = parent.startObservation('child');
    parent.startObservation('done').end();
    parent.startObservation('event', {}, { asType: 'event' });
    expect(langfuse.openObservations()).toEqual([
      {
        traceId: parent.traceId,
        observationId: parent.id,
        name: 'parent',
        type: 'agent',
        startTime,
        ageMs: expect.any(Number) as number,
        bytes: expect.any(Number) as number,
      },
      expect.objectContaining({
        traceId: parent.traceId,
        observationId: child.id,
        name: 'child',
        type: 'span',
      }),
    ]);
    const ages = langfuse.openObservations().map(({ ageMs }) => ageMs);
    expect(ages.every(Number.isInteger)).toBe(true);
    parent.end();
    expect(namesOf(langfuse.openObservations())).toEqual(['child']);
    child.end();
    expect(langfuse.openObservations()).toEqual([]);
  });

  it('shows a call that hangs', async () => {
    const { module, langfuse } = await start({}, Model);
    const model = module.get(Model);
    const answer = model.hang('why?');
    expect(langfuse.openObservations()).toMatchObject([
      { name: 'hang', type: 'generation' },
    ]);
    model.waiting[0]?.();
    await answer;
    expect(langfuse.openObservations()).toEqual([]);
  });

  it('measures the age on a clock that is not set, in whole milliseconds', async () => {
    const { langfuse } = await start();
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    langfuse.startObservation('old', {}, { startTime: new Date(0) });
    vi.advanceTimersByTime(1_500);
    vi.setSystemTime(new Date('2036-01-01'));
    langfuse.startObservation('new');
    const ages = langfuse.openObservations().map(({ ageMs }) => ageMs);
    expect(ages).toEqual([1_500, 0]);
  });

  it('is empty where nothing is recorded', async () => {
    const app = await Test.createTestingModule({
      imports: [LangfuseModule.forRoot({ enabled: false })],
    }).compile();
    const off = app.get(LangfuseService);
    off.startObservation('not recorded');
    expect(off.openObservations()).toEqual([]);
    const sampled = new CollectingService({ sampleRate: 0 });
    onTestFinished(() => sampled.close());
    sampled.langfuse.startObservation('left out');
    expect(sampled.langfuse.openObservations()).toEqual([]);
  });

  it('tells how much each has recorded', async () => {
    const { langfuse } = await start();
    const observation = langfuse.startObservation('n');
    const { otelSpan } = observation;
    const added = (record: () => void): number => {
      const before = bytesOf(langfuse);
      record();
      return bytesOf(langfuse) - before;
    };
    const text = 'x'.repeat(1_000);
    const input = 'langfuse.observation.input'.length;
    expect(added(() => observation.update({ input: text }))).toBe(input + 1000);
    expect(added(() => observation.update({ input: 'yz' }))).toBe(-998);
    expect(added(() => otelSpan.updateName('a name'))).toBe(5);
    expect(added(() => otelSpan.setAttribute('k', ['ab', 'c']))).toBe(4);
    expect(added(() => otelSpan.setAttribute('k', [1, 2]))).toBe(13);
    expect(added(() => otelSpan.setAttribute('k', true))).toBe(-8);
    const error = { code: SpanStatusCode.ERROR, message: text };
    expect(added(() => otelSpan.setStatus(error))).toBe(1_000);
    expect(added(() => otelSpan.setStatus({ code: 1 }))).toBe(-1_000);
    const event = () => void otelSpan.addEvent('event', { text });
    expect(added(event)).toBeGreaterThan(1_009);
    const context = otelSpan.spanContext();
    const link = () => void otelSpan.addLink({ context, attributes: { text } });
    expect(added(link)).toBeGreaterThan(1_052);
    // Beyond 128 the oldest gives way.
    for (let i = 1; i < 128; i++) {
      event();
      link();
    }
    expect(added(event)).toBe(0);
    expect(added(link)).toBe(0);
  });
});

describe('maxOpenObservations', () => {
  it('ends the oldest as it stands, and it stays ended', async () => {
    const { langfuse, testing } = await start({ maxOpenObservations: 2 });
    const first = langfuse.startObservation('first', { input: 'kept' });
    const second = langfuse.startObservation('second');
    langfuse.startObservation('third');
    const ended = {
      name: 'first',
      input: 'kept',
      output: undefined,
      level: 'WARNING',
      statusMessage: 'ended by maxOpenObservations: more than 2 were open',
    };
    expect(testing.observations()).toMatchObject([ended]);
    first.update({ output: 'too late' }).fail(new Error('too late')).end();
    second.end();
    expect(testing.observations()).toMatchObject([ended, { level: 'DEFAULT' }]);
    expect(namesOf(langfuse.openObservations())).toEqual(['third']);
  });

  it('keeps the level and the message of one that has failed', async () => {
    const { langfuse, testing } = await start({ maxOpenObservations: 1 });
    langfuse.startObservation('failed').fail(new Error('no answer'));
    const { otelSpan } = langfuse.startObservation('failed in a library');
    otelSpan.setStatus({ code: SpanStatusCode.ERROR, message: 'refused' });
    langfuse.startObservation('told', {
      level: 'DEBUG',
      statusMessage: 'waiting',
    });
    langfuse.startObservation('last');
    const reason = '(ended by maxOpenObservations: more than 1 were open)';
    expect(
      testing
        .observations()
        .map(({ name, level, statusMessage }) => [name, level, statusMessage]),
    ).toEqual([
      ['failed', 'ERROR', `no answer ${reason}`],
      ['failed in a library', 'ERROR', `refused ${reason}`],
      ['told', 'WARNING', `waiting ${reason}`],
    ]);
  });

  it('leaves the trace of one that was ended whole', async () => {
    const { langfuse, testing } = await start({ maxOpenObservations: 2 });
    langfuse.startActiveObservation('root', () => {
      langfuse.startActiveObservation('child', () => {
        langfuse.propagateAttributes({ userId: 'ann' }, () => {
          langfuse.startObservation('grandchild').end();
          langfuse.startActiveObservation('grandchild that ends root', () =>
            langfuse.startObservation('below').end(),
          );
        });
      });
    });
    expect(testing.tree({ show: [] })).toBe(
      [
        'root (span) WARNING: ended by maxOpenObservations: more than 2 were open',
        '└─ child (span) WARNING: ended by maxOpenObservations: more than 2 were open',
        '   ├─ grandchild (span)',
        '   └─ grandchild that ends root (span)',
        '      └─ below (span)',
      ].join('\n'),
    );
    const [below] = testing.observations('below');
    expect(below).toMatchObject({ userId: 'ann', traceName: 'root' });
  });

  it('holds what 100,000 calls leave behind that never end', () => {
    const { service: langfuse, queue } = createRuntime(
      resolveOptions({ publicKey: 'pk', secretKey: 'sk' }, {}),
      new NestLog(),
    );
    const enqueue = vi.spyOn(queue, 'enqueue').mockReturnValue();
    const others = queryObjects(RecordingSpan, { format: 'count' });
    const input = 'x'.repeat(100);
    let parent = langfuse.startObservation('an agent', { input });
    // Each below the one before it: no chain of ancestors may keep them.
    for (let i = 1; i < 100_000; i++) {
      parent = parent.startObservation('that calls itself', { input });
    }
    expect(langfuse.openObservations()).toHaveLength(10_000);
    expect(enqueue).toHaveBeenCalledTimes(90_000);
    enqueue.mockReset();
    const spans = queryObjects(RecordingSpan, { format: 'count' }) - others;
    expect(spans).toBeGreaterThanOrEqual(10_000);
    expect(spans).toBeLessThan(10_100);
    expect(parent.otelSpan.isRecording()).toBe(true);
  });

  it('holds where the filter itself forgets its observations', async () => {
    const { module, langfuse } = await start({
      maxOpenObservations: 2,
      shouldExportSpan() {
        module.get(LangfuseService).startObservation('of the filter');
        module.get(LangfuseService).startObservation('of the filter');
        return true;
      },
    });
    for (let i = 0; i < 4; i++) langfuse.startObservation('open');
    expect(langfuse.openObservations().length).toBeLessThan(200);
  });
});

describe('maxOpenBytes', () => {
  const entry = 'langfuse.observation.input'.length;

  it('ends the oldest when another records more than there is room for', async () => {
    const { langfuse, testing } = await start({ maxOpenBytes: 2_048 });
    const oldest = langfuse.startObservation('oldest');
    const growing = langfuse.startObservation('growing');
    const room = 2_048 - bytesOf(langfuse) - entry;
    growing.update({ input: 'x'.repeat(room) });
    expect(testing.observations()).toEqual([]);
    growing.update({ input: 'x'.repeat(room + 1) });
    expect(testing.observations()).toMatchObject([
      {
        name: 'oldest',
        level: 'WARNING',
        statusMessage:
          'ended by maxOpenBytes: open observations held more than 2048 bytes',
      },
    ]);
    expect(oldest.otelSpan.isRecording()).toBe(false);
    expect(namesOf(langfuse.openObservations())).toEqual(['growing']);
  });

  it('ends no more than it must', async () => {
    const { langfuse } = await start({ maxOpenBytes: 2_048 });
    langfuse.startObservation('oldest');
    langfuse.startObservation('younger').update({ input: 'x'.repeat(1_000) });
    const [, younger] = langfuse.openObservations();
    const full = langfuse.startObservation('full');
    const bytes = langfuse.openObservations().at(-1)!.bytes + entry;
    full.update({ input: 'x'.repeat(2_048 - younger!.bytes - bytes) });
    expect(namesOf(langfuse.openObservations())).toEqual(['younger', 'full']);
  });

  it('does not come between when the application ends', async () => {
    const { langfuse, testing, module } = await start({ maxOpenBytes: 2_048 });
    langfuse.startObservation('one');
    langfuse.startObservation('other');
    const full = langfuse.startObservation('full');
    full.update({ input: 'x'.repeat(2_048 - bytesOf(langfuse) - entry) });
    await module.close();
    expect(
      testing.observations().map(({ statusMessage }) => statusMessage),
    ).toEqual(Array(3).fill('ended by application shutdown'));
  });

  it('counts what an observation is started with', async () => {
    const { langfuse } = await start({ maxOpenBytes: 2_048 });
    const tracer = langfuse.getTracer('library');
    tracer.startSpan('oldest');
    const text = 'x'.repeat(2_035);
    tracer.startSpan('large', { attributes: { text } });
    expect(namesOf(langfuse.openObservations())).toEqual(['large']);
    tracer.startSpan('y'.repeat(1_000));
    expect(langfuse.openObservations()).toHaveLength(1);
  });

  it('does not count what is replaced or has ended', async () => {
    const { langfuse, testing } = await start({ maxOpenBytes: 4_096 });
    const open = langfuse.startObservation('open');
    for (let i = 0; i < 100; i++) {
      open.update({ output: 'x'.repeat(1_000) });
      langfuse.startObservation('ends', { input: 'x'.repeat(2_000) }).end();
    }
    expect(testing.observations('ends')).toHaveLength(100);
    expect(namesOf(langfuse.openObservations())).toEqual(['open']);
  });

  it('ends one that is too large alone, with what it had by then', async () => {
    const { langfuse, testing } = await start({ maxOpenBytes: 2_048 });
    const large = langfuse.startObservation('large');
    const input = 'x'.repeat(3_000);
    large.update({ input, output: 'after it' }).end();
    expect(testing.observations()).toMatchObject([
      { name: 'large', level: 'WARNING', input, output: undefined },
    ]);
    expect(langfuse.openObservations()).toEqual([]);
  });
});

describe('maxOpenAgeMs', () => {
  const HOUR_MS = 3_600_000;

  it('ends each that is as old, by one timer', async () => {
    const { langfuse, testing } = await withFakeTimers({
      maxOpenAgeMs: 60_000,
    });
    langfuse.startObservation('first');
    vi.advanceTimersByTime(20_000);
    const second = langfuse.startObservation('second');
    vi.advanceTimersByTime(20_000);
    langfuse.startObservation('third');
    expect(vi.getTimerCount()).toBe(1);
    vi.advanceTimersByTime(19_999);
    expect(testing.observations()).toEqual([]);
    vi.advanceTimersByTime(1);
    const ended = {
      level: 'WARNING',
      statusMessage: 'ended by maxOpenAgeMs: open for 60000 ms',
    };
    expect(testing.observations()).toMatchObject([{ name: 'first', ...ended }]);
    second.end();
    vi.advanceTimersByTime(39_999);
    expect(namesOf(langfuse.openObservations())).toEqual(['third']);
    vi.advanceTimersByTime(1);
    expect(testing.observations('second')).toMatchObject([
      { level: 'DEFAULT' },
    ]);
    expect(testing.observations('third')).toMatchObject([ended]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('has a timer only while something is open', async () => {
    const { langfuse, module } = await withFakeTimers({ maxOpenAgeMs: 1_000 });
    expect(vi.getTimerCount()).toBe(0);
    const one = langfuse.startObservation('one');
    const other = langfuse.startObservation('other');
    one.end();
    expect(vi.getTimerCount()).toBe(1);
    other.end();
    expect(vi.getTimerCount()).toBe(0);
    langfuse.startObservation('forgotten');
    expect(vi.getTimerCount()).toBe(1);
    await module.close();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('is not bounded by default, and needs no timer', async () => {
    const { langfuse } = await withFakeTimers({});
    langfuse.startObservation('open');
    expect(vi.getTimerCount()).toBe(0);
    vi.advanceTimersByTime(1_000 * HOUR_MS);
    expect(namesOf(langfuse.openObservations())).toEqual(['open']);
  });

  it('keeps no process alive', async () => {
    const { langfuse } = await start({ maxOpenAgeMs: HOUR_MS });
    const resources = () => process.getActiveResourcesInfo();
    const before = resources();
    langfuse.startObservation('open');
    expect(resources()).toEqual(before);
  });

  it('runs outside of the request that it happened to start in', async () => {
    const request = new AsyncLocalStorage<string>();
    const seen: (string | undefined)[] = [];
    const { langfuse, testing } = await start({
      maxOpenAgeMs: 1,
      shouldExportSpan() {
        seen.push(request.getStore());
        return true;
      },
    });
    request.run('a request', () => langfuse.startObservation('hangs'));
    await testing.waitFor('hangs', { timeoutMs: 10_000 });
    expect(seen).toEqual([undefined]);
  });

  it('ends a call that hangs; what it returns later is the caller’s', async () => {
    const { module, testing } = await withFakeTimers(
      { maxOpenAgeMs: 1_000 },
      Model,
    );
    const model = module.get(Model);
    const answer = model.hang('why?');
    vi.advanceTimersByTime(1_000);
    model.waiting[0]?.();
    expect(await answer).toBe('why?');
    expect(testing.observations('hang')).toMatchObject([
      { level: 'WARNING', input: 'why?', output: undefined },
    ]);
  });
});

describe('the log', () => {
  const countLine = (were: string) =>
    `warn: ${were} ended by maxOpenObservations: more than 1 were open. Look ` +
    'for a missing end() with LangfuseService.openObservations(), or raise ' +
    'maxOpenObservations.';

  it('tells of the first at once, then of their number each minute', async () => {
    const { langfuse, log } = await withFakeTimers({ maxOpenObservations: 1 });
    for (let i = 0; i < 5; i++) langfuse.startObservation('forgotten');
    expect(log.lines).toEqual([countLine('1 observation was')]);
    vi.advanceTimersByTime(59_999);
    langfuse.startObservation('forgotten');
    expect(log.lines).toHaveLength(1);
    vi.advanceTimersByTime(1);
    langfuse.startObservation('forgotten');
    expect(log.lines.slice(1)).toEqual([countLine('5 observations were')]);
  });

  it('tells of the rest at the end, not of what the end itself ended', async () => {
    const { langfuse, log, module } = await start({ maxOpenObservations: 1 });
    for (let i = 0; i < 3; i++) langfuse.startObservation('forgotten');
    await module.close();
    expect(log.lines).toEqual([
      countLine('1 observation was'),
      countLine('1 observation was'),
    ]);
  });

  it('tells of each bound by itself', async () => {
    const { langfuse, log } = await withFakeTimers({
      maxOpenObservations: 1,
      maxOpenBytes: 2_048,
      maxOpenAgeMs: 1_000,
    });
    langfuse.startObservation('one too many');
    langfuse.startObservation('too large').update({ input: 'x'.repeat(3_000) });
    langfuse.startObservation('too old');
    vi.advanceTimersByTime(1_000);
    expect(log.lines.map((line) => /ended by (\w+)/.exec(line)?.[1])).toEqual([
      'maxOpenObservations',
      'maxOpenBytes',
      'maxOpenAgeMs',
    ]);
  });
});

async function withFakeTimers(
  options: LangfuseModuleOptions,
  ...providers: readonly Type[]
) {
  const started = await start(options, ...providers);
  vi.useFakeTimers();
  return started;
}

afterEach(() => void vi.useRealTimers());
