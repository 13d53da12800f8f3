/**
 * How error messages name a value that somebody put into an option: short, on
 * one line, without running code of the value, and without secrets.
 */

const LONGEST_TEXT = 60;

/** Text in quotes. Langfuse secret keys that strayed into it are masked. */
export function quote(text: string): string {
  const masked = text.replace(/sk-lf-\S*/gi, 'sk-lf-***');
  return JSON.stringify(
    masked.length > LONGEST_TEXT ? `${masked.slice(0, LONGEST_TEXT)}…` : masked,
  );
}

/** A value by its content if that is short, else by its type. */
export function describeValue(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return quote(value);
    case 'number':
    case 'boolean':
      return String(value);
    default:
      return describeType(value);
  }
}

/** A value by its type alone: for secrets. */
export function describeType(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

/**
 * A URL without what may be secret in it: user and password, query, fragment.
 * Also for text that only resembles a URL: what stands before the last `@`
 * may be a password.
 */
export function describeUrl(value: unknown): string {
  if (typeof value !== 'string') return describeValue(value);
  return quote(
    value
      .replace(/[?#].*$/s, '?***')
      .replace(/^([a-z]+:\/\/)?.*@/is, (_, scheme = '') => `${scheme}***@`),
  );
}

/** An option's or header's name: as it is if it is a plain one, else quoted. */
export function describeName(name: string): string {
  return /^[\w$.-]{1,60}$/.test(name) && !/sk-lf-/i.test(name)
    ? name
    : quote(name);
}
