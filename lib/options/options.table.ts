/**
 * Every option of the module, once. The types `LangfuseModuleOptions` and
 * `ResolvedOptions`, the reading of environment variables, the checks and the
 * error messages come from these rows; the rows' TSDoc is what an IDE shows.
 */
import { additionalHeaders } from './additional-headers.js';
import { baseUrl } from './base-url.js';
import { credentials } from './credentials.js';
import { describeType } from './describe-value.js';
import {
  LONGEST_TIMER_MS,
  flag,
  integer,
  oneOf,
  seconds,
  text,
} from './option-kinds.js';
import type { OptionRow } from './option-row.js';

export const optionsTable = {
  /**
   * Public key of the Langfuse project: `pk-lf-…`. Without it, or with an
   * empty one, tracing is off and the application runs.
   *
   * Env: `LANGFUSE_PUBLIC_KEY`.
   */
  publicKey: text({
    env: ['LANGFUSE_PUBLIC_KEY'],
    // A colon would end the user name in Basic authentication.
    pattern: /^(?!sk-lf-)[!-9;-~]*$/,
    expects:
      'a public key (printable ASCII without spaces or colons, not beginning with "sk-lf-")',
    example: 'pk-lf-***',
    describe: describeType,
  }),

  /**
   * Secret key of the Langfuse project: `sk-lf-…`. Without it, or with an
   * empty one, tracing is off and the application runs. Never logged.
   *
   * Env: `LANGFUSE_SECRET_KEY`.
   */
  secretKey: text({
    env: ['LANGFUSE_SECRET_KEY'],
    pattern: /^(?!pk-lf-)[!-~]*$/,
    expects:
      'a secret key (printable ASCII without spaces, not beginning with "pk-lf-")',
    example: 'sk-lf-***',
    describe: describeType,
  }),

  /**
   * A function that returns `publicKey` and `secretKey`, or a promise of them,
   * in the place of these two options: for keys that are replaced while the
   * application runs. It is called before the first request, and again
   * whenever the server may take requests again after a failure such as 401.
   */
  credentials: credentials(),

  /**
   * Address of the Langfuse server: an http or https URL, with a path prefix
   * if the server has one. Trailing slashes are removed.
   *
   * Env: `LANGFUSE_BASE_URL`, or `LANGFUSE_BASEURL`, or `LANGFUSE_HOST`.
   *
   * @defaultValue `https://cloud.langfuse.com`
   */
  baseUrl: baseUrl({
    env: ['LANGFUSE_BASE_URL', 'LANGFUSE_BASEURL', 'LANGFUSE_HOST'],
    default: 'https://cloud.langfuse.com',
  }),

  /**
   * Whether anything is traced. With `false` nothing is recorded and no
   * connection is opened.
   *
   * Env: `LANGFUSE_TRACING_ENABLED`.
   *
   * @defaultValue `true`
   */
  enabled: flag({ env: ['LANGFUSE_TRACING_ENABLED'], default: true }),

  /**
   * Environment that traces belong to, such as `production`: 1 to 40
   * characters a-z, 0-9, `-` and `_`, not beginning with `langfuse`. Without
   * it the server says `default`.
   *
   * Env: `LANGFUSE_TRACING_ENVIRONMENT`.
   */
  environment: text({
    env: ['LANGFUSE_TRACING_ENVIRONMENT'],
    pattern: /^(?!langfuse)[a-z0-9_-]{1,40}$/,
    expects:
      '1 to 40 characters a-z, 0-9, - and _, not beginning with "langfuse"',
    example: 'production',
  }),

  /**
   * Release of the application that traces are labelled with, such as a
   * version or a commit.
   *
   * Env: `LANGFUSE_RELEASE`.
   */
  release: text({
    env: ['LANGFUSE_RELEASE'],
    pattern: /\S/,
    expects: 'a text that names a release',
    example: '1.4.2',
  }),

  /**
   * Observations at which a batch is sent without waiting for
   * `flushInterval`: an integer from 1 to 100000. If it is not set and
   * `maxQueueSize` is lower, it is lowered to that.
   *
   * Env: `LANGFUSE_FLUSH_AT`.
   *
   * @defaultValue `512`
   */
  flushAt: integer({
    env: ['LANGFUSE_FLUSH_AT'],
    default: 512,
    min: 1,
    max: 100_000,
  }),

  /**
   * Longest time that an observation waits for its batch to fill, in
   * **seconds**: above 0, at most 2147483; fractions are allowed.
   *
   * Env: `LANGFUSE_FLUSH_INTERVAL`.
   *
   * @defaultValue `5`
   */
  flushInterval: seconds({ env: ['LANGFUSE_FLUSH_INTERVAL'], default: 5 }),

  /**
   * Time that one request to the server may take, in **seconds**: above 0, at
   * most 2147483; fractions are allowed. Retries are not part of it.
   *
   * Env: `LANGFUSE_TIMEOUT`.
   *
   * @defaultValue `30`
   */
  timeout: seconds({ env: ['LANGFUSE_TIMEOUT'], default: 30 }),

  /**
   * Size of a batch before compression, in bytes, at which it is closed: an
   * integer of at least 1024. If it is not set and `maxQueueBytes` is lower,
   * it is lowered to that.
   *
   * @defaultValue `3500000`
   */
  maxBatchBytes: integer({ default: 3_500_000, min: 1024, unit: 'bytes' }),

  /**
   * Observations, and as many scores, that are kept in memory until the server
   * has them: an integer of at least 1. Beyond it records are dropped, see
   * `overflow`.
   *
   * @defaultValue `100000`
   */
  maxQueueSize: integer({ default: 100_000, min: 1 }),

  /**
   * Encoded size, in bytes, of the observations that are kept in memory until
   * the server has them: an integer of at least 1024; the same again for
   * scores. Beyond it records are dropped, see `overflow`.
   *
   * @defaultValue `67108864` (64 MiB)
   */
  maxQueueBytes: integer({
    default: 64 * 1024 * 1024,
    min: 1024,
    unit: 'bytes',
  }),

  /**
   * Requests that may be under way at once: an integer from 1 to 1000; the
   * same again for scores.
   *
   * @defaultValue `4`
   */
  maxConcurrency: integer({ default: 4, min: 1, max: 1000 }),

  /**
   * Longest time that `flush()` takes, in milliseconds: an integer from 1 to
   * 2147483647. What is not sent by then stays queued.
   *
   * @defaultValue `10000`
   */
  flushTimeoutMs: integer({
    default: 10_000,
    min: 1,
    max: LONGEST_TIMER_MS,
    unit: 'milliseconds',
  }),

  /**
   * Longest time that the application's shutdown waits for the queue to drain,
   * in milliseconds: an integer from 1 to 2147483647.
   *
   * @defaultValue `5000`
   */
  shutdownTimeoutMs: integer({
    default: 5_000,
    min: 1,
    max: LONGEST_TIMER_MS,
    unit: 'milliseconds',
  }),

  /**
   * Size of one captured input, output or metadata value, in bytes, above
   * which it is cut: an integer of at least 1024.
   *
   * @defaultValue `1048576` (1 MiB)
   */
  maxValueBytes: integer({ default: 1024 * 1024, min: 1024, unit: 'bytes' }),

  /**
   * When a batch is sent: `'batched'` (by `flushAt`, `maxBatchBytes` and
   * `flushInterval`) or `'immediate'` (as soon as there is something to send;
   * while `maxConcurrency` requests are under way, records gather).
   *
   * @defaultValue `'batched'`
   */
  exportMode: oneOf(['batched', 'immediate']),

  /**
   * Which record goes when the queue is full: `'drop-oldest'` or
   * `'drop-newest'`. By default the oldest, since who looks at traces during
   * an outage wants the latest. What goes is counted and logged.
   *
   * @defaultValue `'drop-oldest'`
   */
  overflow: oneOf(['drop-oldest', 'drop-newest']),

  /**
   * Compression of requests: `'gzip'` or `'none'`.
   *
   * @defaultValue `'gzip'`
   */
  compression: oneOf(['gzip', 'none']),

  /**
   * HTTP headers that go with every request, such as those that a proxy
   * before the server wants. They cannot replace the headers that each request
   * sets itself (`authorization`, `host`, `content-type`, `content-encoding`,
   * `content-length`, `transfer-encoding`).
   *
   * @defaultValue `{}`
   */
  additionalHeaders: additionalHeaders(),
} satisfies Record<string, OptionRow<unknown>>;

/** The rows, each with its own type. */
export type OptionsTable = typeof optionsTable;

/** Name of an option. */
export type OptionName = keyof OptionsTable;

/** The names of all options, in the table's order. */
export const optionNames = Object.keys(optionsTable) as readonly OptionName[];

/** An option and the variable that sets it, for messages. */
export function describeOption(name: OptionName): string {
  const [env] = optionsTable[name].env;
  return env === undefined ? name : `${name} (${env})`;
}
