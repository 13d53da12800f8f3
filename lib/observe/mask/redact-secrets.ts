import { redactCardNumbers } from './card-numbers.js';
import { redactEmails } from './email-addresses.js';
import { KEYS, redactTokens, BEARER_TOKENS } from './secret-tokens.js';
import type { MaskedText } from './mask-function.js';

/** Which secrets {@link redactSecrets} looks for. @publicApi */
export interface RedactSecretsOptions {
  /**
   * Keys and tokens that show what they are: of OpenAI and Anthropic (`sk-…`),
   * Langfuse, AWS, GitHub, GitLab, Google, Hugging Face, npm, Slack, Stripe; JSON
   * Web Tokens; private keys in PEM.
   * @default true
   */
  readonly keys?: boolean;
  /**
   * What follows the word `Bearer`.
   * @default true
   */
  readonly bearerTokens?: boolean;
  /**
   * E-mail addresses.
   * @default true
   */
  readonly emails?: boolean;
  /**
   * Numbers of 13 to 19 digits, also with single spaces or hyphens between
   * them, that begin as payment cards do and have the right check digit.
   * @default true
   */
  readonly cardNumbers?: boolean;
}

/**
 * A mask for the option `mask` that replaces common secrets by a mark such as
 * `[redacted email]`, in plain text as in JSON text, which stays JSON. The time
 * that it takes grows with the length of the text alone, whatever is in it.
 *
 * It finds what shows by its form that it is a secret. Names, addresses and
 * passwords do not; compose it with a mask of your own for these.
 *
 * @example
 * ```ts
 * const redact = redactSecrets({ emails: false });
 *
 * LangfuseModule.forRoot({
 *   mask: ({ data, attribute }) =>
 *     redact({ data: data.replaceAll('Project Bluebird', '***'), attribute }),
 * });
 * ```
 * @publicApi
 */
export function redactSecrets({
  keys = true,
  bearerTokens = true,
  emails = true,
  cardNumbers = true,
}: RedactSecretsOptions = {}): (text: MaskedText) => string {
  const steps: ((text: string) => string)[] = [];
  // Bearer tokens last of the two: a key after the word is named as a key.
  if (keys) steps.push((text) => redactTokens(text, KEYS));
  if (bearerTokens) steps.push((text) => redactTokens(text, BEARER_TOKENS));
  if (emails) steps.push(redactEmails);
  if (cardNumbers) steps.push(redactCardNumbers);
  return ({ data }) => steps.reduce((text, step) => step(text), data);
}
