import { describe, expect, it } from 'vitest';
import type { HttpResult } from '../../lib/deliver/http-client.js';
import { LangfuseTransport } from '../../lib/deliver/langfuse-transport.js';
import type { Batch, LaneName } from '../../lib/queue/index.js';
import { encodeScoreEvent } from '../../lib/wire/index.js';
import { FakeClock, settled } from '../support/fake-clock.js';
import {
  answer,
  failure,
  inTurn,
  ScriptedHttp,
  type SentRequest,
  SETTINGS,
} from './scripted-http.js';

const never = new AbortController().signal;
const TAKEN = answer(200, '{}');
/** Of records that were all delivered. */
const NONE = { refused: [], rest: [] };

/** A batch whose records are texts of letters, so that bodies show them. */
function batchOf(lane: LaneName, ...texts: string[]): Batch {
  const records = texts.map((text, index) => ({
    lane,
    id: `${index}`,
    bytes: Buffer.from(lane === 'spans' ? text : `"${text}"`),
  }));
  const bytes = texts.join('').length;
  return { lane, bytes, records };
}

function setUp(reply: ConstructorParameters<typeof ScriptedHttp>[0]) {
  const http = new ScriptedHttp(reply);
  const clock = new FakeClock();
  const transport = new LangfuseTransport(SETTINGS, {
    clock,
    random: () => 1,
    http,
  });
  const states: string[] = [];
  transport.state$.subscribe(({ concerns, status }) =>
    states.push(`${concerns} ${status}`),
  );
  /** The letters of each request with data. */
  const letters = () =>
    http.bodies.map((body) => body.replaceAll(/[^A-Z]/g, '')).filter(Boolean);
  return { http, clock, transport, states, letters };
}

const lengthOf = ({ headers }: SentRequest) =>
  Number(headers['content-length']);

describe('a server with a limit for bodies', () => {
  const A = 'A'.repeat(1_000);
  const B = 'B'.repeat(1_000);
  const C = 'C'.repeat(1_000);
  const D = 'D'.repeat(1_000);

  it('gets everything in order, and later batches in parts that it takes', async () => {
    const { transport, letters } = setUp((request) =>
      lengthOf(request) > 2_500 ? answer(413) : TAKEN,
    );
    expect(await transport.send(batchOf('spans', A, B, C, D), never)).toEqual({
      delivered: 4,
      rejected: 0,
      ...NONE,
    });
    expect(letters()).toEqual([A + B + C + D, A + B, C + D]);
    await transport.send(batchOf('spans', A, B, C, D), never);
    expect(letters().slice(3)).toEqual([A + B, C + D]);
  });

  it('is asked for more after ten requests that it took', async () => {
    let limit = 2_500;
    const { transport, letters } = setUp((request) =>
      lengthOf(request) > limit ? answer(413) : TAKEN,
    );
    await transport.send(batchOf('spans', A, B, C, D), never);
    limit = Infinity;
    const sent = async () => {
      const before = letters().length;
      await transport.send(batchOf('spans', A, B, C), never);
      return letters().length - before;
    };
    let batches = 0;
    while ((await sent()) > 1) {
      batches += 1;
      expect(batches).toBeLessThan(20);
    }
    expect(batches).toBeGreaterThan(5);
  });
});

describe('a server that fails', () => {
  it('is asked first, and gets the same again, which is counted', async () => {
    const { clock, http, transport, letters } = setUp(
      inTurn(
        failure('ECONNRESET', { mayHaveArrived: true }),
        TAKEN,
        answer(503),
        TAKEN,
      ),
    );
    const sending = transport.send(batchOf('spans', 'A', 'B', 'C'), never);
    await clock.advance(60_000);
    expect(await sending).toEqual({ delivered: 3, rejected: 0, ...NONE });
    expect(http.bodies.map((body) => body === '')).toEqual([
      false,
      true,
      false,
      true,
      false,
    ]);
    expect(new Set(letters())).toEqual(new Set(['ABC']));
    expect(transport.stats).toEqual({
      requests: 5,
      retries: 2,
      // The second try had an answer: only the first may have arrived unseen.
      resentAfterUnknown: 3,
    });
  });

  it('is not asked again over a fresh connection for a stale one', async () => {
    const answers: ((result: HttpResult) => void)[] = [];
    const { http, transport } = setUp(
      () => new Promise((resolve) => answers.push(resolve)),
    );
    void transport.send(batchOf('spans', 'A'), never);
    void transport.send(batchOf('spans', 'B'), never);
    await settled();
    answers[0]!(answer(503));
    await settled();
    answers[1]!(failure('ECONNRESET', { onStaleConnection: true }));
    await settled();
    expect(http.sent).toHaveLength(2);
  });

  it('for one lane takes the other one', async () => {
    const { transport, states } = setUp(({ url }) =>
      url.pathname.endsWith('/ingestion') ? answer(404) : TAKEN,
    );
    void transport.send(batchOf('scores', 'A'), never);
    await settled();
    expect(states).toEqual(['scores failing']);
    expect([transport.isFree('spans'), transport.isFree('scores')]).toEqual([
      true,
      false,
    ]);
    expect(await transport.send(batchOf('spans', 'A'), never)).toEqual({
      delivered: 1,
      rejected: 0,
      ...NONE,
    });
  });

  it('is asked at once when somebody waits for the last time', async () => {
    const { transport } = setUp(inTurn(answer(503), TAKEN));
    const sending = transport.send(batchOf('spans', 'A'), never);
    await settled();
    transport.hasten();
    expect(await sending).toEqual({ delivered: 1, rejected: 0, ...NONE });
  });

  it('is not asked for what a shutdown ends', async () => {
    const { clock, http, transport } = setUp(() => answer(503));
    const shutdown = new AbortController();
    const batch = batchOf('spans', 'A');
    const sending = transport.send(batch, shutdown.signal);
    await settled();
    shutdown.abort();
    expect(await sending).toEqual({
      delivered: 0,
      rejected: 0,
      refused: [],
      rest: batch.records,
    });
    transport.close();
    await clock.advance(3_600_000);
    expect(http.sent).toHaveLength(1);
    expect(http.isClosed).toBe(true);
  });
});

