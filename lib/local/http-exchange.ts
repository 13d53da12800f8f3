/** One request and its answer, as the routes see them. */
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { readBody, type Body } from './request-body.js';

/** What goes back: a JSON document or, for a string, plain text. */
export interface Reply {
  readonly status: number;
  readonly body: unknown;
  /** Whether the connection ends with this answer. */
  readonly close?: boolean;
}

/** Headers that carry credentials; they never reach the request log. */
const SECRET_HEADERS = new Set([
  'authorization',
  'cookie',
  'proxy-authorization',
  'x-langfuse-admin-api-key',
]);

/** A request, with what a route finds out about it for the request log. */
export class Exchange {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly receivedAt = new Date();
  bytes = 0;
  decodedBytes = 0;
  spans = 0;
  scores = 0;
  note: string | undefined;
  readonly #request: IncomingMessage;

  constructor(request: IncomingMessage) {
    const [path = '', query] = (request.url ?? '').split('?', 2);
    this.method = request.method ?? '';
    this.path = path;
    this.query = new URLSearchParams(query);
    this.#request = request;
  }

  get headers(): IncomingHttpHeaders {
    return this.#request.headers;
  }

  /** An `x-langfuse-*` header; proxies may have made hyphens underscores. */
  langfuseHeader(name: string): string | undefined {
    const value = this.headers[name] ?? this.headers[name.replaceAll('-', '_')];
    return typeof value === 'string' ? value : undefined;
  }

  async readBody(maxBytes: number): Promise<Body> {
    const body = await readBody(this.#request, maxBytes);
    this.bytes = body.size;
    this.decodedBytes = body.size;
    return body;
  }

  /** Headers without credentials, each as one string. */
  publicHeaders(): Record<string, string> {
    return Object.fromEntries(
      Object.entries(this.headers)
        .filter(([name]) => !SECRET_HEADERS.has(name))
        .map(([name, value]) => [name, String(value)]),
    );
  }
}

/** An answer as it goes over the wire. */
export interface WireReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | number>>;
  readonly payload: string;
}

/** @throws RangeError - When the document nests deeper than JSON can be written. */
export function toWireReply({ status, body, close }: Reply): WireReply {
  const isText = typeof body === 'string';
  const payload = isText ? body : JSON.stringify(body);
  return {
    status,
    headers: {
      'Content-Type': isText
        ? 'text/plain; charset=utf-8'
        : 'application/json; charset=utf-8',
      'Content-Length': Buffer.byteLength(payload),
      ...(close && { Connection: 'close' }),
    },
    payload,
  };
}

/** The text in which a refusal says why. */
export function refusalText({ body }: Reply): string {
  const text =
    typeof body === 'object' && body !== null
      ? Object.entries(body).find(
          ([key]) => key === 'message' || key === 'error',
        )?.[1]
      : body;
  return String(text);
}
