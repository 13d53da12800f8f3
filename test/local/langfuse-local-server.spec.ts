import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { afterEach, describe, expect, it, vi } from 'vitest';
import {
  startLangfuseLocal,
  type LangfuseLocalOptions,
  type LangfuseLocalServer,
  type LocalTrace,
} from '../../lib/local/index.js';
import { exportOf, SPAN_ID, START_MS, TRACE_ID } from './export-request.js';
import { postBatch, postTraces, request } from './local-client.js';

const running: LangfuseLocalServer[] = [];

async function start(
  options?: LangfuseLocalOptions,
): Promise<LangfuseLocalServer> {
  const local = await startLangfuseLocal(options);
  running.push(local);
  return local;
}

afterEach(async () => {
  await Promise.all(running.splice(0).map((local) => local.close()));
});

function traceId(number: number): string {
  return number.toString(16).padStart(32, '0');
}

function score(id: string, body: object = {}): object {
  return {
    id: `e-${id}`,
    type: 'score-create',
    timestamp: '2026-11-23T09:00:00Z',
    body: { id, name: 'n', traceId: TRACE_ID, value: 1, ...body },
  };
}

describe('startLangfuseLocal', () => {
  it('listens on a free port of loopback and tells what to configure', async () => {
    const local = await start();
    expect(local.port).toBeGreaterThan(0);
    expect(local.url).toBe(`http://127.0.0.1:${local.port}`);
    expect(local.publicKey).toBe('pk-lf-local');
    expect(local.secretKey).toBe('sk-lf-local');
  });

  it('writes an IPv6 address so that it can be used', async () => {
    const local = await start({ host: '::1' });
    expect(local.url).toBe(`http://[::1]:${local.port}`);
    expect((await request(local, '/api/public/health')).status).toBe(200);
  });

  it('rejects when the port is taken', async () => {
    const { port } = await start();
    await expect(startLangfuseLocal({ port })).rejects.toMatchObject({
      code: 'EADDRINUSE',
    });
  });

  it('closes more than once, also under a request, and stays readable', async () => {
    const local = await start();
    await postTraces(local, exportOf([{}]));
    const pending = httpRequest(`${local.url}/api/public/ingestion`, {
      method: 'POST',
      headers: { 'content-length': 10, expect: '100-continue' },
    });
    const cut = once(pending, 'error');
    pending.flushHeaders();
    await once(pending, 'continue');
    await Promise.all([local.close(), local.close()]);
    await cut;
    await expect(fetch(local.url)).rejects.toThrow();
    expect(local.observations()).toHaveLength(1);
  });
});

describe('the record of requests', () => {
  it('has head, sizes and contents of each, without secrets', async () => {
    const local = await start();
    const before = Date.now();
    const body = exportOf([{}, { spanId: '00000000000000a1' }]);
    await postTraces(local, body, {
      cookie: 'session=secret',
      'x-langfuse-sdk-name': 'nestjs-langfuse',
    });
    await postBatch(local, [score('a'), score('b', { value: true })]);
    await request(local, '/nowhere?token=secret');
    const [traces, scores, unknown] = local.requests;
    expect(traces).toEqual({
      method: 'POST',
      path: '/api/public/otel/v1/traces',
      status: 200,
      headers: expect.objectContaining({
        'content-type': 'application/x-protobuf',
        'x-langfuse-sdk-name': 'nestjs-langfuse',
        'x-langfuse-ingestion-version': '4',
      }),
      bytes: body.length,
      decodedBytes: body.length,
      spans: 2,
      scores: 0,
      receivedAt: expect.any(Number),
      note: undefined,
    });
    expect(traces?.receivedAt).toBeGreaterThanOrEqual(before);
    expect(scores).toMatchObject({ status: 207, scores: 2 });
    expect(unknown).toMatchObject({ status: 404, path: '/nowhere' });
    expect(JSON.stringify(local.requests)).not.toMatch(
      /secret|authorization|cGs6c2s/,
    );
  });

  it('is bounded', async () => {
    const local = await start({ maxRequests: 2 });
    for (const path of ['/1', '/2', '/3']) {
      await request(local, path);
    }
    expect(local.requests.map(({ path }) => path)).toEqual(['/2', '/3']);
    expect(local.stats().requests).toBe(3);
  });
});

