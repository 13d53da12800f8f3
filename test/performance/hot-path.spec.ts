/**
 * What recording an observation may cost, counted and not timed: how often a
 * value is serialised, how often its bytes are written and moved, how many timers
 * and promises a record takes. Times are the benchmark's business.
 */
import { Injectable } from '@nestjs/common';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type LangfuseService, Trace } from '../../lib/index.js';
import { TracedApplication } from '../support/traced-application.js';
import {
  bytesOf,
  promisesOf,
  serialiserCallsOf,
  timersOf,
} from './counted-work.js';

@Injectable()
class Answers {
  untraced(): Promise<string> {
    return Promise.resolve('42');
  }

  @Trace()
  traced(): Promise<string> {
    return this.untraced();
  }

  @Trace()
  tracedSynchronously(): string {
    return '42';
  }
}

/** Keys, ids, trace attributes: all of a record but its values. */
const MAX_OTHER_BYTES = 1_000;

const MANY = 300;

const metadata = { tenant: 'acme', attempt: 2, cached: true };

describe('recording', () => {
  let traced: TracedApplication;
  let langfuse: LangfuseService;

  beforeEach(async () => {
    traced = await TracedApplication.start({
      providers: [Answers],
      // Nothing is sent until it is asked for: what is counted is recording.
      langfuse: { flushAt: 10_000, flushInterval: 3_600, release: 'abc123' },
    });
    langfuse = traced.langfuse;
    // What comes first encodes keys and arms the timer of the batch.
    record({ question: 'first' }, { answer: 'first' });
  });

  afterEach(() => traced.close());

  function record(input: unknown, output: unknown): void {
    langfuse
      .startObservation('answer', { input, metadata })
      .update({ output })
      .end();
  }

  function times(count: number): void {
    for (let i = 0; i < count; i++) record({ question: i }, { answer: i });
  }

  it('serialises a value once, and what is no object not at all', () => {
    const input = { messages: [{ role: 'user', content: 'hello' }] };
    const both = () => record(input, { answer: [1, 2, 3] });
    // Keys are quoted when they are seen for the first time.
    both();
    expect(serialiserCallsOf(both)).toEqual({ native: 0, own: 2 });
    const neither = () => record('a text', 42);
    expect(serialiserCallsOf(neither)).toEqual({ native: 0, own: 0 });
  });

  it.each([
    ['short', 10_000, 1],
    ['in pieces', 100_000, 7],
    // It might be too large, and is measured first.
    ['longer than a slab', 300_000, 2 * 19],
  ])('moves the JSON of a value once: %s', (_, length, textsWritten) => {
    const value = { text: 'a'.repeat(length) };
    const bytes = JSON.stringify(value).length;
    record(value, value);
    const counted = bytesOf(() => record(value, value));
    expect(counted).toMatchObject({
      textsWritten: 2 * textsWritten,
      textsMeasured: 0,
    });
    expect(counted.copied).toBeGreaterThanOrEqual(2 * bytes);
    expect(counted.copied).toBeLessThan(2 * bytes + MAX_OTHER_BYTES);
  });

  it.each([
    ['short', 'a'.repeat(2_000)],
    ['longer than a slab', 'a'.repeat(300_000)],
    ['not all ASCII', `${'a'.repeat(60)}é漢`.repeat(5_000)],
  ])('writes a text once and moves it never: %s', (_, text) => {
    record(text, text);
    const counted = bytesOf(() => record(text, text));
    expect(counted).toMatchObject({ textsWritten: 2, textsMeasured: 0 });
    expect(counted.copied).toBeGreaterThan(0);
    expect(counted.copied).toBeLessThan(MAX_OTHER_BYTES);
  });

  it('moves few bytes of small records, even where slabs end', () => {
    const { copied } = bytesOf(() => times(MANY));
    expect(copied / MANY).toBeLessThan(MAX_OTHER_BYTES);
  });

  it('arms no timer for a record', () => {
    expect(timersOf(() => times(MANY))).toBe(0);
  });

  it('makes no promise for a record', async () => {
    expect(await promisesOf(() => times(MANY))).toBe(0);
  });

  it('makes one promise for a traced call, and only where it returns one', async () => {
    const answers = traced.app.get(Answers);
    await answers.traced();
    const untraced = await promisesOf(
      async () => void (await answers.untraced()),
    );
    const async = await promisesOf(async () => void (await answers.traced()));
    expect(async - untraced).toBe(1);
    const sync = await promisesOf(() => void answers.tracedSynchronously());
    expect(sync).toBe(0);
  });

  it('loses nothing while it is counted', async () => {
    bytesOf(() => times(MANY));
    await langfuse.flush();
    expect(traced.queue.stats()).toMatchObject({ delivered: MANY + 1 });
  });
});
