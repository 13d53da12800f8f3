import { Agent as HttpAgent, request as httpRequest } from 'node:http';
import type {
  ClientRequest,
  IncomingHttpHeaders,
  IncomingMessage,
} from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { Clock } from '../queue/index.js';
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
  /** Node's error code such as `ECONNREFUSED`, `TIMEOUT`, or `ABORTED`. */
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
 * decompressed, one deadline covers the whole exchange.
 */
export class HttpClient implements Http {
  // Idle sockets of these agents do not keep the process alive.
  private readonly http = new HttpAgent({ keepAlive: true });
  private readonly https = new HttpsAgent({ keepAlive: true });

  constructor(private readonly clock: Clock) {}

  close(): void {
    this.http.destroy();
    this.https.destroy();
  }

  send(
    { method, url, headers, body }: HttpRequest,
    { timeoutMs, signal, inBackground }: SendOptions,
  ): Promise<HttpResult> {
    return new Promise((resolve) => {
      let request: ClientRequest | undefined;
      let response: IncomingMessage | undefined;
      let sent = false;

      const settle = (result: HttpResult) => {
        deadline.cancel();
        signal.removeEventListener('abort', abort);
        resolve(result);
      };
      const fail = (code: string, message: string) =>
        settle({
          kind: 'failure',
          code,
          message,
          mayHaveArrived: sent,
          onStaleConnection:
            (code === 'ECONNRESET' || code === 'EPIPE') &&
            request?.reusedSocket === true,
        });
      const giveUp = (code: string, message: string) => {
        if (response) return void response.destroy();
        fail(code, message);
        request?.destroy();
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
      signal.addEventListener('abort', abort);

      untraced(() => {
        try {
          const open = url.protocol === 'https:' ? httpsRequest : httpRequest;
          const agent = url.protocol === 'https:' ? this.https : this.http;
          request = open(url, { method, headers, agent });
        } catch (error) {
          return fail('EINVAL', String(error));
        }
        request.on('finish', () => (sent = true));
        if (inBackground) request.on('socket', (socket) => socket.unref());
        request.on('error', (error: NodeJS.ErrnoException) => {
          // Once the status is there, it decides, whatever breaks off later.
          if (!response) fail(error.code ?? error.name, error.message);
        });
        request.on('response', (message) => {
          response = message;
          void readAnswer(message).then(settle);
        });
        request.cork();
        for (const chunk of body) request.write(chunk);
        request.end();
        request.uncork();
      });
    });
  }
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
