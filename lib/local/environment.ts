/** How the server makes any value into the name of an environment. */

const DEFAULT_ENVIRONMENT = 'default';
const MAX_LENGTH = 40;

/**
 * Lower-cased, without leading `langfuse`, cut to 40 characters. What is not a
 * string, is empty then or has other characters than `a-z0-9-_` becomes
 * `default`; nothing is ever refused.
 */
export function normalizeEnvironment(value: unknown): string {
  if (typeof value !== 'string') {
    return DEFAULT_ENVIRONMENT;
  }
  const name = value
    .toLowerCase()
    .replace(/^(?:langfuse[-_]?)+/, '')
    .slice(0, MAX_LENGTH);
  return /^[a-z0-9_-]+$/.test(name) ? name : DEFAULT_ENVIRONMENT;
}
