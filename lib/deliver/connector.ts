/** How requests get to their destination: directly or through a proxy. */
import { Agent as HttpAgent, request as httpRequest } from 'node:http';
import type { ClientRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { isIP } from 'node:net';
import { type Proxy, proxyFor, type UnusableProxy } from './proxy.js';

/** What a request has besides its body. */
export interface RequestHead {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  /** Whether the process may end while its connection is being opened. */
  readonly inBackground: boolean;
}

/** A request that has begun. */
export interface OpenedRequest {
  readonly request: ClientRequest;
  /** Ends it, also while its connection is being opened. */
  destroy(): void;
}

/** Begins requests, over connections that are kept and used again. */
export interface Connector {
  readonly kind: 'connector';
  /** By which way, for messages of failures; empty for the direct one. */
  readonly via: string;
  open(head: RequestHead): OpenedRequest;
  /** Releases all connections, also those that are being opened. */
  close(): void;
}

/**
 * The way to the origin of `destination`, with the proxy that the environment
 * names now. What opens tunnels is loaded only where one is needed: that takes
 * a few milliseconds.
 */
export function connectorTo(
  destination: URL,
): Connector | UnusableProxy | Promise<Connector | UnusableProxy> {
  const proxy = proxyFor(destination);
  if (proxy === undefined) return direct(destination);
  if (proxy.kind === 'unusable') return proxy;
  return destination.protocol === 'https:' ? tunnel(proxy) : forward(proxy);
}

/** The end of a failure's message. */
export function throughProxy({ name, variable }: Proxy): string {
  return `, through the proxy ${name} of ${variable}`;
}

// Idle sockets of these agents do not keep the process alive.
const keepAlive = {
  'http:': () => ({
    start: httpRequest,
    agent: new HttpAgent({ keepAlive: true }),
  }),
  'https:': () => ({
    start: httpsRequest,
    agent: new HttpsAgent({ keepAlive: true }),
  }),
} as const;

function direct({ protocol }: URL): Connector {
  const { start, agent } =
    keepAlive[protocol === 'https:' ? 'https:' : 'http:']();
  return {
    kind: 'connector',
    via: '',
    open: ({ url, method, headers }) =>
      opened(start(url, { method, headers, agent })),
    close: () => agent.destroy(),
  };
}

/**
 * Hands requests to the proxy, in absolute form (RFC 9112, section 3.2.2):
 * most proxies open tunnels to port 443 only.
 */
function forward(proxy: Proxy): Connector {
  const { protocol, host, port, authorization } = proxy;
  const { start, agent } = keepAlive[protocol]();
  const own =
    authorization === undefined ? {} : { 'proxy-authorization': authorization };
  // By default it is taken from the header `host`, which names the destination.
  const servername = isIP(host) === 0 ? host : '';
  return {
    kind: 'connector',
    via: throughProxy(proxy),
    open: ({ url, method, headers }) =>
      opened(
        start({
          host,
          port,
          servername,
          path: url.href,
          method,
          headers: { ...headers, host: url.host, ...own },
          agent,
        }),
      ),
    close: () => agent.destroy(),
  };
}

async function tunnel(proxy: Proxy): Promise<Connector | UnusableProxy> {
  try {
    const { tunnelThrough } = await import('./tunnel-connector.js');
    return tunnelThrough(proxy);
  } catch (error) {
    const problem = `${proxy.variable} is set, but the package hpagent cannot be loaded: ${String(error)}`;
    return { kind: 'unusable', problem };
  }
}

function opened(request: ClientRequest): OpenedRequest {
  return { request, destroy: () => request.destroy() };
}
