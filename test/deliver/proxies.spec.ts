/** Proxies of the environment, on real sockets. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { once } from 'node:events';
import http, { createServer, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, createServer as createNetServer } from 'node:net';
import { networkInterfaces } from 'node:os';
import { context, createContextKey } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import {
  HttpClient,
  type HttpRequest,
  type HttpResult,
  type SendOptions,
} from '../../lib/deliver/http-client.js';
import { judge } from '../../lib/deliver/outcome.js';
import { proxyFor } from '../../lib/deliver/proxy.js';
import { systemClock } from '../../lib/queue/clock.js';
import { type Certificates, makeCertificates } from '../faults/certificates.js';
import { FakeClock } from '../support/fake-clock.js';
import {
  ForwardProxy,
  type ForwardProxyOptions,
} from '../support/forward-proxy.js';

/** User and password with what a URL must encode. */
const CREDENTIALS = 'us er:p@ss/wörd';
const ENCODED = CREDENTIALS.split(':').map(encodeURIComponent).join(':');
const PASSWORD = /p@ss|p%40ss|wörd|w%C3%B6rd/;

let certificates: Certificates;
beforeAll(async () => (certificates = await makeCertificates()));

/** Sets the proxy variables to exactly these until the test ends. */
function proxyEnvironment(variables: Readonly<Record<string, string>>): void {
  onTestFinished(() => void vi.unstubAllEnvs());
  for (const name of ['HTTP', 'HTTPS', 'ALL', 'NO']) {
    vi.stubEnv(`${name}_PROXY`, undefined);
    vi.stubEnv(`${name}_proxy`.toLowerCase(), undefined);
  }
  for (const [name, value] of Object.entries(variables)) {
    vi.stubEnv(name, value);
  }
}

async function startProxy(options?: ForwardProxyOptions) {
  const proxy = new ForwardProxy(options);
  await proxy.listen();
  onTestFinished(() => proxy.close());
  return proxy;
}

type Scheme = 'http' | 'https';

/** A destination; its URL has a name that only the proxy can resolve. */
async function startServer(scheme: Scheme, listener?: RequestListener) {
  const requests: { readonly path: string; readonly headers: object }[] = [];
  const onRequest: RequestListener = (request, response) => {
    requests.push({ path: request.url ?? '', headers: request.headers });
    if (listener) listener(request, response);
    else response.end('taken');
  };
  const server =
    scheme === 'https'
      ? createTlsServer(certificates.wrongHost, onRequest)
      : createServer(onRequest);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { url: `${scheme}://langfuse.test:${port}`, port, requests };
}

function startClient(
  clock: ConstructorParameters<typeof HttpClient>[0] = systemClock,
) {
  const client = new HttpClient(clock);
  onTestFinished(() => client.close());
  return client;
}

function get(url: string): HttpRequest {
  return {
    method: 'GET',
    url: new URL(url),
    headers: { 'x-own': '1' },
    body: [],
  };
}

function exchange(given: Partial<SendOptions> = {}): SendOptions {
  const { signal } = new AbortController();
  return { timeoutMs: 10_000, signal, inBackground: false, ...given };
}

function statusOf(result: HttpResult): number | string {
  return result.kind === 'answer' ? result.status : result.code;
}

const gone = (proxy: ForwardProxy) =>
  vi.waitFor(() => expect(proxy.sockets.size).toBe(0));
const asked = (proxy: ForwardProxy, count = 1) =>
  vi.waitFor(() => expect(proxy.requests).toHaveLength(count));

