import { gunzipSync } from 'node:zlib';
import { beforeEach, describe, expect, it } from 'vitest';
import type { DropReason } from '../../lib/index.js';
import { record, startSendingTo } from '../support/application.js';
import { langfuseEnvironment } from '../support/environment.js';
import {
  answer,
  inTurn,
  type ReceivedRequest,
  RecordingServer,
  type Respond,
  stayMute,
} from '../support/recording-server.js';

/** Timers are allowed to be early by the millisecond that they round away. */
const ROUNDING_MS = 2;

beforeEach(() => langfuseEnvironment());

interface ScoreEnvelope {
  readonly id: string;
  readonly body: { readonly name: string };
}

function scoresIn({ body }: ReceivedRequest): readonly ScoreEnvelope[] {
  return (JSON.parse(body.toString()) as { batch: ScoreEnvelope[] }).batch;
}

describe('a server that is unwell', () => {
  it.each([408, 429, 500, 503])(
    'with status %i gets the same bytes again until it takes them',
    async (status) => {
      const server = await RecordingServer.start(
        inTurn(answer(status), answer(status), answer(200)),
      );
      const { langfuse, queue } = await startSendingTo(server);
      record(langfuse, 3);
      expect(await langfuse.flush()).toMatchObject({
        delivered: 3,
        dropped: {},
      });
      const [first, ...others] = server.requests;
      expect(others).toHaveLength(2);
      for (const { body, headers } of others) {
        expect(body.equals(first!.body)).toBe(true);
        expect(headers).toEqual(first!.headers);
      }
      expect(server.probes).toHaveLength(2);
      expect(queue.stats()).toMatchObject({
        requests: 5,
        retries: 2,
        // An answer came each time: the server cannot have taken them twice.
        resentAfterUnknown: 0,
      });
    },
  );

  it('gets scores again under the same ids', async () => {
    const server = await RecordingServer.start(
      inTurn(answer(503), answer(207, {}, { successes: [], errors: [] })),
    );
    const { langfuse } = await startSendingTo(server);
    const traceId = langfuse.createTraceId();
    langfuse.createScore({ traceId, name: 'helpful', value: 1 });
    expect(await langfuse.flush()).toMatchObject({ delivered: 1 });
    const [first, second] = server.requests;
    expect(second!.body.equals(first!.body)).toBe(true);
  });

  it('is not asked before the time that its Retry-After names', async () => {
    let answeredAt = Infinity;
    const server = await RecordingServer.start(
      inTurn((response, request) => {
        answeredAt = performance.now();
        return answer(429, { 'retry-after': '1' })(response, request);
      }, answer(200)),
    );
    const { langfuse } = await startSendingTo(server);
    record(langfuse, 1);
    expect(await langfuse.flush()).toMatchObject({ delivered: 1 });
    const waited = server.requests[1]!.receivedAt - answeredAt;
    expect(waited).toBeGreaterThanOrEqual(1_000 - ROUNDING_MS);
  });

  it('holds back what is recorded meanwhile', async () => {
    const server = await RecordingServer.start(
      inTurn(answer(503, { 'retry-after': '1' }), answer(200)),
    );
    const { langfuse, queue } = await startSendingTo(server, { flushAt: 1 });
    record(langfuse, 1);
    const failing = nextFailure(queue);
    await failing;
    record(langfuse, 5);
    expect(queue.stats()).toMatchObject({ requests: 1, queued: 5 });
    expect(await langfuse.flush()).toMatchObject({ delivered: 6 });
  });
});

