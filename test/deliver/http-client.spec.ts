/** The HTTP client on real sockets, without a proxy. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { getEventListeners, once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import {
  HttpClient,
  type HttpRequest,
  type SendOptions,
} from '../../lib/deliver/http-client.js';
import { type Clock, systemClock, type Timer } from '../../lib/queue/clock.js';
import { makeCertificates } from '../faults/certificates.js';
import { FakeClock } from '../support/fake-clock.js';

const TIMEOUT_MS = 10_000;

/** A server that keeps its sockets in view. */
async function startServer(listener: RequestListener, isTls = false) {
  const server = isTls
    ? createTlsServer((await makeCertificates()).good, listener)
    : createServer(listener);
  const sockets = new Set<Socket>();
  let connections = 0;
  server.on('connection', (socket: Socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const url = new URL(`${isTls ? 'https' : 'http'}://127.0.0.1:${port}/`);
  return { server, url, sockets, connections: () => connections };
}

function startClient(clock: Clock = systemClock): HttpClient {
  const client = new HttpClient(clock);
  onTestFinished(() => client.close());
  return client;
}

function post(url: URL, headers = {}, body: Uint8Array[] = []): HttpRequest {
  return { method: 'POST', url, headers, body };
}

function exchange(given: Partial<SendOptions> = {}): SendOptions {
  const { signal } = new AbortController();
  return { timeoutMs: TIMEOUT_MS, signal, inBackground: false, ...given };
}

const gone = (sockets: ReadonlySet<Socket>) =>
  vi.waitFor(() => expect(sockets.size).toBe(0));

/** Resolves when a client in this process has read the status of an answer. */
function statusOfNextAnswer(): Promise<void> {
  const channel = 'http.client.response.finish';
  return new Promise((resolve) => {
    const note = () => resolve();
    subscribe(channel, note);
    onTestFinished(() => void unsubscribe(channel, note));
  });
}

describe('an exchange', () => {
  it.each([
    ['http', false],
    ['https', true],
  ])(
    'over %s uses its connection again, until the client is closed',
    async (_, isTls) => {
      const { url, sockets, connections } = await startServer(
        (_request, response) => response.end('taken'),
        isTls,
      );
      const client = startClient();
      for (let i = 0; i < 3; i++) {
        const result = await client.send(post(url), exchange());
        expect(result).toMatchObject({ kind: 'answer', status: 200 });
      }
      expect(connections()).toBe(1);
      client.close();
      await gone(sockets);
    },
  );

  it('leaves neither a timer nor a listener behind', async () => {
    const { url } = await startServer((_, response) => response.end());
    const clock = new FakeClock();
    const { signal } = new AbortController();
    const options = exchange({ signal });
    const sending = startClient(clock).send(post(url), options);
    expect(clock.armed).toEqual([{ inMs: TIMEOUT_MS, holds: false }]);
    await sending;
    expect(clock.armed).toEqual([]);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  it('in the background holds the process with no connection', async () => {
    const { url, server } = await startServer(() => undefined);
    const client = startClient();
    const holding = () =>
      process
        .getActiveResourcesInfo()
        .filter((name) => name === 'TCPSocketWrap').length;
    // Those of earlier tests are closing.
    await vi.waitFor(() => expect(holding()).toBe(0));
    void client.send(post(url), exchange({ inBackground: true }));
    await once(server, 'request');
    // The end that is the server's.
    expect(holding()).toBe(1);
    void client.send(post(url), exchange({ inBackground: false }));
    await once(server, 'request');
    expect(holding()).toBe(3);
  });

  it('with a header that cannot be sent is a failure and no exception', async () => {
    const { url, sockets } = await startServer((_, response) => response.end());
    const request = post(url, { 'x-team': 'a\nb' });
    const result = await startClient().send(request, exchange());
    expect(result).toMatchObject({
      kind: 'failure',
      code: 'EINVAL',
      mayHaveArrived: false,
    });
    expect(sockets.size).toBe(0);
  });
});

describe('a shutdown', () => {
  it('before the exchange keeps it from being sent', async () => {
    const { url, connections } = await startServer((_, response) =>
      response.end(),
    );
    const clock = new FakeClock();
    const signal = AbortSignal.abort();
    const result = await startClient(clock).send(
      post(url),
      exchange({ signal }),
    );
    expect(result).toMatchObject({ code: 'ABORTED', mayHaveArrived: false });
    expect(connections()).toBe(0);
    expect(clock.armed).toEqual([]);
  });

  it('ends the exchange and its connection', async () => {
    const { url, server, sockets } = await startServer(() => undefined);
    const shutdown = new AbortController();
    const { signal } = shutdown;
    const sending = startClient().send(post(url), exchange({ signal }));
    await once(server, 'request');
    shutdown.abort();
    expect(await sending).toMatchObject({ code: 'ABORTED' });
    await gone(sockets);
  });
});

describe('an answer that does not come', () => {
  it('ends the exchange at the deadline, and its connection', async () => {
    const { url, server, sockets } = await startServer(() => undefined);
    const clock = new FakeClock();
    const sending = startClient(clock).send(post(url), exchange());
    await once(server, 'request');
    await clock.advance(TIMEOUT_MS - 1);
    expect(sockets.size).toBe(1);
    await clock.advance(1);
    expect(await sending).toMatchObject({
      code: 'TIMEOUT',
      mayHaveArrived: true,
      onStaleConnection: false,
    });
    await gone(sockets);
  });

  it('over a connection that was used before tells no stale one', async () => {
    let count = 0;
    const { url, server } = await startServer((_, response) => {
      count += 1;
      if (count === 1) response.end();
    });
    const clock = new FakeClock();
    const client = startClient(clock);
    await client.send(post(url), exchange());
    const sending = client.send(post(url), exchange());
    await once(server, 'request');
    await clock.advance(TIMEOUT_MS);
    expect(await sending).toMatchObject({
      code: 'TIMEOUT',
      onStaleConnection: false,
    });
  });

  it('because the connection is reset is a failure, and stale if it was used', async () => {
    let count = 0;
    const { url } = await startServer((request, response) => {
      count += 1;
      if (count === 2) response.end();
      else request.socket.resetAndDestroy();
    });
    const client = startClient();
    const results = [];
    for (let i = 0; i < 3; i++) {
      results.push(await client.send(post(url), exchange()));
    }
    expect(results).toMatchObject([
      { code: 'ECONNRESET', mayHaveArrived: true, onStaleConnection: false },
      { kind: 'answer', status: 200 },
      { code: 'ECONNRESET', mayHaveArrived: true, onStaleConnection: true },
    ]);
  });

  it('to a request that did not get through cannot have arrived', async () => {
    const { url, server } = await startServer(() => undefined);
    server.on('connection', (socket: Socket) => socket.resetAndDestroy());
    const result = await startClient().send(
      post(url, {}, [Buffer.alloc(20_000_000)]),
      exchange(),
    );
    expect(result).toMatchObject({ kind: 'failure', mayHaveArrived: false });
  });
});

describe('an answer whose status has come', () => {
  const head = { 'content-type': 'text/plain', 'content-length': '1000000' };

  it('counts although its body never ends', async () => {
    const { url, sockets } = await startServer((_, response) => {
      response.writeHead(200, head);
      response.write('half');
    });
    const clock = new FakeClock();
    const hasStatus = statusOfNextAnswer();
    const sending = startClient(clock).send(post(url), exchange());
    await hasStatus;
    await clock.advance(TIMEOUT_MS);
    expect(await sending).toMatchObject({ kind: 'answer', status: 200 });
    await gone(sockets);
  });

  it('counts although its connection breaks off', async () => {
    const { url } = await startServer((request, response) => {
      response.writeHead(200, head);
      response.write('half', () => request.socket.resetAndDestroy());
    });
    const result = await startClient().send(post(url), exchange());
    expect(result).toMatchObject({ kind: 'answer', status: 200 });
  });

  it('counts although its connection breaks off before the request is sent', async () => {
    const { url, sockets } = await startServer((_, response) => {
      response.writeHead(200, head);
      response.write('half');
    });
    const hasStatus = statusOfNextAnswer();
    const body = [Buffer.alloc(20_000_000)];
    const sending = startClient().send(post(url, {}, body), exchange());
    await hasStatus;
    for (const socket of sockets) socket.resetAndDestroy();
    expect(await sending).toMatchObject({ kind: 'answer', status: 200 });
  });

  it('is read up to a bound', async () => {
    const chunk = Buffer.alloc(16 * 1024);
    const { url, sockets } = await startServer((_, response) => {
      response.writeHead(500);
      const write = (): void => {
        while (!response.destroyed && response.write(chunk)) continue;
        if (!response.destroyed) response.once('drain', write);
      };
      write();
    });
    const result = await startClient().send(post(url), exchange());
    expect(result).toMatchObject({ kind: 'answer', status: 500 });
    const { body } = result as { readonly body: Buffer };
    expect(body.byteLength).toBeLessThan(256 * 1024);
    await gone(sockets);
  });
});

/** A clock that a test can find to be late. */
class LateClock implements Clock {
  private time = 0;
  readonly armed = new Map<number, () => void>();
  private timers = 0;

  now(): number {
    return this.time;
  }

  after(_delayMs: number, callback: () => void): Timer {
    const timer = this.timers++;
    this.armed.set(timer, callback);
    return { cancel: () => this.armed.delete(timer) };
  }

  afterHolding(delayMs: number, callback: () => void): Timer {
    return this.after(delayMs, callback);
  }

  /** All that is armed fires now, `lateMs` after it should have. */
  fire(lateMs: number): void {
    this.time += TIMEOUT_MS + lateMs;
    const due = [...this.armed.values()];
    this.armed.clear();
    for (const callback of due) callback();
  }
}

describe('a deadline that comes late, since the process was busy', () => {
  it('leaves time to read the answer that is there', async () => {
    const clock = new LateClock();
    const { url } = await startServer((_, response) => {
      response.end('taken');
      clock.fire(200);
    });
    const result = await startClient(clock).send(post(url), exchange());
    expect(result).toMatchObject({ kind: 'answer', status: 200 });
    expect(clock.armed.size).toBe(0);
  });

  it('comes all the same when there is none', async () => {
    const clock = new LateClock();
    const { url, server } = await startServer(() => clock.fire(200));
    const sending = startClient(clock).send(post(url), exchange());
    await once(server, 'request');
    clock.fire(0);
    expect(await sending).toMatchObject({ code: 'TIMEOUT' });
  });
});
