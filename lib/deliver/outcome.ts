import type { HttpResult } from './http-client.js';
import { retryAfterMs } from './retry-after.js';

/**
 * What an HTTP result means for the records of the request, and for the
 * destination.
 */
export type Outcome =
  /** Taken. Nothing is sent again after a 2xx status. */
  | { readonly kind: 'ok'; readonly body: Buffer; readonly status: number }
  /** These records would be refused again; others may pass. */
  | { readonly kind: 'payload'; readonly cause: string }
  /** Nobody's records pass for now. */
  | {
      readonly kind: 'destination';
      readonly cause: string;
      readonly retryAfterMs: number | undefined;
      /** Whether the server may have taken the records all the same. */
      readonly unknown: boolean;
    }
  /** Nobody's records pass until somebody changes a setting. */
  | { readonly kind: 'config'; readonly cause: string }
  /** Given up on because of a shutdown. */
  | { readonly kind: 'aborted' };

/** TLS failures that do not go away by themselves. */
const CERTIFICATE_ERROR =
  /^(CERT_|ERR_TLS_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_)/;

/** What to do about a status that only a person can mend. */
const ADVICE: { readonly [status: number]: string } = {
  401: 'check publicKey, secretKey and the region of baseUrl',
  403: 'the key may not write, or ingestion is suspended for this organization',
  404: 'check baseUrl; self-hosted servers take OTLP from version 3.22 on',
};

/** Judges an HTTP result. Every status and every error has its class. */
export function judge(result: HttpResult): Outcome {
  if (result.kind === 'failure') {
    if (result.code === 'ABORTED') return { kind: 'aborted' };
    const cause = `${result.code} (${result.message})`;
    if (CERTIFICATE_ERROR.test(result.code)) return { kind: 'config', cause };
    return {
      kind: 'destination',
      cause,
      retryAfterMs: undefined,
      unknown: result.mayHaveArrived,
    };
  }
  const { status, headers, body } = result;
  if (status >= 200 && status < 300) {
    // A login page or captive portal answers 200 and has stored nothing.
    return /^text\/html/i.test(headers['content-type'] ?? '')
      ? {
          kind: 'config',
          cause: `HTTP ${status} with a web page: check baseUrl`,
        }
      : { kind: 'ok', body, status };
  }
  if (status === 400 || status === 413 || status === 422) {
    return { kind: 'payload', cause: `HTTP ${status}${said(body)}` };
  }
  if (status === 408 || status === 429 || status >= 500) {
    return {
      kind: 'destination',
      cause: `HTTP ${status}`,
      retryAfterMs: retryAfterMs(headers),
      unknown: false,
    };
  }
  if (status >= 300 && status < 400) {
    const target = originOf(headers.location);
    return {
      kind: 'config',
      cause: `HTTP ${status} to ${target}: redirects are not followed, check baseUrl`,
    };
  }
  const advice = ADVICE[status];
  return {
    kind: 'config',
    cause: `HTTP ${status}${advice ? `: ${advice}` : said(body)}`,
  };
}

/** The start of what the server said, on one line. */
function said(body: Buffer): string {
  const text = body.toString('utf8', 0, 300).replace(/\s+/g, ' ').trim();
  return text === '' ? '' : `: ${text}`;
}

/** Without path and query: those may hold a token. */
function originOf(location: string | undefined): string {
  if (location === undefined) return 'an unnamed place';
  return URL.canParse(location) ? new URL(location).origin : 'another path';
}
