/** The option `ignoreRoutes`: requests that are not recorded. */
import type { IgnoreRoutes } from '../observe/index.js';
import { describeType } from './describe-value.js';
import { accept, refuse } from './option-row.js';
import type { OptionRow } from './option-row.js';

const EXPECTS = 'a list of texts and regular expressions, or a function';

const FIX = "pass e.g. ['/health', /^\\/internal\\//]";

/** A list, or a function of the application. */
export function ignoreRoutes(): OptionRow<IgnoreRoutes, IgnoreRoutes> {
  return {
    env: [],
    default: Object.freeze([]),
    example: ['/health'],
    expects: EXPECTS,
    parse: (given) => given,
    check(value) {
      if (typeof value === 'function') return accept(value as IgnoreRoutes);
      if (!Array.isArray(value)) {
        return refuse(`${describeType(value)} is not ${EXPECTS}`, FIX);
      }
      const entries: readonly unknown[] = value;
      const bad = entries.findIndex((entry) => !isRoute(entry));
      return bad < 0
        ? accept(Object.freeze([...entries] as (string | RegExp)[]))
        : refuse(
            `entry ${bad} is ${describeType(entries[bad])}, not a text or a regular expression`,
            FIX,
          );
    },
  };
}

function isRoute(entry: unknown): boolean {
  return typeof entry === 'string' || entry instanceof RegExp;
}