describe('a server that refuses', () => {
  it('a batch because of one record takes all others, and says why', async () => {
    const { transport } = setUp(({ body }) =>
      Buffer.concat(body).includes('X') ? answer(400, 'bad id') : TAKEN,
    );
    const batch = batchOf('spans', 'A', 'B', 'X', 'D');
    const settlement = await transport.send(batch, never);
    expect(settlement).toEqual({
      delivered: 3,
      rejected: 1,
      cause: 'HTTP 400: bad id',
      refused: [batch.records[2]],
      rest: [],
    });
    expect(settlement.refused![0]).toBe(batch.records[2]);
  });

  it('a batch is asked without data only while it has taken nothing else', async () => {
    const { http, transport } = setUp(({ body }) =>
      Buffer.concat(body).includes('X') ? answer(400, 'bad id') : TAKEN,
    );
    const probes = () => http.bodies.filter((body) => body === '').length;
    await transport.send(batchOf('spans', 'A', 'B', 'X', 'D'), never);
    expect(probes()).toBe(1);
    await transport.send(batchOf('spans', 'A', 'B', 'X', 'D'), never);
    expect(probes()).toBe(1);
  });

  it('everything of one lane holds that lane only', async () => {
    const { transport, states } = setUp(({ url }) =>
      url.pathname.endsWith('/ingestion') ? answer(400, 'no') : TAKEN,
    );
    void transport.send(batchOf('scores', 'A', 'B'), never);
    await settled();
    expect(states).toEqual(['scores failing']);
    expect(transport.isFree('spans')).toBe(true);
  });

  it('scores by id gets those again that it could not store', async () => {
    const errors = [
      { id: '0', status: 400, message: 'bad' },
      { id: '2', status: 500 },
    ];
    const { clock, transport, letters, states } = setUp(
      inTurn(
        answer(207, JSON.stringify({ errors })),
        answer(207, '{"errors":[]}'),
      ),
    );
    const batch = batchOf('scores', 'A', 'B', 'C');
    const sending = transport.send(batch, never);
    await settled();
    expect(states).toEqual(['scores failing']);
    await clock.advance(1_000);
    expect(await sending).toEqual({
      delivered: 2,
      rejected: 1,
      cause: 'score 0: 400 bad',
      refused: [batch.records[0]],
      rest: [],
    });
    expect(letters()).toEqual(['ABC', 'C']);
  });

  it('a part of the spans leaves the others, without saying which', async () => {
    const body = '{"partialSuccess":{"rejectedSpans":2}}';
    const { transport } = setUp(() => answer(200, body));
    expect(
      await transport.send(batchOf('spans', 'A', 'B', 'C'), never),
    ).toEqual({
      delivered: 1,
      rejected: 2,
      cause: 'partial success',
      ...NONE,
    });
  });
});

describe('a batch that a shutdown ends halfway', () => {
  it('names what is left of it, in order', async () => {
    const shutdown = new AbortController();
    const { transport, letters } = setUp(({ body }) => {
      const text = Buffer.concat(body).toString();
      if (/[A-D]{3}/.test(text)) return answer(413);
      return text.includes('A') ? answer(503) : TAKEN;
    });
    const batch = batchOf('spans', 'A', 'B', 'C', 'D');
    const sending = transport.send(batch, shutdown.signal);
    await settled();
    shutdown.abort();
    expect(letters()).toEqual(['ABCD', 'AB']);
    expect(await sending).toMatchObject({ delivered: 0, rest: batch.records });
  });

  it('names the record itself where a cut one was under way', async () => {
    const shutdown = new AbortController();
    const large = encodeScoreEvent({
      eventId: 'a',
      timestamp: new Date(0).toISOString(),
      id: 'b',
      traceId: 't',
      name: 'n',
      dataType: 'NUMERIC',
      value: 1,
      comment: 'x'.repeat(10_000),
    });
    const record = { lane: 'scores', id: 'a', bytes: large } as const;
    const { transport, http } = setUp((request) =>
      answer(lengthOf(request) > 3_000 ? 413 : 503),
    );
    const { byteLength: bytes } = large;
    const sending = transport.send(
      { lane: 'scores', bytes, records: [record] },
      shutdown.signal,
    );
    await settled();
    shutdown.abort();
    const { rest } = await sending;
    expect(http.sent.length).toBeGreaterThan(1);
    expect(rest![0]).toBe(record);
  });
});