describe('an https destination', () => {
  it('is reached through one tunnel that is used again', async () => {
    const server = await startServer('https');
    const proxy = await startProxy({ credentials: CREDENTIALS });
    proxyEnvironment({ HTTPS_PROXY: `http://${ENCODED}@${proxy.host}` });
    const client = startClient();
    for (let i = 0; i < 2; i++) {
      const result = await client.send(get(`${server.url}/a?b`), exchange());
      expect(statusOf(result)).toBe(200);
    }
    expect(proxy.requests).toMatchObject([
      { method: 'CONNECT', target: `langfuse.test:${server.port}` },
    ]);
    const { path, headers } = server.requests[1]!;
    expect(path).toBe('/a?b');
    expect(headers).toMatchObject({ 'x-own': '1' });
    expect(headers).not.toHaveProperty('proxy-authorization');
    client.close();
    await gone(proxy);
  });

  it.each([
    [301, 'config'],
    [403, 'config'],
    [407, 'config'],
    [429, 'destination'],
    [502, 'destination'],
  ])(
    'a tunnel refused with %i is a failure of class %s',
    async (status, kind) => {
      const proxy = await startProxy();
      proxy.behaviour = status;
      proxyEnvironment({ https_proxy: `http://${ENCODED}@${proxy.host}` });
      const result = await startClient().send(
        get('https://a.test/'),
        exchange(),
      );
      expect(result).toMatchObject({
        kind: 'failure',
        code: `PROXY_${status}`,
        mayHaveArrived: false,
        onStaleConnection: false,
      });
      expect(judge(result)).toMatchObject({
        kind,
        cause:
          `the proxy ${proxy.host} refuses: HTTP ${status} to CONNECT a.test:443: ` +
          'check https_proxy, or name a.test in NO_PROXY',
      });
      expect(JSON.stringify(result)).not.toMatch(PASSWORD);
      await gone(proxy);
    },
  );

  it('that is silent within its tunnel ends by the deadline', async () => {
    const server = createNetServer((socket) =>
      socket.on('error', () => undefined),
    );
    await new Promise<void>((resolve) =>
      server.listen(0, '127.0.0.1', resolve),
    );
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    const proxy = await startProxy();
    proxyEnvironment({ HTTPS_PROXY: proxy.url });
    const clock = new FakeClock();
    const request = get(`https://langfuse.test:${port}/`);
    const sending = startClient(clock).send(request, exchange());
    await once(server, 'connection');
    await clock.advance(10_000);
    expect(await sending).toMatchObject({
      code: 'TIMEOUT',
      mayHaveArrived: false,
    });
    await gone(proxy);
  });

  it('is not trusted for being reached through a proxy', async () => {
    const server = await startServer('https');
    const proxy = await startProxy();
    proxyEnvironment({ HTTPS_PROXY: proxy.url });
    const url = server.url.replace('langfuse.test', 'other.test');
    const result = await startClient().send(get(url), exchange());
    expect(statusOf(result)).toBe('ERR_TLS_CERT_ALTNAME_INVALID');
    expect(server.requests).toEqual([]);
    await gone(proxy);
  });
});

describe('an http destination', () => {
  it('is asked for in absolute form, over a connection that is kept', async () => {
    const server = await startServer('http');
    const proxy = await startProxy({ credentials: CREDENTIALS });
    proxyEnvironment({ HTTP_PROXY: `http://${ENCODED}@${proxy.host}` });
    const client = startClient();
    for (let i = 0; i < 2; i++) {
      const result = await client.send(get(`${server.url}/a?b`), exchange());
      expect(statusOf(result)).toBe(200);
    }
    expect(proxy.connections).toBe(1);
    expect(proxy.requests[1]).toMatchObject({
      method: 'GET',
      target: `${server.url}/a?b`,
      headers: { host: `langfuse.test:${server.port}`, 'x-own': '1' },
    });
    expect(server.requests.map(({ path }) => path)).toEqual(['/a?b', '/a?b']);
    client.close();
    await gone(proxy);
  });

  it('a proxy that wants other credentials is a matter of the settings', async () => {
    const proxy = await startProxy({ credentials: CREDENTIALS });
    proxyEnvironment({ HTTP_PROXY: `http://user:p%40ss@${proxy.host}` });
    const result = await startClient().send(get('http://a.test/'), exchange());
    const outcome = judge(result);
    expect(outcome).toMatchObject({
      kind: 'config',
      cause: expect.stringMatching(/^HTTP 407: .*HTTP_PROXY/),
    });
    expect(JSON.stringify([result, outcome])).not.toMatch(PASSWORD);
  });
});