describe('a server that refuses the data', () => {
  it.each([400, 422])(
    'with status %i is asked for each record alone, after one probe',
    async (status) => {
      const server = await RecordingServer.start(
        answer(status, {}, { error: 'Invalid OTLP trace export' }),
      );
      const { langfuse, queue, log } = await startSendingTo(server);
      record(langfuse, 3);
      expect(await langfuse.flush()).toMatchObject({
        delivered: 0,
        dropped: { rejected: 3 },
        pending: 0,
      });
      expect(server.probes).toHaveLength(1);
      expect(server.requests).toHaveLength(5);
      expect(queue.stats().requests).toBe(6);
      expect(log.lines).toEqual([
        `warn: 3 records dropped: the server refused them: HTTP ${status}: ` +
          '{"error":"Invalid OTLP trace export"}',
      ]);
    },
  );

  it('in everything, data or not, is held and told as a matter of settings', async () => {
    const refuse = answer(400, {}, { error: 'Unsupported version' });
    const server = await RecordingServer.start(refuse, refuse);
    const { langfuse, queue, log } = await startSendingTo(server);
    record(langfuse, 3);
    expect(await langfuse.flush({ timeoutMs: 300 })).toMatchObject({
      pending: 3,
      timedOut: true,
    });
    expect([server.requests.length, server.probes.length]).toEqual([1, 1]);
    expect(queue.stats()).toMatchObject({ dropped: {} });
    expect(log.lines).toEqual([
      expect.stringContaining('HTTP 400: {"error":"Unsupported version"}'),
    ]);
  });

  it('and answers no probe does not hold up a shutdown', async () => {
    const server = await RecordingServer.start(answer(400), stayMute);
    const { langfuse, queue } = await startSendingTo(server, { timeout: 20 });
    record(langfuse, 3);
    void queue.flush();
    await server.received(1);
    await queue.shutdown({ timeoutMs: 300 });
    expect(queue.stats()).toMatchObject({
      inFlight: 0,
      dropped: { shutdown_deadline: 3 },
    });
  });

  it('because of one record takes all the others', async () => {
    const server = await RecordingServer.start((response, request) =>
      answer(textOf(request).includes('poison') ? 400 : 200)(response, request),
    );
    const { langfuse } = await startSendingTo(server);
    for (let i = 0; i < 64; i++) {
      langfuse.startObservation(i === 13 ? 'poison' : `good ${i}`).end();
    }
    expect(await langfuse.flush()).toMatchObject({
      delivered: 63,
      dropped: { rejected: 1 },
    });
    // One bad record in n costs at most 1 + 2·log2(n) requests.
    expect(server.requests.length).toBeLessThanOrEqual(13);
    expect(server.probes).toHaveLength(1);
  });

  it('because of its size takes it in smaller parts', async () => {
    const server = await RecordingServer.start((response, request) =>
      answer(textOf(request).length > 8_000 ? 413 : 200)(response, request),
    );
    const { langfuse } = await startSendingTo(server);
    for (let i = 0; i < 20; i++) {
      langfuse.startObservation('step', { input: 'x'.repeat(2_000) }).end();
    }
    expect(await langfuse.flush()).toMatchObject({
      delivered: 20,
      dropped: {},
    });
  });

  it('because a single record is too large takes it with its values cut', async () => {
    const server = await RecordingServer.start((response, request) =>
      answer(textOf(request).length > 8_000 ? 413 : 200)(response, request),
    );
    const { langfuse } = await startSendingTo(server);
    langfuse
      .startObservation('step', { input: 'x'.repeat(50_000), output: 'short' })
      .end();
    expect(await langfuse.flush()).toMatchObject({ delivered: 1, dropped: {} });
    const taken = textOf(server.requests.at(-1)!);
    expect(taken).toContain('… [Truncated:');
    expect(taken).toContain('short');
  });

  it('in parts (207) gets only those again that failed by its own fault', async () => {
    const server = await RecordingServer.start(
      inTurn(
        (response, request) => {
          const [good, bad, unlucky] = scoresIn(request).map(({ id }) => id);
          const errors = [
            { id: bad, status: 400, message: 'Invalid request data' },
            { id: unlucky, status: 500, message: 'Internal Server Error' },
          ];
          const successes = [{ id: good, status: 201 }];
          return answer(207, {}, { successes, errors })(response, request);
        },
        answer(207, {}, { successes: [], errors: [] }),
      ),
    );
    const { langfuse, queue, log } = await startSendingTo(server);
    const traceId = langfuse.createTraceId();
    for (const name of ['good', 'bad', 'unlucky']) {
      langfuse.createScore({ traceId, name, value: 1 });
    }
    expect(await langfuse.flush()).toMatchObject({
      delivered: 2,
      dropped: { rejected: 1 },
      pending: 0,
    });
    const [first, second, ...others] = server.requests.map(scoresIn);
    expect(second).toEqual([first![2]]);
    expect(second![0]!.body.name).toBe('unlucky');
    expect(others).toEqual([]);
    expect(queue.stats().lanes.scores).toMatchObject({
      enqueued: 3,
      delivered: 2,
    });
    expect(log.lines).toContainEqual(
      expect.stringMatching(
        /^warn: 1 record dropped: .+ 400 Invalid request data$/,
      ),
    );
  });
});

