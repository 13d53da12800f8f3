import type { HttpAnswer, HttpFailure, HttpResult } from './http-client.js';
import { retryAfterMs } from './retry-after.js';

/** What the server decided about the records of a request. */
export type Decision =
  /** Taken. Nothing is sent again after a 2xx status. */
  | { readonly kind: 'ok'; readonly answer: HttpAnswer }
  /** At least one of the records would be refused again; others may pass. */
  | { readonly kind: 'payload'; readonly cause: string }
  /** The request was too large; a smaller one may pass. */
  | { readonly kind: 'too-large'; readonly cause: string };

/** Nothing was decided about the records: nobody's pass for now. */
export type Failure =
  /** Until the destination is well again. */
  | {
      readonly kind: 'destination';
      readonly cause: string;
      readonly retryAfterMs: number | undefined;
      /** Whether the server may have taken the records all the same. */
      readonly unknown: boolean;
    }
  /**
   * Until somebody changes a setting. With `lane` only this lane's route is
   * known to refuse.
   */
  | {
      readonly kind: 'config';
      readonly cause: string;
      readonly concerns: 'destination' | 'lane';
      /** Of the answer, if there was one. */
      readonly status?: number;
    };

/** What an HTTP result means. */
export type Outcome =
  | Decision
  | Failure
  /** Given up on because of a shutdown. */
  | { readonly kind: 'aborted' };

/** TLS failures that do not go away by themselves. */
const CERTIFICATE_ERROR =
  /^(CERT_|ERR_TLS_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_)/;

/**
 * A proxy that refuses a tunnel, or cannot be spoken to. As with a server, 408,
 * 429 and 5xx pass by themselves.
 */
const PROXY_ERROR = /^PROXY_(INVALID|3|4(?!08|29))/;

/** What to do about a status that only a person can mend. */
const ADVICE: { readonly [status: number]: string } = {
  401: 'check publicKey, secretKey and the region of baseUrl',
  403: 'the key may not write, or ingestion is suspended for this organization',
  404: 'check baseUrl; self-hosted servers take observations from version 3.22 on',
  407: 'a proxy asks for a user and password: check those in HTTP_PROXY',
};

/** Judges an HTTP result. Every status and every error has its class. */
export function judge(result: HttpResult): Outcome {
  return result.kind === 'failure' ? judgeFailure(result) : judgeAnswer(result);
}

function judgeFailure({ code, message, mayHaveArrived }: HttpFailure): Outcome {
  if (code === 'ABORTED') return { kind: 'aborted' };
  // What is said of a proxy names the status already.
  const cause = code.startsWith('PROXY_') ? message : `${code} (${message})`;
  return CERTIFICATE_ERROR.test(code) || PROXY_ERROR.test(code)
    ? config(cause)
    : {
        kind: 'destination',
        cause,
        retryAfterMs: undefined,
        unknown: mayHaveArrived,
      };
}

function judgeAnswer(answer: HttpAnswer): Outcome {
  const { status, headers, body } = answer;
  if (status >= 200 && status < 300) {
    // A login page or captive portal answers 200 and has stored nothing.
    return /^text\/html/i.test(headers['content-type'] ?? '')
      ? config(`HTTP ${status} with a web page: check baseUrl`)
      : { kind: 'ok', answer };
  }
  const cause = `HTTP ${status}${said(body)}`;
  if (status === 413) return { kind: 'too-large', cause };
  if (status === 400 || status === 422) return { kind: 'payload', cause };
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
    return config(
      `HTTP ${status} to ${target}: redirects are not followed, check baseUrl`,
    );
  }
  const advice = ADVICE[status];
  const concerns = status === 404 || status === 405 ? 'lane' : 'destination';
  const told = advice ? `HTTP ${status}: ${advice}` : cause;
  return { kind: 'config', cause: told, concerns, status };
}

function config(cause: string): Outcome {
  return { kind: 'config', cause, concerns: 'destination' };
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
