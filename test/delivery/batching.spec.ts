import { beforeEach, describe, expect, it } from 'vitest';
import {
  keysFor,
  record,
  startApplication,
  startReceiver,
  startSendingTo,
} from '../support/application.js';
import { LangfuseModule } from '../../lib/index.js';
import type { LangfuseLocalServer } from '../../lib/local/index.js';
import { langfuseEnvironment } from '../support/environment.js';

/** An interval that no test lives to see the end of. */
const NEVER = 3_600;

/** Timers are allowed to be early by the millisecond that they round away. */
const ROUNDING_MS = 2;

beforeEach(() => langfuseEnvironment());

/** How many observations each request brought, in order of arrival. */
function sizes(receiver: LangfuseLocalServer): number[] {
  return receiver.requests.map(({ spans }) => spans);
}

function requests(receiver: LangfuseLocalServer, count: number) {
  return receiver.waitFor(({ requests: all }) => all.length >= count && all);
}

describe('flushAt', () => {
  it('10 sends 25 observations as 10 and 10 at once, and 5 after flushInterval', async () => {
    const receiver = await startReceiver();
    const { langfuse, queue } = await startSendingTo(receiver, {
      flushAt: 10,
      flushInterval: 1,
    });
    const recordedAt = Date.now();
    record(langfuse, 25);
    expect(queue.stats()).toMatchObject({ inFlight: 20, queued: 5 });
    const [first, second, third] = await requests(receiver, 3);
    expect(sizes(receiver)).toEqual([10, 10, 5]);
    expect([first?.status, second?.status, third?.status]).toEqual([
      200, 200, 200,
    ]);
    const waited = third!.receivedAt - recordedAt;
    expect(waited).toBeGreaterThanOrEqual(1_000 - ROUNDING_MS);
  });

  it('10 leaves 5 of 25 observations waiting when no interval ends', async () => {
    const receiver = await startReceiver();
    const { langfuse, queue } = await startSendingTo(receiver, {
      flushAt: 10,
      flushInterval: NEVER,
    });
    record(langfuse, 25);
    await requests(receiver, 2);
    expect(sizes(receiver)).toEqual([10, 10]);
    expect(queue.stats().queued).toBe(5);
  });

  it('1 sends each observation at once', async () => {
    const receiver = await startReceiver();
    const { langfuse } = await startSendingTo(receiver, {
      flushAt: 1,
      flushInterval: NEVER,
    });
    record(langfuse, 1);
    await requests(receiver, 1);
    record(langfuse, 2);
    await requests(receiver, 3);
    expect(sizes(receiver)).toEqual([1, 1, 1]);
  });

  it('counts scores apart from observations', async () => {
    const receiver = await startReceiver();
    const { langfuse, queue } = await startSendingTo(receiver, {
      flushAt: 3,
      flushInterval: NEVER,
    });
    record(langfuse, 2);
    const traceId = langfuse.createTraceId();
    for (const value of [1, 2, 3]) {
      langfuse.createScore({ traceId, name: 'helpful', value });
    }
    const [request] = await requests(receiver, 1);
    expect(request).toMatchObject({ scores: 3, spans: 0, status: 207 });
    expect(queue.stats().lanes.spans.queued).toBe(2);
  });
});

describe('flushInterval', () => {
  it('1 sends each second what has come until then', async () => {
    const receiver = await startReceiver();
    const startedAt = Date.now();
    const { langfuse } = await startSendingTo(receiver, { flushInterval: 1 });
    record(langfuse, 2);
    await requests(receiver, 1);
    record(langfuse, 3);
    const [first, second] = await requests(receiver, 2);
    expect(sizes(receiver)).toEqual([2, 3]);
    const after = (ms: number) => startedAt + ms - ROUNDING_MS;
    expect(first!.receivedAt).toBeGreaterThanOrEqual(after(1_000));
    expect(second!.receivedAt).toBeGreaterThanOrEqual(after(2_000));
  });
});

describe('the environment', () => {
  it('sets both with LANGFUSE_FLUSH_AT and LANGFUSE_FLUSH_INTERVAL', async () => {
    const receiver = await startReceiver();
    langfuseEnvironment({
      LANGFUSE_FLUSH_AT: '10',
      LANGFUSE_FLUSH_INTERVAL: '0.5',
    });
    const { langfuse } = await startApplication({
      imports: [LangfuseModule.forRoot(keysFor(receiver))],
    });
    const recordedAt = Date.now();
    record(langfuse, 25);
    const [, , third] = await requests(receiver, 3);
    expect(sizes(receiver)).toEqual([10, 10, 5]);
    const waited = third!.receivedAt - recordedAt;
    expect(waited).toBeGreaterThanOrEqual(500 - ROUNDING_MS);
  });
});

describe('maxBatchBytes', () => {
  it('closes a batch before the record that would make it pass', async () => {
    const receiver = await startReceiver();
    const { langfuse, queue } = await startSendingTo(receiver, {
      maxBatchBytes: 4_096,
      flushInterval: NEVER,
    });
    record(langfuse, 1, 'x'.repeat(1_000));
    const size = queue.stats().bytes;
    const fitting = Math.floor(4_096 / size);
    expect(fitting).toBeGreaterThan(1);

    // Full to the brim is not over it.
    record(langfuse, fitting - 1, 'x'.repeat(1_000));
    expect(queue.stats()).toMatchObject({ queued: fitting, inFlight: 0 });
    record(langfuse, 1, 'x'.repeat(1_000));
    await requests(receiver, 1);
    expect(sizes(receiver)).toEqual([fitting]);
    expect(queue.stats().queued).toBe(1);
  });

  it('lets a record that is larger by itself go alone', async () => {
    const receiver = await startReceiver();
    const { langfuse } = await startSendingTo(receiver, {
      maxBatchBytes: 4_096,
      flushInterval: NEVER,
    });
    record(langfuse, 1);
    record(langfuse, 1, 'x'.repeat(10_000));
    await requests(receiver, 2);
    expect(sizes(receiver)).toEqual([1, 1]);
  });
});
