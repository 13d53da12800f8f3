/**
 * Secrets that begin with a sign of what they are. Each pattern is linear: its
 * repetitions are of one class of characters and nothing that could fail follows
 * them, or it can begin only where no other match of its kind could go on.
 */

/** A kind of secret and what stands in its place. */
export interface SecretToken {
  readonly pattern: RegExp;
  readonly replacement: string;
}

/**
 * Where a word begins: also after an escape of JSON text, whose last character
 * (`\n`, `\u000b`) is a letter to a pattern.
 */
const START = String.raw`(?:(?<![A-Za-z0-9])|(?<=\\[bfnrt])|(?<=\\u[0-9a-f]{4}))`;

const KEY_FORMS = [
  // OpenAI, Anthropic, OpenRouter, Langfuse and others.
  String.raw`sk-[\w-]{16,}`,
  String.raw`pk-lf-[\w-]{8,}`,
  // Stripe.
  String.raw`[rsp]k_(?:live|test)_\w{16,}`,
  // AWS.
  String.raw`A(?:KIA|SIA)[A-Z0-9]{16}(?![A-Za-z0-9])`,
  // GitHub, GitLab.
  String.raw`gh[opsru]_\w{36,}`,
  String.raw`github_pat_\w{22,}`,
  String.raw`glpat-[\w-]{20,}`,
  // Slack, Google, Hugging Face, npm.
  String.raw`xox[abeprs]-[\w-]{10,}`,
  String.raw`AIza[\w-]{35}`,
  String.raw`hf_[A-Za-z0-9]{30,}`,
  String.raw`npm_[A-Za-z0-9]{36}`,
];

/** Base64url up to each dot; whoever is in the middle of one begins none. */
const JSON_WEB_TOKEN = String.raw`(?:(?<![\w-])|(?<=\\[bfnrt])|(?<=\\u[0-9a-f]{4}))eyJ[\w-]{5,}\.[\w-]{5,}\.[\w-]*`;

/** Line ends may be those of JSON text. */
const PRIVATE_KEY = String.raw`-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----[A-Za-z0-9+/=\s]*(?:\\[nr][A-Za-z0-9+/=\s]*)*(?:-----END [A-Z ]{0,30}PRIVATE KEY-----)?`;

export const KEYS: readonly SecretToken[] = [
  {
    pattern: new RegExp(`${START}(?:${KEY_FORMS.join('|')})`, 'g'),
    replacement: '[redacted key]',
  },
  {
    pattern: new RegExp(JSON_WEB_TOKEN, 'g'),
    replacement: '[redacted JSON Web Token]',
  },
  {
    pattern: new RegExp(PRIVATE_KEY, 'g'),
    replacement: '[redacted private key]',
  },
];

export const BEARER_TOKENS: readonly SecretToken[] = [
  {
    pattern: /(bearer[ \t]{1,8})[\w.~+/=-]{16,}/gi,
    replacement: '$1[redacted bearer token]',
  },
];

/** Replaces all tokens of these kinds. */
export function redactTokens(
  text: string,
  kinds: readonly SecretToken[],
): string {
  let redacted = text;
  for (const { pattern, replacement } of kinds) {
    redacted = redacted.replace(pattern, replacement);
  }
  return redacted;
}