describe.each<Scheme>(['http', 'https'])('%s through a proxy', (scheme) => {
  const variable = `${scheme}_proxy`;

  it('that is silent ends by the deadline, sockets and all', async () => {
    const proxy = await startProxy();
    proxy.behaviour = 'hang';
    proxyEnvironment({ [variable]: proxy.url });
    const clock = new FakeClock();
    const sending = startClient(clock).send(
      get(`${scheme}://a.test/`),
      exchange(),
    );
    await asked(proxy);
    await clock.advance(9_999);
    expect(proxy.sockets.size).toBe(1);
    await clock.advance(1);
    expect(await sending).toMatchObject({
      code: 'TIMEOUT',
      message: `no complete answer within 10000 ms, through the proxy ${proxy.host} of ${variable}`,
    });
    await gone(proxy);
  });

  it('that is silent ends with an abort', async () => {
    const proxy = await startProxy();
    proxy.behaviour = 'hang';
    proxyEnvironment({ [variable]: proxy.url });
    const shutdown = new AbortController();
    const { signal } = shutdown;
    const request = get(`${scheme}://a.test/`);
    const sending = startClient().send(request, exchange({ signal }));
    await asked(proxy);
    shutdown.abort();
    expect(statusOf(await sending)).toBe('ABORTED');
    await gone(proxy);
  });

  it('that is silent ends with the client', async () => {
    const proxy = await startProxy();
    proxy.behaviour = 'hang';
    proxyEnvironment({ [variable]: proxy.url });
    // Its deadline never comes.
    const client = startClient(new FakeClock());
    const request = get(`${scheme}://a.test/`);
    const sending = [1, 2].map(() => client.send(request, exchange()));
    await asked(proxy, 2);
    client.close();
    for (const result of await Promise.all(sending)) {
      expect(judge(result).kind).toBe('destination');
    }
    await gone(proxy);
  });

  it('that resets is a failure of the destination', async () => {
    const proxy = await startProxy();
    proxy.behaviour = 'reset';
    proxyEnvironment({ [variable]: proxy.url });
    const result = await startClient().send(
      get(`${scheme}://a.test/`),
      exchange(),
    );
    expect(result).toMatchObject({
      code: 'ECONNRESET',
      onStaleConnection: false,
    });
    expect(judge(result)).toMatchObject({
      kind: 'destination',
      cause: expect.stringContaining(proxy.host),
    });
  });

  it('tells a connection that broke while it was idle', async () => {
    let count = 0;
    const server = await startServer(scheme, (request, response) => {
      count += 1;
      if (count === 2) request.socket.destroy();
      else response.end();
    });
    const proxy = await startProxy();
    proxyEnvironment({ [variable]: proxy.url });
    const client = startClient();
    await client.send(get(server.url), exchange());
    expect(await client.send(get(server.url), exchange())).toMatchObject({
      code: 'ECONNRESET',
      onStaleConnection: true,
    });
    expect(statusOf(await client.send(get(server.url), exchange()))).toBe(200);
  });

  it('works when the proxy speaks TLS', async () => {
    const server = await startServer(scheme);
    const proxy = await startProxy({ certificate: certificates.good });
    proxyEnvironment({ [variable]: proxy.url });
    const client = startClient();
    expect(statusOf(await client.send(get(server.url), exchange()))).toBe(200);
    proxy.behaviour = 'hang';
    const clock = new FakeClock();
    const sending = startClient(clock).send(get(server.url), exchange());
    await asked(proxy, 2);
    await clock.advance(10_000);
    expect(statusOf(await sending)).toBe('TIMEOUT');
    client.close();
    await gone(proxy);
  });

  it('needs a certificate of the proxy that can be trusted', async () => {
    const proxy = await startProxy({ certificate: certificates.wrongHost });
    proxyEnvironment({ [variable]: proxy.url });
    const result = await startClient().send(
      get(`${scheme}://langfuse.test/`),
      exchange(),
    );
    expect(statusOf(result)).toBe('ERR_TLS_CERT_ALTNAME_INVALID');
    expect(judge(result).kind).toBe('config');
    expect(proxy.requests).toEqual([]);
  });

  it('is neither traced nor part of a request of the application', async () => {
    const manager = new AsyncLocalStorageContextManager().enable();
    context.setGlobalContextManager(manager);
    onTestFinished(() => context.disable());
    const ofTheApplication = new AsyncLocalStorage<string>();
    const suppressed = createContextKey(
      'OpenTelemetry SDK Context Key SUPPRESS_TRACING',
    );
    const seen: unknown[] = [];
    const connect = http.Agent.prototype.createConnection;
    const spy = vi
      .spyOn(http.Agent.prototype, 'createConnection')
      .mockImplementation(function (this: http.Agent, ...args) {
        const isSuppressed = context.active().getValue(suppressed);
        seen.push([isSuppressed, ofTheApplication.getStore()]);
        return connect.apply(this, args);
      });
    onTestFinished(() => spy.mockRestore());
    const server = await startServer(scheme);
    const proxy = await startProxy();
    proxyEnvironment({ [variable]: proxy.url });
    proxy.behaviour = 418;
    await ofTheApplication.run('a request', () =>
      startClient().send(get(server.url), exchange()),
    );
    expect(seen).toEqual([[true, undefined]]);
  });

  it('in the background does not keep the process alive', async () => {
    const proxy = await startProxy();
    proxy.behaviour = 'hang';
    proxyEnvironment({ [variable]: proxy.url });
    const client = startClient();
    const holding = () =>
      process
        .getActiveResourcesInfo()
        .filter((name) => name === 'TCPSocketWrap').length;
    // Those of earlier tests are closing.
    await vi.waitFor(() => expect(holding()).toBe(0));
    const request = get(`${scheme}://a.test/`);
    void client.send(request, exchange({ inBackground: true }));
    await asked(proxy, 1);
    // The end that is the proxy's.
    expect(holding()).toBe(1);
    void client.send(request, exchange({ inBackground: false }));
    await asked(proxy, 2);
    expect(holding()).toBe(3);
  });

  it.each([
    ['http://user:p@ss@:3128', 'is not a URL'],
    ['http://user:12/p@ss@proxy.test:3128', 'has a path'],
    ['http://user:12#p@ss@proxy.test:3128', 'has a path'],
    ['http://user:%p@ss@proxy.test:3128', 'has a user or password'],
    ['socks5://user:p%40ss@127.0.0.1:1080', 'has the scheme socks5://'],
  ])('%s is refused, and nothing is sent', async (value, problem) => {
    const server = await startServer(scheme);
    proxyEnvironment({ [variable]: value });
    const url = server.url.replace('langfuse.test', '127.0.0.1');
    const result = await startClient().send(get(url), exchange());
    expect(result).toMatchObject({
      kind: 'failure',
      code: 'PROXY_INVALID',
      message: expect.stringMatching(new RegExp(`^${variable} ${problem}`)),
    });
    const outcome = judge(result);
    expect(outcome.kind).toBe('config');
    expect(JSON.stringify([result, outcome])).not.toMatch(PASSWORD);
    expect(server.requests).toEqual([]);
  });
});

