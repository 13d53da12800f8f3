/** Reaches an `https:` destination through tunnels that a proxy opens. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { request as httpsRequest, type RequestOptions } from 'node:https';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { HttpsProxyAgent, type ProxyAgentRequestOptions } from 'hpagent';
import { type Connector, throughProxy } from './connector.js';
import type { Proxy } from './proxy.js';

/** A request's options, as the agent gets them back. */
interface TunnelOptions extends RequestOptions {
  /** Ends the CONNECT that is sent for this request. */
  readonly connecting: AbortController;
  readonly inBackground: boolean;
}

type OnConnection = (error: Error | null, stream: Duplex) => void;

/** Opens tunnels by CONNECT and keeps them for further requests. */
export function tunnelThrough(proxy: Proxy): Connector {
  const agent = new TunnelAgent(proxy);
  return {
    kind: 'connector',
    via: throughProxy(proxy),
    open({ url, method, headers, inBackground }) {
      const connecting = new AbortController();
      const options = { method, headers, agent, connecting, inBackground };
      const request = httpsRequest(url, options);
      return {
        request,
        destroy() {
          request.destroy();
          agent.giveUp(connecting);
        },
      };
    },
    close: () => agent.destroy(),
  };
}

/**
 * Adds to the package's agent what it lacks: a CONNECT ends with the request
 * that it is sent for, or with the agent; its failure has a code.
 */
class TunnelAgent extends HttpsProxyAgent {
  /** Of the CONNECT requests that have no answer yet. */
  private readonly unanswered = new Set<AbortController>();
  private readonly settings: ProxyAgentRequestOptions & {
    signal?: AbortSignal;
  };

  constructor(private readonly peer: Proxy) {
    const settings = {};
    super({
      keepAlive: true,
      proxy: withPlainHost(peer),
      proxyRequestOptions: settings,
    });
    this.settings = settings;
  }

  giveUp(connecting: AbortController): void {
    // Once answered, the socket is the request's, and ends with it.
    if (this.unanswered.delete(connecting)) connecting.abort();
  }

  override destroy(): void {
    super.destroy();
    for (const connecting of this.unanswered) this.giveUp(connecting);
  }

  override createConnection(
    options: TunnelOptions,
    callback: OnConnection,
  ): undefined {
    const { connecting, inBackground } = options;
    this.unanswered.add(connecting);
    // Read before the call below returns.
    this.settings.signal = connecting.signal;
    const connect = () =>
      void super.createConnection(options, (error, stream) => {
        this.unanswered.delete(connecting);
        callback(error && this.failure(error, options), stream);
      });
    if (inBackground) withoutHold(connect);
    else connect();
  }

  /** A proxy's refusal as one with a code; other errors as they are. */
  private failure(error: Error, { host, port }: TunnelOptions): Error {
    const status = /^Bad response: (\d+)$/.exec(error.message)?.[1];
    if (status === undefined) return error;
    const { name, variable } = this.peer;
    return Object.assign(
      new Error(
        `the proxy ${name} refuses: HTTP ${status} to CONNECT ${host}:${port}: ` +
          `check ${variable}, or name ${host} in NO_PROXY`,
      ),
      { code: `PROXY_${status}` },
    );
  }
}

/** The agent looks up `hostname` as it is, brackets included. */
function withPlainHost({ url, host }: Proxy): URL {
  return Object.defineProperty(new URL(url), 'hostname', { value: host });
}

/**
 * Runs `connect` so that the socket which it opens does not keep the process
 * alive. The agent shows its socket to nobody before the proxy has answered.
 * Sockets of TLS to the proxy are not published: they hold until the answer.
 */
function withoutHold(connect: () => void): void {
  const sockets: Socket[] = [];
  const note = (message: unknown) =>
    void sockets.push((message as { readonly socket: Socket }).socket);
  subscribe('net.client.socket', note);
  try {
    connect();
  } finally {
    unsubscribe('net.client.socket', note);
  }
  for (const socket of sockets) socket.unref();
}
