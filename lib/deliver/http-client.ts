import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { Clock } from '../queue/index.js';
import {
  type Connector,
  connectorTo,
  type OpenedRequest,
} from './connector.js';
import type { UnusableProxy } from './proxy.js';
import { untraced } from './untraced.js';

/** Bytes of an answer that are read; what says more is cut off. */
const MAX_ANSWER_BYTES = 64 * 1024;

/** A request whose body is complete: it can be sent any number of times. */
export interface HttpRequest {
  readonly method: 'GET' | 'POST';
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: readonly Uint8Array[];
}

/** The server answered. */
export interface HttpAnswer {
  readonly kind: 'answer';
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** The answer's first 64 KiB. */
  readonly body: Buffer;
}

/** No answer came. */
export interface HttpFailure {
  readonly kind: 'failure';
  /**
   * Node's error code such as `ECONNREFUSED`, `TIMEOUT`, or `ABORTED`. Of a
   * proxy: `PROXY_` and the status with which it refuses a tunnel, such as
   * `PROXY_407`, or `PROXY_INVALID` for one that cannot be spoken to.
   */
  readonly code: string;
  readonly message: string;
  /** Whether the server may have got the whole request all the same. */
  readonly mayHaveArrived: boolean;
  /**
   * Whether an idle connection broke before any answer: servers close those at
   * a time of their own, and a fresh connection may work at once.
   */
  readonly onStaleConnection: boolean;
}

/** What a request came to. A value: nothing in delivery throws. */
export type HttpResult = HttpAnswer | HttpFailure;

/** Options of one exchange. */
export interface SendOptions {
  /** For connecting, sending and reading together. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** Whether the process may end while the answer is out. */
  readonly inBackground: boolean;
}

/** Sends requests. Injected, so that a simulator can be the network. */
export interface Http {
  /** Resolves with whatever came of it, never rejects. */
  send(request: HttpRequest, options: SendOptions): Promise<HttpResult>;
  /** Releases sockets. */
  close(): void;
}

/**
 * A deadline that fires later than this did so because the event loop was
 * blocked, and the answer may lie unread in the socket.
 */
const STALL_MS = 100;

/**
 * Keep-alive HTTP over `node:http(s)`: no redirect is followed, no answer is
 * decompressed, one deadline covers the whole exchange. All requests of a
 * client go to one origin; the first one looks up the proxy for it.
 */
export class HttpClient implements Http {
  private connector: ReturnType<typeof connectorTo> | undefined;

  constructor(private readonly clock: Clock) {}

  close(): void {
    const { connector } = this;
    if (connector instanceof Promise) void connector.then(release);
    else if (connector) release(connector);
  }

  async send(request: HttpRequest, options: SendOptions): Promise<HttpResult> {
    this.connector ??= connectorTo(request.url);
    const { connector } = this;
    return connector instanceof Promise
      ? this.exchange(await connector, request, options)
      : this.exchange(connector, request, options);
  }

  private exchange(
    connector: Connector | UnusableProxy,
    { method, url, headers, body }: HttpRequest,
    { timeoutMs, signal, inBackground }: SendOptions,
  ): Promise<HttpResult> {
    return new Promise((resolve) => {
      let opened: OpenedRequest | undefined;
      let response: IncomingMessage | undefined;
      let sent = false;
      const via = connector.kind === 'connector' ? connector.via : '';

      const settle = (result: HttpResult) => {
        deadline.cancel();
        signal.removeEventListener('abort', abort);
        resolve(result);
      };
      const fail = (code: string, message: string) =>
        settle({
          kind: 'failure',
          code,
          message: code.startsWith('PROXY_') ? message : message + via,
          mayHaveArrived: sent,
          onStaleConnection:
            (code === 'ECONNRESET' || code === 'EPIPE') &&
            opened?.request.reusedSocket === true,
        });
      const giveUp = (code: string, message: string) => {
        if (response) return void response.destroy();
        fail(code, message);
        opened?.destroy();
      };
      const abort = () => giveUp('ABORTED', 'shutting down');
      const dueAt = this.clock.now() + timeoutMs;
      const timeOut = () =>
        giveUp('TIMEOUT', `no complete answer within ${timeoutMs} ms`);
      let deadline = this.clock.after(timeoutMs, () => {
        const isLate = this.clock.now() - dueAt > STALL_MS;
        // A timer fires before sockets are read; one more turn reads them.
        if (isLate) deadline = this.clock.after(STALL_MS, timeOut);
        else timeOut();
      });
      if (signal.aborted) return abort();
      if (connector.kind === 'unusable') {
        return fail('PROXY_INVALID', connector.problem);
      }
      signal.addEventListener('abort', abort);

      untraced(() => {
        try {
          opened = connector.open({ method, url, headers, inBackground });
        } catch (error) {
          return fail('EINVAL', String(error));
        }
        const { request, destroy } = opened;
        request.on('finish', () => (sent = true));
        if (inBackground) request.on('socket', (socket) => socket.unref());
        request.on('error', (error: NodeJS.ErrnoException) => {
          // Once the status is there, it decides, whatever breaks off later.
          if (!response) fail(error.code ?? error.name, error.message);
        });
        request.on('response', (message) => {
          response = message;
          void readAnswer(message).then((answer) => {
            // What was not sent yet would be read from memory that its records,
            // settled by this answer, may have given back.
            if (!request.writableFinished) destroy();
            settle(answer);
          });
        });
        request.cork();
        for (const chunk of body) request.write(chunk);
        request.end();
        request.uncork();
      });
    });
  }
}

function release(connector: Connector | UnusableProxy): void {
  if (connector.kind === 'connector') connector.close();
}

/** The status decides, so a body that breaks off or never ends is no failure. */
function readAnswer(response: IncomingMessage): Promise<HttpResult> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let length = 0;
    const done = () =>
      resolve({
        kind: 'answer',
        status: response.statusCode ?? 0,
        headers: response.headers,
        body: Buffer.concat(chunks),
      });
    response.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      length += chunk.byteLength;
      if (length > MAX_ANSWER_BYTES) response.destroy();
    });
    response.on('error', done);
    response.on('close', done);
  });
}