describe('what is kept', () => {
  it('lists records by fields', async () => {
    const local = await start();
    await postTraces(
      local,
      exportOf([
        { name: 'a', attributes: { 'user.id': 'u' } },
        { name: 'b', spanId: '00000000000000a2' },
        { name: 'a', traceId: traceId(2) },
      ]),
    );
    await postBatch(local, [score('s-1'), score('s-2', { name: 'other' })]);
    const names = (filter: Parameters<typeof local.observations>[0]) =>
      local.observations(filter).map(({ name }) => name);
    expect(names({})).toEqual(['a', 'b', 'a']);
    expect(names({ traceId: TRACE_ID, name: 'a' })).toEqual(['a']);
    expect(names({ userId: null })).toEqual(['b', 'a']);
    expect(names({ name: undefined, id: SPAN_ID })).toEqual(['a', 'a']);
    expect(names({ traceId: 'unknown' })).toEqual([]);
    expect(local.scores({ name: 'other' }).map(({ id }) => id)).toEqual([
      's-2',
    ]);
  });

  it('describes a trace by its root, then by whoever says something', async () => {
    const local = await start();
    await postTraces(
      local,
      exportOf([
        {
          name: 'child',
          spanId: '00000000000000c1',
          parentSpanId: SPAN_ID,
          attributes: {
            'user.id': 'from child',
            'session.id': 'from child',
            'langfuse.environment': 'child',
          },
        },
      ]),
    );
    expect(local.traces()).toMatchObject([
      { id: TRACE_ID, name: null, root: undefined, userId: 'from child' },
    ]);
    await postTraces(
      local,
      exportOf([
        {
          name: 'root',
          attributes: {
            'user.id': 'from root',
            'langfuse.trace.tags': ['x'],
            'langfuse.environment': 'prod',
          },
        },
      ]),
    );
    await postBatch(local, [score('s-1')]);
    expect(local.traces()).toMatchObject([
      {
        id: TRACE_ID,
        name: 'root',
        userId: 'from root',
        sessionId: 'from child',
        tags: ['x'],
        environment: 'prod',
        root: { name: 'root' },
        observations: [{ name: 'child' }, { name: 'root' }],
        scores: [{ id: 's-1' }],
      },
    ]);
  });

  it('keeps the newest traces', async () => {
    const local = await start({ maxTraces: 3 });
    for (let number = 1; number <= 5; number += 1) {
      await postTraces(local, exportOf([{ traceId: traceId(number) }]));
    }
    expect(local.traces().map(({ id }) => id)).toEqual([3, 4, 5].map(traceId));
    expect(local.stats()).toMatchObject({ traces: 5, evictedTraces: 2 });
  });

  it('stays within its bytes, across traces and within one', async () => {
    const local = await start({ maxStoredBytes: 50_000 });
    const big = (number: number, spanId = SPAN_ID) =>
      postTraces(
        local,
        exportOf([
          {
            traceId: traceId(number),
            spanId,
            attributes: { 'langfuse.observation.input': 'x'.repeat(20_000) },
          },
        ]),
      );
    await big(1);
    await big(2);
    await big(3);
    expect(local.traces().map(({ id }) => id)).toEqual([2, 3].map(traceId));
    for (const spanId of ['00000000000000b1', '00000000000000b2']) {
      await big(3, spanId);
    }
    expect(local.observations().map(({ id }) => id)).toEqual([
      '00000000000000b1',
      '00000000000000b2',
    ]);
    expect(local.stats()).toMatchObject({ observations: 5, evictedTraces: 2 });
  });

  it('counts an evicted span that comes back as new', async () => {
    const local = await start({ maxTraces: 1 });
    await postTraces(local, exportOf([{ traceId: traceId(1) }]));
    await postTraces(local, exportOf([{ traceId: traceId(2) }]));
    await postTraces(local, exportOf([{ traceId: traceId(1) }]));
    expect(local.stats().duplicates).toBe(0);
  });
});

