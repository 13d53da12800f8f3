/** A forwarding proxy on loopback: CONNECT and absolute form, or trouble. */
import { once } from 'node:events';
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  request as sendOn,
  type Server,
  type ServerResponse,
} from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { connect, type Socket } from 'node:net';

/** A request as the proxy gets it. */
export interface ProxiedRequest {
  readonly method: string;
  /** `host:port` for CONNECT, else the URL in absolute form. */
  readonly target: string;
  readonly headers: IncomingHttpHeaders;
}

/** What it does about requests: a number is the status of a refusal. */
export type ProxyBehaviour = 'forward' | 'hang' | 'reset' | number;

export interface ForwardProxyOptions {
  /** `user:password` that a request must show; 407 without. */
  readonly credentials?: string;
  /** Speaks TLS with its clients. */
  readonly certificate?: { readonly key: string; readonly cert: string };
  readonly address?: string;
}

/** Below the range of ephemeral ports, which nobody takes while it is closed. */
const FIRST_PORT = 30_000;
const PORTS = 2_000;

export class ForwardProxy {
  readonly requests: ProxiedRequest[] = [];
  /** Connections of clients that are open. */
  readonly sockets = new Set<Socket>();
  connections = 0;
  behaviour: ProxyBehaviour = 'forward';
  port = 0;
  private server: Server | undefined;
  private readonly outgoing = new Set<Socket>();

  constructor(private readonly options: ForwardProxyOptions = {}) {}

  /** `host:port`. */
  get host(): string {
    const { address = '127.0.0.1' } = this.options;
    return `${address.includes(':') ? `[${address}]` : address}:${this.port}`;
  }

  get url(): string {
    return `${this.options.certificate ? 'https' : 'http'}://${this.host}`;
  }

  /** Listens; after `close()` on the port that it had. */
  async listen(): Promise<void> {
    const { certificate, address = '127.0.0.1' } = this.options;
    while (!this.server) {
      const port = this.port || FIRST_PORT + Math.floor(Math.random() * PORTS);
      const server = certificate
        ? createTlsServer(certificate)
        : createServer();
      try {
        server.listen(port, address);
        await once(server, 'listening');
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        if (this.port || code !== 'EADDRINUSE') throw error;
        continue;
      }
      server.on('connection', (socket: Socket) => {
        this.connections += 1;
        track(socket, this.sockets);
      });
      server.on('request', (request, response) =>
        this.forward(request, response),
      );
      server.on('connect', (request, socket: Socket) =>
        this.tunnel(request, socket),
      );
      this.server = server;
      this.port = port;
    }
  }

  /** Refuses connections from now on and breaks those that are open. */
  async close(): Promise<void> {
    const { server } = this;
    this.server = undefined;
    for (const socket of [...this.sockets, ...this.outgoing]) socket.destroy();
    if (server) await new Promise((resolve) => server.close(resolve));
  }

  private forward(request: IncomingMessage, response: ServerResponse): void {
    const { method = '', url = '', headers } = request;
    const verdict = this.verdict(request);
    if (verdict === 'hang') return;
    if (verdict === 'reset') return void request.socket.destroy();
    if (verdict !== 'forward') {
      response.writeHead(verdict).end();
      return;
    }
    const { 'proxy-authorization': _, ...passedOn } = headers;
    const { hostname, port, pathname, search } = new URL(url);
    const onward = sendOn({
      host: hostname.endsWith('.test') ? '127.0.0.1' : hostname,
      port,
      path: pathname + search,
      method,
      headers: passedOn,
      agent: false,
    });
    onward.on('response', (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    onward.on('error', () => request.socket.destroy());
    request.pipe(onward);
  }

  private tunnel(request: IncomingMessage, socket: Socket): void {
    // Who breaks off is what the tests are about.
    socket.on('error', () => undefined);
    const verdict = this.verdict(request);
    if (verdict === 'hang') {
      // Node leaves the sockets of tunnels half open.
      socket.resume().on('end', () => socket.destroy());
      return;
    }
    if (verdict === 'reset') return void socket.destroy();
    if (verdict !== 'forward') {
      socket.end(`HTTP/1.1 ${verdict} Refused\r\ncontent-length: 0\r\n\r\n`);
      return;
    }
    const { port } = new URL(`http://${request.url}`);
    const onward = connect(Number(port), '127.0.0.1');
    track(onward, this.outgoing);
    onward.on('error', () => socket.destroy());
    onward.on('connect', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      socket.pipe(onward).pipe(socket);
    });
    onward.on('close', () => socket.destroy());
    socket.on('close', () => onward.destroy());
  }

  private verdict({ method = '', url = '', headers }: IncomingMessage) {
    this.requests.push({ method, target: url, headers });
    const { credentials } = this.options;
    if (this.behaviour !== 'forward' || credentials === undefined) {
      return this.behaviour;
    }
    const basic = Buffer.from(credentials).toString('base64');
    return headers['proxy-authorization'] === `Basic ${basic}`
      ? 'forward'
      : 407;
  }
}

function track(socket: Socket, sockets: Set<Socket>): void {
  sockets.add(socket);
  socket.on('close', () => sockets.delete(socket));
}
