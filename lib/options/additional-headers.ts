/** The option `additionalHeaders`: what goes with every request besides ours. */
import { describeName, describeType, describeValue } from './describe-value.js';
import { accept, refuse } from './option-row.js';
import type { Checked, Fault, OptionRow } from './option-row.js';

/** HTTP header names and their values. */
export type HttpHeaders = Readonly<Record<string, string>>;

/** Headers whose value depends on the request's body or on other options. */
const OWN_HEADERS: ReadonlySet<string> = new Set([
  'authorization',
  'content-type',
  'content-encoding',
  'content-length',
  'transfer-encoding',
  'host',
]);

/** `token` of RFC 9110, section 5.6.2. */
const HEADER_NAME = /^[!#$%&'*+\-.^_`|~\dA-Za-z]+$/;

/** What `node:http` agrees to send: no control characters, Latin-1 at most. */
const HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

const EXPECTS = 'an object of header names and their values';

/** Headers for every request. Their values are never shown in messages. */
export function additionalHeaders(): OptionRow<HttpHeaders, HttpHeaders> {
  return {
    env: [],
    default: Object.freeze({}),
    example: { 'x-team': 'search' },
    expects: EXPECTS,
    parse: (given) => given,
    check: checkHeaders,
  };
}

function checkHeaders(value: unknown): Checked<HttpHeaders> {
  if (!isRecord(value)) {
    return refuse(
      `${describeType(value)} is not ${EXPECTS}`,
      `pass e.g. { 'x-team': 'search' }`,
    );
  }
  const seen = new Set<string>();
  const headers: [string, string][] = [];
  const faults: Fault[] = [];
  for (const [name, content] of Object.entries(value)) {
    const lowerCased = name.toLowerCase();
    const fault = seen.has(lowerCased)
      ? {
          says: `${describeName(name)} is there in two spellings`,
          fix: 'keep one, since case makes no difference',
        }
      : headerFault(name, content);
    seen.add(lowerCased);
    if (fault) faults.push(fault);
    else headers.push([name, String(content)]);
  }
  const [first, ...others] = faults;
  return first
    ? { ok: false, faults: [first, ...others] }
    : accept(Object.freeze(Object.fromEntries(headers)));
}

function headerFault(name: string, content: unknown): Fault | undefined {
  if (!HEADER_NAME.test(name)) {
    return {
      says: `${describeValue(name)} is not a header name`,
      fix: 'use letters, digits and hyphens',
    };
  }
  if (OWN_HEADERS.has(name.toLowerCase())) {
    return {
      says: `${describeName(name)} is set for each request by this package`,
      fix: 'remove it',
    };
  }
  if (typeof content !== 'string') {
    return {
      says: `the value of ${describeName(name)} is ${describeType(content)}`,
      fix: 'pass a string',
    };
  }
  return HEADER_VALUE.test(content)
    ? undefined
    : {
        says: `the value of ${describeName(name)} has characters that a header cannot carry`,
        fix: 'use printable Latin-1 characters on one line',
      };
}

/** Not for `Headers` or a `Map`, whose entries are no properties. */
function isRecord(value: unknown): value is Record<string, unknown> {
  return Object.prototype.toString.call(value) === '[object Object]';
}
