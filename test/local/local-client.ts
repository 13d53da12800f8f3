/** Talks to a receiver as an application would: over HTTP on loopback. */
import type { LangfuseLocalServer } from '../../lib/local/index.js';

export interface Answer {
  readonly status: number;
  readonly contentType: string | null;
  /** Parsed when it is JSON, else the text. */
  readonly body: unknown;
}

const TRACES = '/api/public/otel/v1/traces';
const INGESTION = '/api/public/ingestion';

export function basic(publicKey = 'pk', secretKey = 'sk'): string {
  const pair = Buffer.from(`${publicKey}:${secretKey}`).toString('base64');
  return `Basic ${pair}`;
}

export async function request(
  local: LangfuseLocalServer,
  path: string,
  init: RequestInit = {},
): Promise<Answer> {
  const response = await fetch(local.url + path, {
    ...init,
    headers: { authorization: basic(), ...init.headers },
  });
  const text = await response.text();
  const contentType = response.headers.get('content-type');
  return {
    status: response.status,
    contentType,
    body: contentType?.includes('json') ? JSON.parse(text) : text,
  };
}

export function postTraces(
  local: LangfuseLocalServer,
  body: Buffer | string,
  headers: Record<string, string> = {},
): Promise<Answer> {
  return request(local, TRACES, {
    method: 'POST',
    body: typeof body === 'string' ? body : new Uint8Array(body),
    headers: {
      'content-type': 'application/x-protobuf',
      'x-langfuse-ingestion-version': '4',
      ...headers,
    },
  });
}

/** An export as JSON: a text as it is, anything else written as JSON. */
export function postJsonTraces(
  local: LangfuseLocalServer,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> {
  return postTraces(
    local,
    typeof body === 'string' || Buffer.isBuffer(body)
      ? body
      : JSON.stringify(body),
    { 'content-type': 'application/json', ...headers },
  );
}

export function postBatch(
  local: LangfuseLocalServer,
  batch: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> {
  return postJson(local, JSON.stringify({ batch }), headers);
}

export function postJson(
  local: LangfuseLocalServer,
  body: string,
  headers: Record<string, string> = {},
): Promise<Answer> {
  return request(local, INGESTION, {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json', ...headers },
  });
}
