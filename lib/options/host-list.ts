/** The option `baggageHosts`: who may learn of users and sessions. */
import { describeType, describeValue } from './describe-value.js';
import { accept, refuse } from './option-row.js';
import type { OptionRow } from './option-row.js';

const EXPECTS = 'a list of hosts';

const FIX = "pass e.g. ['billing.internal', 'localhost:3001', '*.example.com']";

/** `host`, `host:port` or `*.domain`; no scheme, no path. */
const HOST = /^(?:\*\.)?(?:[\w-]+(?:\.[\w-]+)*|\[[\da-f:.]+\])(?::\d{1,5})?$/i;

/** Hosts without their scheme. */
export function hostList(): OptionRow<readonly string[], readonly string[]> {
  return {
    env: [],
    default: Object.freeze([]),
    example: ['billing.internal'],
    expects: EXPECTS,
    parse: (given) => given,
    check(value) {
      if (!Array.isArray(value)) {
        return refuse(`${describeType(value)} is not ${EXPECTS}`, FIX);
      }
      const hosts: readonly unknown[] = value;
      const bad = hosts.find((host) => !isHost(host));
      return bad === undefined && !hosts.includes(undefined)
        ? accept(Object.freeze([...hosts] as string[]))
        : refuse(`${describeValue(bad)} is not a host`, FIX);
    },
  };
}

function isHost(value: unknown): boolean {
  return typeof value === 'string' && HOST.test(value);
}