describe('the proxy for a destination', () => {
  const HTTPS = 'https://cloud.langfuse.com';

  it.each<[string, Record<string, string>, string?]>([
    [HTTPS, {}, undefined],
    [HTTPS, { HTTP_PROXY: 'http://a:1' }, undefined],
    ['http://localhost:3000', { HTTP_PROXY: 'http://a:1' }, 'a:1'],
    [HTTPS, { ALL_PROXY: 'http://a:1' }, 'a:1'],
    [HTTPS, { ALL_PROXY: 'http://a:1', HTTPS_PROXY: 'http://b:2' }, 'b:2'],
    [HTTPS, { HTTPS_PROXY: 'http://a:1', https_proxy: 'http://b:2' }, 'b:2'],
    [HTTPS, { HTTPS_PROXY: '', https_proxy: '' }, undefined],
    [HTTPS, { HTTPS_PROXY: 'a:1' }, 'a:1'],
    [HTTPS, { HTTPS_PROXY: 'http://a' }, 'a:80'],
    [HTTPS, { HTTPS_PROXY: 'https://a' }, 'a:443'],
    [HTTPS, { HTTPS_PROXY: 'http://[::1]:3128/' }, '[::1]:3128'],
  ])('%s with %j is %s', (url, variables, name) => {
    proxyEnvironment(variables);
    const proxy = proxyFor(new URL(url));
    expect(proxy?.kind === 'proxy' ? proxy.name : proxy).toBe(name);
  });

  it.each([
    ['*', true],
    ['cloud.langfuse.com', true],
    ['CLOUD.langfuse.com', true],
    ['cloud.langfuse.com:443', true],
    ['cloud.langfuse.com:8443', false],
    ['.langfuse.com', true],
    ['*.langfuse.com', true],
    ['langfuse.com', false],
    ['localhost, .internal cloud.langfuse.com', true],
    ['localhost,127.0.0.1', false],
  ])('NO_PROXY=%s: directly %s', (list, isDirect) => {
    proxyEnvironment({ HTTPS_PROXY: 'http://a:1', no_proxy: list });
    expect(proxyFor(new URL(HTTPS)) === undefined).toBe(isDirect);
  });

  it('may have an IPv6 address', { skip: !hasIPv6() }, async () => {
    for (const scheme of ['http', 'https'] as const) {
      const server = await startServer(scheme);
      const proxy = await startProxy({ address: '::1' });
      proxyEnvironment({ ALL_PROXY: proxy.url });
      const result = await startClient().send(get(server.url), exchange());
      expect(statusOf(result)).toBe(200);
    }
  });

  it('is looked up once: a client keeps its way', async () => {
    const server = await startServer('http');
    const proxy = await startProxy();
    proxyEnvironment({ HTTP_PROXY: proxy.url });
    const client = startClient();
    await client.send(get(server.url), exchange());
    vi.stubEnv('HTTP_PROXY', 'http://127.0.0.1:1');
    await client.send(get(server.url), exchange());
    expect(proxy.requests).toHaveLength(2);
  });

  it('loads what opens tunnels only when there is one', async () => {
    vi.resetModules();
    let loaded = 0;
    vi.doMock('hpagent', (importActual) => {
      loaded += 1;
      return importActual();
    });
    onTestFinished(() => vi.doUnmock('hpagent'));
    const fresh = await import('../../lib/deliver/http-client.js');
    const server = await startServer('https');
    const url = server.url.replace('langfuse.test', '127.0.0.1');
    const proxy = await startProxy();
    const send = () =>
      new fresh.HttpClient(systemClock).send(get(url), exchange());
    proxyEnvironment({ HTTPS_PROXY: proxy.url, NO_PROXY: '127.0.0.1' });
    await send();
    expect(loaded).toBe(0);
    vi.stubEnv('NO_PROXY', '');
    await send();
    expect(loaded).toBe(1);
  });
});

function hasIPv6(): boolean {
  return Object.values(networkInterfaces())
    .flat()
    .some((each) => each?.address === '::1');
}