describe('an answer that does not come', () => {
  it('within the timeout is a failure: sent again, and counted as possibly twice', async () => {
    const server = await RecordingServer.start(inTurn(stayMute, answer(200)));
    const { langfuse, queue } = await startSendingTo(server, { timeout: 0.2 });
    record(langfuse, 3);
    expect(await langfuse.flush()).toMatchObject({ delivered: 3 });
    const [first, second] = server.requests;
    expect(second!.body.equals(first!.body)).toBe(true);
    expect(queue.stats()).toMatchObject({
      requests: 3,
      retries: 1,
      resentAfterUnknown: 3,
    });
  });

  it('because the connection breaks off is one as well', async () => {
    const server = await RecordingServer.start(
      inTurn((response) => void response.destroy(), answer(200)),
    );
    const { langfuse, queue } = await startSendingTo(server);
    record(langfuse, 3);
    expect(await langfuse.flush()).toMatchObject({ delivered: 3 });
    expect(queue.stats()).toMatchObject({
      requests: 3,
      retries: 1,
      resentAfterUnknown: 3,
    });
  });

  it('to its end, drop by drop, is cut off at the deadline; its status counts', async () => {
    const closed: Promise<void>[] = [];
    const drip: Respond = (response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      // Steadier than any timeout between two bytes would notice.
      const drops = setInterval(() => response.write(' '), 10);
      closed.push(
        new Promise((resolve) => {
          response.on('close', () => {
            clearInterval(drops);
            resolve();
          });
        }),
      );
    };
    const server = await RecordingServer.start(drip);
    const { langfuse, queue } = await startSendingTo(server, { timeout: 0.2 });
    record(langfuse, 3);
    expect(await langfuse.flush()).toMatchObject({
      delivered: 3,
      timedOut: false,
    });
    await Promise.all(closed);
    expect(queue.stats()).toMatchObject({ requests: 1, resentAfterUnknown: 0 });
  });
});

describe('a redirect', () => {
  it('is not followed, and its target learns nothing', async () => {
    const target = await RecordingServer.start();
    const location = `${target.url}/login?token=secret`;
    const redirect = answer(307, { location });
    const server = await RecordingServer.start(redirect, redirect);
    const { app, langfuse, queue, log } = await startSendingTo(server);
    record(langfuse, 3);
    await langfuse.flush({ timeoutMs: 200 });
    await app.close();
    expect(server.requests).toHaveLength(1);
    expect(target.connections).toBe(0);
    const dropped: { [reason in DropReason]?: number } = {
      shutdown_deadline: 3,
    };
    expect(queue.stats()).toMatchObject({ delivered: 0, dropped });
    expect(log.lines).toContainEqual(
      expect.stringContaining(
        `HTTP 307 to ${target.url}: redirects are not followed, check baseUrl`,
      ),
    );
    expect(log.text).not.toContain('token=secret');
  });
});

/** The decompressed body: OTLP keeps texts as they are. */
function textOf({ body, headers }: ReceivedRequest): string {
  const isPacked = headers['content-encoding'] === 'gzip';
  return (isPacked ? gunzipSync(body) : body).toString();
}

function nextFailure(
  queue: Awaited<ReturnType<typeof startSendingTo>>['queue'],
): Promise<void> {
  return new Promise((resolve) => {
    queue.events$.subscribe((event) => {
      if (event.type !== 'destination') return;
      if (event.state.status === 'failing') resolve();
    });
  });
}
