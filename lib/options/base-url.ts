/** The option `baseUrl`: where the Langfuse server is. */
import { describeUrl } from './describe-value.js';
import { accept, refuse } from './option-row.js';
import type { Checked, OptionRow } from './option-row.js';

const EXPECTS = 'an http or https URL';

/** A server's address, with an optional path prefix. */
export function baseUrl(row: {
  readonly env: readonly string[];
  readonly default: string;
}): OptionRow<string, string> {
  return {
    ...row,
    example: row.default,
    expects: EXPECTS,
    parse: (given) => given,
    check: checkBaseUrl,
  };
}

function checkBaseUrl(value: unknown): Checked<string> {
  const shown = describeUrl(value);
  if (typeof value !== 'string' || !URL.canParse(value)) {
    return refuse(`${shown} is not ${EXPECTS}`);
  }
  const url = new URL(value);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    return refuse(`${shown} is not ${EXPECTS}`);
  }
  if (url.username !== '' || url.password !== '') {
    return refuse(
      `${shown} contains a user or password`,
      'take them out and set publicKey and secretKey',
    );
  }
  if (url.search !== '' || url.hash !== '') {
    return refuse(
      `${shown} has a query or a fragment`,
      'keep only scheme, host and path',
    );
  }
  return accept(url.origin + url.pathname.replace(/\/+$/, ''));
}