describe('waitFor', () => {
  it('resolves to what is there already', async () => {
    const local = await start();
    await postTraces(local, exportOf([{ name: 'here' }]));
    const found = await local.waitFor((l) => l.observations()[0]);
    expect(found.name).toBe('here');
  });

  it('resolves with the arrival that fits, not earlier', async () => {
    const local = await start();
    const probe = vi.fn(() => local.observations({ name: 'third' })[0]);
    const waiting = local.waitFor(probe);
    for (const name of ['first', 'second', 'third', 'fourth']) {
      await postTraces(local, exportOf([{ name }]));
    }
    expect((await waiting).name).toBe('third');
    expect(probe).toHaveBeenCalledTimes(4);
  });

  it('has resolved when the client has its answer', async () => {
    const local = await start();
    const seen = local.waitFor((l) => l.stats().scores === 1);
    await postBatch(local, [score('s')]);
    await expect(Promise.race([seen, Promise.resolve('late')])).resolves.toBe(
      true,
    );
  });

  it('rejects with what has arrived when the time is over', async () => {
    const local = await start();
    await postTraces(local, exportOf([{}]));
    await expect(local.waitFor(() => false, { timeoutMs: 1 })).rejects.toThrow(
      /^waitFor\(\): nothing fitted within 1 ms; received so far: \{"requests":1,"traces":1,"observations":1,/,
    );
    expect(local.listenerCount('request')).toBe(0);
  });

  it('rejects when the receiver closes', async () => {
    const local = await start();
    const waiting = expect(local.waitFor(() => false)).rejects.toThrow(
      'the receiver was closed',
    );
    await local.close();
    await waiting;
  });

  it('rejects with what the probe throws', async () => {
    const local = await start();
    const waiting = expect(
      local.waitFor((l) => {
        if (l.requests.length > 0) {
          throw new Error('from the probe');
        }
      }),
    ).rejects.toThrow('from the probe');
    await request(local, '/');
    await waiting;
  });
});

describe('events', () => {
  it('tell of each record and then of the request', async () => {
    const local = await start();
    const events: string[] = [];
    local.on('observation', ({ name }) => events.push(`observation ${name}`));
    local.on('score', ({ id }) => events.push(`score ${id}`));
    local.on('request', ({ status }) => events.push(`request ${status}`));
    await postTraces(
      local,
      exportOf([{ name: 'a' }, { name: 'b', spanId: '00000000000000a2' }]),
    );
    await postBatch(local, [score('s'), score('lost', { id: null })]);
    await postTraces(local, exportOf([{ spanId: '' }]));
    expect(events).toEqual([
      'observation a',
      'observation b',
      'request 200',
      'score s',
      'request 207',
      'request 400',
    ]);
  });

  it('report a trace once, when it is quiet and its root is here', async () => {
    const traces: LocalTrace[] = [];
    const local = await start({
      traceQuietMs: 20,
      onTrace: (trace) => traces.push(trace),
    });
    const reported = once(local, 'trace');
    await postTraces(
      local,
      exportOf([{ spanId: '00000000000000c1', parentSpanId: SPAN_ID }]),
    );
    await postTraces(local, exportOf([{ name: 'root' }]));
    await reported;
    expect(traces).toMatchObject([
      { id: TRACE_ID, observations: [{}, { name: 'root' }] },
    ]);
    await postTraces(local, exportOf([{ startMs: START_MS + 5 }]));
    await local.close();
    expect(traces).toHaveLength(1);
  });

  it('report what still waits for quiet when the receiver closes', async () => {
    const traces: string[] = [];
    const local = await start({
      traceQuietMs: 60_000,
      onTrace: ({ id }) => traces.push(id),
    });
    await postTraces(
      local,
      exportOf([
        { traceId: traceId(1) },
        { traceId: traceId(2), parentSpanId: SPAN_ID },
      ]),
    );
    expect(traces).toEqual([]);
    await local.close();
    expect(traces).toEqual([traceId(1)]);
  });

  it('let a listener fail without failing the request', async () => {
    const local = await start();
    const failure = new Error('from the listener');
    local.on('observation', () => {
      throw failure;
    });
    const others = process.rawListeners('uncaughtException');
    process.removeAllListeners('uncaughtException');
    const heard = once(process, 'uncaughtException');
    const answer = await postTraces(local, exportOf([{}]));
    expect((await heard)[0]).toBe(failure);
    for (const listener of others) {
      process.on('uncaughtException', listener as () => void);
    }
    expect(answer.status).toBe(200);
    expect(local.observations()).toHaveLength(1);
  });
});
