import { describe, expect, it } from 'vitest';
import type { HttpResult } from '../../lib/deliver/http-client.js';
import { judge } from '../../lib/deliver/outcome.js';
import { retryAfterMs } from '../../lib/deliver/retry-after.js';

function answer(
  status: number,
  headers: Record<string, string> = {},
  body = '',
): HttpResult {
  return { kind: 'answer', status, headers, body: Buffer.from(body) };
}

function failure(code: string, mayHaveArrived = false): HttpResult {
  return {
    kind: 'failure',
    code,
    message: 'why',
    mayHaveArrived,
    onStaleConnection: false,
  };
}

describe('judge', () => {
  it.each([
    [200, 'ok'],
    [201, 'ok'],
    [207, 'ok'],
    [301, 'config'],
    [307, 'config'],
    [400, 'payload'],
    [401, 'config'],
    [402, 'config'],
    [403, 'config'],
    [404, 'config'],
    [405, 'config'],
    [408, 'destination'],
    [413, 'too-large'],
    [422, 'payload'],
    [429, 'destination'],
    [500, 'destination'],
    [502, 'destination'],
    [503, 'destination'],
    [504, 'destination'],
    [522, 'destination'],
  ])('HTTP %i is %s', (status, kind) => {
    expect(judge(answer(status)).kind).toBe(kind);
  });

  it.each([
    ['ECONNREFUSED', 'destination'],
    ['ECONNRESET', 'destination'],
    ['ENOTFOUND', 'destination'],
    ['EAI_AGAIN', 'destination'],
    ['TIMEOUT', 'destination'],
    ['EPIPE', 'destination'],
    ['CERT_HAS_EXPIRED', 'config'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'config'],
    ['SELF_SIGNED_CERT_IN_CHAIN', 'config'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'config'],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'config'],
    ['ABORTED', 'aborted'],
  ])('%s is %s', (code, kind) => {
    expect(judge(failure(code)).kind).toBe(kind);
  });

  it('holds only the lane whose route does not exist', () => {
    expect(judge(answer(404))).toMatchObject({ concerns: 'lane' });
    expect(judge(answer(405))).toMatchObject({ concerns: 'lane' });
    expect(judge(answer(401))).toMatchObject({ concerns: 'destination' });
  });

  it('knows that a web page with status 200 has stored nothing', () => {
    const page = answer(200, { 'content-type': 'text/html; charset=utf-8' });
    expect(judge(page)).toMatchObject({ kind: 'config' });
  });

  it('tells whether the server may have the records all the same', () => {
    expect(judge(failure('TIMEOUT', true))).toMatchObject({ unknown: true });
    expect(judge(failure('ECONNREFUSED'))).toMatchObject({ unknown: false });
    expect(judge(answer(500))).toMatchObject({ unknown: false });
  });

  it('says what to check, and what the server said', () => {
    expect(judge(answer(401))).toMatchObject({
      cause: expect.stringContaining('publicKey') as string,
    });
    expect(judge(answer(400, {}, '{"error":\n "bad id"}'))).toMatchObject({
      cause: 'HTTP 400: {"error": "bad id"}',
    });
    expect(judge(answer(400, {}, 'x'.repeat(100_000)))).toMatchObject({
      cause: `HTTP 400: ${'x'.repeat(300)}`,
    });
  });

  it('does not repeat the path of a redirect: it may hold a token', () => {
    const location = 'https://login.example/?token=secret';
    const outcome = judge(answer(302, { location }));
    expect(JSON.stringify(outcome)).not.toContain('secret');
    expect(outcome).toMatchObject({
      cause: expect.stringContaining('https://login.example') as string,
    });
  });
});

describe('retryAfterMs', () => {
  const date = 'Mon, 23 Nov 2026 06:53:33 GMT';

  it.each([
    ['7', 7_000],
    [' 0 ', 0],
    ['1000000000000', 900_000],
    ['-5', undefined],
    ['soon', undefined],
    ['', undefined],
    ['1.5', undefined],
  ])('%j is %s ms', (value, ms) => {
    expect(retryAfterMs({ 'retry-after': value })).toBe(ms);
  });

  it('measures a date against the date of the answer', () => {
    const later = 'Mon, 23 Nov 2026 06:54:03 GMT';
    expect(retryAfterMs({ 'retry-after': later, date })).toBe(30_000);
    expect(retryAfterMs({ 'retry-after': date, date: later })).toBeUndefined();
    expect(retryAfterMs({ 'retry-after': later })).toBeUndefined();
  });
});
