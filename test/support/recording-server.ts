/**
 * An HTTP server that answers as a test says, also in ways in which no sound
 * server does, and keeps the bytes that it got.
 */
import {
  createServer,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';

export interface ReceivedRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  /** As it came over the wire. */
  readonly body: Buffer;
  /** Milliseconds of a monotonic clock, when its head was there. */
  readonly receivedAt: number;
}

/** Answers a request, or does not. */
export type Respond = (
  response: ServerResponse,
  request: ReceivedRequest,
) => void | Promise<void>;

export class RecordingServer {
  /** Requests with data. */
  readonly requests: ReceivedRequest[] = [];
  /** Requests without any, which ask whether data would be taken. */
  readonly probes: ReceivedRequest[] = [];
  /** Connections that were opened, whatever came over them. */
  connections = 0;
  private readonly watchers = new Set<() => void>();

  private constructor(
    private readonly server: Server,
    private readonly respond: Respond,
    private readonly respondToProbe: Respond,
  ) {
    server.on('connection', () => (this.connections += 1));
    server.on('request', (request, response) => {
      const receivedAt = performance.now();
      void buffer(request).then((body) => {
        const { method = '', url: path = '', headers } = request;
        const received = { method, path, headers, body, receivedAt };
        if (isProbe(received)) {
          this.probes.push(received);
          return this.respondToProbe(response, received);
        }
        this.requests.push(received);
        for (const check of this.watchers) check();
        return this.respond(response, received);
      });
    });
  }

  /**
   * Listens on a free port of loopback until the test ends.
   *
   * @param respondToProbe by default probes are taken, as by a real server
   */
  static async start(
    respond: Respond = answer(200),
    respondToProbe: Respond = answer(200),
  ): Promise<RecordingServer> {
    const server = createServer();
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    onTestFinished(async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    });
    return new RecordingServer(server, respond, respondToProbe);
  }

  get url(): string {
    const { port } = this.server.address() as AddressInfo;
    return `http://127.0.0.1:${port}`;
  }

  /** Resolves to the first `count` requests when they have arrived. */
  received(count: number): Promise<readonly ReceivedRequest[]> {
    return new Promise((resolve) => {
      const check = () => {
        if (this.requests.length < count) return;
        this.watchers.delete(check);
        resolve(this.requests.slice(0, count));
      };
      this.watchers.add(check);
      check();
    });
  }
}

/** Answers each request with this status. */
export function answer(
  status: number,
  headers: OutgoingHttpHeaders = {},
  body: unknown = {},
): Respond {
  return (response) => {
    response
      .writeHead(status, { 'content-type': 'application/json', ...headers })
      .end(JSON.stringify(body));
  };
}

/** Takes a request and never says a word. */
export const stayMute: Respond = () => undefined;

/** The first request by the first one, and so on; the last one from then on. */
export function inTurn(first: Respond, ...others: readonly Respond[]): Respond {
  const turns = [first, ...others];
  let current = first;
  return (response, request) => {
    current = turns.shift() ?? current;
    return current(response, request);
  };
}

/** A port of loopback on which nobody listens. */
export async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Zero bytes of protobuf, or a batch without scores. */
function isProbe({ method, body }: ReceivedRequest): boolean {
  return (
    method === 'POST' &&
    (body.length === 0 || body.toString() === '{"batch":[]}')
  );
}
