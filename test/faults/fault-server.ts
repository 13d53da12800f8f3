/**
 * A server that misbehaves on purpose, down to the single byte: raw sockets,
 * since no HTTP server would send what networks and proxies send.
 */
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { accept } from './answers.js';
import type { Certificate } from './certificates.js';
import { Exchange } from './exchange.js';
import { ServerTruth } from './server-truth.js';

/** What the server does about a request. */
export interface Behaviour {
  /** A connection was opened. */
  connected?(socket: Socket): void;
  /** The head has come. `true`: that is all, the body is not read. */
  head?(exchange: Exchange): boolean;
  /** The whole request has come. */
  request(exchange: Exchange): void;
}

/** A behaviour; most only answer. */
export type Fault = Behaviour | Behaviour['request'];

/**
 * Ports below the range from which systems take ephemeral ones: nobody else is
 * given a port while it is closed and waits to be opened again.
 */
const FIRST_PORT = 20_000;
const PORTS = 10_000;

/** Listens on loopback, behaves as it is told, and keeps the truth. */
export class FaultServer {
  readonly truth = new ServerTruth();
  /** Each request whose head has come, in order. */
  readonly exchanges: Exchange[] = [];
  /** Connections that were opened, whatever came over them. */
  connections = 0;
  /** Bytes that came, heads and bodies. */
  bytes = 0;
  port = 0;
  private server: Server | undefined;
  private certificate: Certificate | undefined;
  private readonly sockets = new Set<Socket>();

  constructor(private behaviour: Fault = accept) {}

  /** Listens on a port of loopback of its own. */
  static async start(behaviour?: Fault): Promise<FaultServer> {
    const server = new FaultServer(behaviour);
    await server.listen();
    return server;
  }

  get url(): string {
    const scheme = this.certificate ? 'https' : 'http';
    return `${scheme}://127.0.0.1:${this.port}`;
  }

  /** Requests that carried records. */
  get exports(): readonly Exchange[] {
    return this.exchanges.filter((exchange) => !exchange.isProbe);
  }

  /** What it does from now on. */
  behave(behaviour: Fault): void {
    this.behaviour = behaviour;
  }

  /** Listens; after `close()` on the port that it had. */
  async listen(certificate = this.certificate): Promise<void> {
    this.certificate = certificate;
    while (!this.server) {
      const port = this.port || FIRST_PORT + Math.floor(Math.random() * PORTS);
      const server = certificate
        ? createTlsServer(certificate)
        : createServer();
      try {
        server.listen(port, '127.0.0.1');
        await once(server, 'listening');
      } catch (error) {
        if (this.port) throw error;
        continue;
      }
      server.on('connection', () => (this.connections += 1));
      server.on(certificate ? 'secureConnection' : 'connection', this.serve);
      // Clients that refuse the certificate break off the handshake.
      server.on('tlsClientError', () => undefined);
      this.server = server;
      this.port = port;
    }
  }

  /** Refuses connections from now on and breaks those that are open. */
  async close(): Promise<void> {
    const { server } = this;
    this.server = undefined;
    for (const socket of this.sockets) socket.destroy();
    if (server) await new Promise((resolve) => server.close(resolve));
  }

  private act<K extends keyof Behaviour>(name: K): Behaviour[K] {
    const { behaviour } = this;
    if (typeof behaviour !== 'function') return behaviour[name];
    return name === 'request' ? (behaviour as Behaviour[K]) : undefined!;
  }

  private readonly serve = (socket: Socket): void => {
    this.sockets.add(socket);
    let received: Buffer = Buffer.alloc(0);
    let current: Exchange | undefined;
    let served = 0;
    socket.setNoDelay(true);
    socket.on('close', () => this.sockets.delete(socket));
    // Resets are what this server is for.
    socket.on('error', () => undefined);
    this.act('connected')?.(socket);

    const done = () => {
      served += 1;
      current = undefined;
      read();
    };
    const read = () => {
      if (socket.destroyed || current?.status !== undefined) return;
      const end = received.indexOf('\r\n\r\n');
      if (end < 0) return;
      if (!current) {
        const head = parseHead(received.toString('latin1', 0, end));
        const number = this.exchanges.length + 1;
        current = new Exchange(
          number,
          head,
          socket,
          served > 0,
          this.truth,
          done,
        );
        this.exchanges.push(current);
        if (this.act('head')?.(current)) return;
      }
      const length = Number(current.head.headers.get('content-length') ?? 0);
      const start = end + 4;
      if (received.length < start + length) return;
      current.complete(received.subarray(start, start + length));
      received = received.subarray(start + length);
      this.act('request')(current);
    };
    let chunks: Buffer[] = [];
    let scheduled = false;
    socket.on('data', (chunk) => {
      this.bytes += chunk.length;
      chunks.push(chunk);
      // Bodies come in many chunks: joined once a turn, not once a chunk.
      if (scheduled) return;
      scheduled = true;
      setImmediate(() => {
        scheduled = false;
        received = Buffer.concat([received, ...chunks]);
        chunks = [];
        read();
      });
    });
  };
}

function parseHead(text: string): Exchange['head'] {
  const [first = '', ...lines] = text.split('\r\n');
  const [method = '', path = ''] = first.split(' ');
  const headers = new Map(
    lines.map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
  return { method, path, headers };
}
