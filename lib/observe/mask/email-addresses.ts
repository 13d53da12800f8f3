const MARK = '[redacted email]';

/** As long as RFC 5321 lets the part before the sign be. */
const MAX_LOCAL_LENGTH = 64;

/** Not all that the RFC allows: the rest is mostly what stands around. */
const LOCAL_CHARACTER = /[\p{L}\p{N}._%+-]/u;

/** Sticky: read from one place on, and no further than a name can be long. */
const DOMAIN =
  /(?:[\p{L}\p{N}-]{1,63}\.){1,8}(?:xn--[a-z0-9-]{1,59}|\p{L}{2,63})/uy;

/** The letters after a backslash that are no text: `\n`, and `u` with digits. */
const ESCAPE = /^(?:[bfnrt]|u[0-9a-fA-F]{4})/;

/**
 * Replaces e-mail addresses. It looks at both sides of each `@`, which takes
 * a bounded time, where a pattern would try every character as a beginning.
 */
export function redactEmails(text: string): string {
  let redacted = '';
  let done = 0;
  for (let at = text.indexOf('@'); at >= 0; at = text.indexOf('@', at + 1)) {
    const start = startOfLocalPart(text, at, done);
    DOMAIN.lastIndex = at + 1;
    if (start === at || !DOMAIN.test(text)) continue;
    redacted += text.slice(done, start) + MARK;
    done = DOMAIN.lastIndex;
  }
  return done === 0 ? text : redacted + text.slice(done);
}

function startOfLocalPart(text: string, at: number, from: number): number {
  const first = Math.max(from, at - MAX_LOCAL_LENGTH);
  let start = at;
  while (start > first && LOCAL_CHARACTER.test(text.charAt(start - 1))) {
    start -= 1;
  }
  // The escape belongs to the JSON text; without its letter it would be none.
  const escape =
    text.charAt(start - 1) === '\\' ? ESCAPE.exec(text.slice(start, at)) : null;
  return start + (escape?.[0].length ?? 0);
}
