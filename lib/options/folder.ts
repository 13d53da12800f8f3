/** Options that name a folder. */
import { isAbsolute, resolve } from 'node:path';
import { describeValue } from './describe-value.js';
import { accept, refuse } from './option-row.js';
import type { OptionRow } from './option-row.js';

const EXPECTS = 'an absolute path';

/**
 * A folder, without a default. A relative path would be another folder whenever
 * the application is started from somewhere else.
 */
export function folder(row: {
  readonly env: readonly string[];
  readonly example: string;
}): OptionRow<string, undefined> {
  return {
    ...row,
    default: undefined,
    expects: EXPECTS,
    parse: (given) => given,
    check: (value) =>
      typeof value === 'string' && isAbsolute(value) && !value.includes('\0')
        ? accept(resolve(value))
        : refuse(`${describeValue(value)} is not ${EXPECTS}`),
  };
}
