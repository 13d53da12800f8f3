import type {
  Http,
  HttpRequest,
  HttpResult,
  SendOptions,
} from '../../lib/deliver/http-client.js';
import type { ServerClientSettings } from '../../lib/deliver/server-client.js';

/** A request as it was handed to the network. */
export interface SentRequest extends HttpRequest {
  readonly options: SendOptions;
}

/** A network that answers as a test says, and keeps what it was handed. */
export class ScriptedHttp implements Http {
  readonly sent: SentRequest[] = [];
  isClosed = false;

  constructor(
    private readonly reply: (
      request: SentRequest,
    ) => HttpResult | Promise<HttpResult>,
  ) {}

  async send(request: HttpRequest, options: SendOptions): Promise<HttpResult> {
    const sent = { ...request, options };
    this.sent.push(sent);
    return this.reply(sent);
  }

  close(): void {
    this.isClosed = true;
  }

  /** The texts of the bodies, in the order in which they were sent. */
  get bodies(): string[] {
    return this.sent.map(({ body }) => Buffer.concat(body).toString());
  }
}

/** Answers in turn, the last again and again. */
export function inTurn(...results: HttpResult[]): () => HttpResult {
  return () => (results.length > 1 ? results.shift() : results[0])!;
}

export function answer(
  status: number,
  body = '',
  headers: Record<string, string> = {},
): HttpResult {
  return { kind: 'answer', status, headers, body: Buffer.from(body) };
}

export function failure(
  code: string,
  given: { mayHaveArrived?: boolean; onStaleConnection?: boolean } = {},
): HttpResult {
  return {
    kind: 'failure',
    code,
    message: code,
    mayHaveArrived: false,
    onStaleConnection: false,
    ...given,
  };
}

/** Settings of a client whose requests can be read. */
export const SETTINGS: ServerClientSettings = {
  destination: {
    baseUrl: 'http://langfuse.test/base',
    compression: 'none',
    additionalHeaders: { 'x-team': 'search', authorization: 'Bearer other' },
    sdkName: 'test-sdk',
    sdkVersion: '1.2.3',
    resource: new Map(),
  },
  credentials: () => ({ ok: true, publicKey: 'pk-lf-1', secretKey: 'sk-lf-1' }),
  timeoutMs: 3_000,
};
