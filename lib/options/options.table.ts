/**
 * Every option of the module, once. The types `LangfuseModuleOptions` and
 * `ResolvedOptions`, the reading of environment variables, the checks and the
 * error messages come from these rows; the rows' TSDoc is what an IDE shows.
 */
import type {
  MaskFunction,
  RequestAttributesFunction,
  ShouldExportSpan,
} from '../observe/index.js';
import { additionalHeaders } from './additional-headers.js';
import { baseUrl } from './base-url.js';
import { credentials } from './credentials.js';
import { describeType } from './describe-value.js';
import { folder } from './folder.js';
import { hostList } from './host-list.js';
import { ignoreRoutes } from './ignore-routes.js';
import {
  LONGEST_TIMER_MS,
  callback,
  flag,
  integer,
  oneOf,
  optionalInteger,
  optionalOneOf,
  ratio,
  seconds,
  text,
} from './option-kinds.js';
import type { OptionRow } from './option-row.js';
import {
  environmentVariables,
  releaseVariables,
} from './platform-variables.js';
import { spanProcessor } from './span-processor.js';

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
   * Env: `LANGFUSE_TRACING_ENVIRONMENT`. If it is not set, what the platform
   * calls the environment, in lower case: `VERCEL_TARGET_ENV`, `VERCEL_ENV`,
   * `RAILWAY_ENVIRONMENT_NAME` or `PLATFORM_ENVIRONMENT_TYPE`; a name that
   * Langfuse does not take is left out, with a warning. `NODE_ENV` is not read.
   */
  environment: text({
    env: ['LANGFUSE_TRACING_ENVIRONMENT'],
    platform: environmentVariables,
    pattern: /^(?!langfuse)[a-z0-9_-]{1,40}$/,
    expects:
      '1 to 40 characters a-z, 0-9, - and _, not beginning with "langfuse"',
    example: 'production',
  }),

  /**
   * Release of the application that traces are labelled with, such as a
   * version or a commit.
   *
   * Env: `LANGFUSE_RELEASE`. If it is not set, the commit that the platform or
   * the CI system names, in the first of these: `VERCEL_GIT_COMMIT_SHA`,
   * `NEXT_PUBLIC_VERCEL_GIT_COMMIT_SHA`, `RAILWAY_GIT_COMMIT_SHA`,
   * `RENDER_GIT_COMMIT`, `HEROKU_BUILD_COMMIT`, `HEROKU_SLUG_COMMIT`,
   * `NF_DEPLOYMENT_SHA`, `FC_GIT_COMMIT_SHA`, `AWS_COMMIT_ID`,
   * `CF_PAGES_COMMIT_SHA`, `TRIGGER_DEPLOYMENT_ID`, `GITHUB_SHA`,
   * `CI_COMMIT_SHA`, `BITBUCKET_COMMIT`, `CIRCLE_SHA1`, `BUILDKITE_COMMIT`,
   * `BUILD_SOURCEVERSION`, `CODEBUILD_RESOLVED_SOURCE_VERSION`,
   * `TRAVIS_COMMIT`, `DRONE_COMMIT_SHA`, `SEMAPHORE_GIT_SHA`,
   * `APPVEYOR_REPO_COMMIT`, `SOURCE_VERSION`, `SOURCE_COMMIT`, `GIT_COMMIT`,
   * `COMMIT_REF`, `REACT_APP_GIT_SHA`, `BUILD_VCS_NUMBER`.
   */
  release: text({
    env: ['LANGFUSE_RELEASE'],
    platform: releaseVariables,
    pattern: /\S/,
    expects: 'a text that names a release',
    example: '1.4.2',
  }),

  /**
   * Share of the traces that are recorded: a number from 0 to 1. The trace's id
   * decides, so that all observations and scores of a trace share its fate, in
   * every service with the same rate, OpenTelemetry's `TraceIdRatioBasedSampler`
   * included. Of a trace that is left out nothing is captured, and ids work as
   * always. Scores of sessions and dataset runs are always sent.
   *
   * Env: `LANGFUSE_SAMPLE_RATE`.
   *
   * @defaultValue `1`
   */
  sampleRate: ratio({ env: ['LANGFUSE_SAMPLE_RATE'], default: 1 }),

  /**
   * A function that says of an observation's span whether it is sent, as in
   * Langfuse's own SDKs; only `false` leaves it out, without a trace in the
   * queue's counts. See {@link ShouldExportSpan}.
   */
  // Asserted, for the type's name in the declarations: spelled out there, it
  // would not take functions over the SDK's own type of span.
  shouldExportSpan: callback<ShouldExportSpan>({
    expects: 'a function that says whether a span is sent',
    example: ({ otelSpan }) => otelSpan.name !== 'GET /health',
    fix: "pass e.g. ({ otelSpan }) => otelSpan.name !== 'GET /health'",
  }) as OptionRow<ShouldExportSpan, undefined>,

  /**
   * A function that replaces what must not leave the application in each text
   * that would be sent: of observations, their trace, events, links and scores.
   * It may be asynchronous and has a second for one record; what it fails for is
   * sent as `<fully masked due to failed mask function>`. See
   * {@link MaskFunction}; `redactSecrets()` makes one for common secrets.
   */
  mask: callback<MaskFunction>({
    expects: 'a function that masks a text',
    example: ({ data }) => data.replaceAll('secret', '***'),
    fix: "pass e.g. ({ data }) => data.replaceAll('secret', '***')",
  }),

  /**
   * Whether this package is the OpenTelemetry of the application: its tracer
   * provider, context manager and W3C propagator become the globals, the latter
   * two where there are none yet. Libraries that look for the globals then record
   * here; of those not about language models nothing is sent, unless
   * `shouldExportSpan` says so. Everything of `@langfuse/tracing` works, such as
   * `propagateAttributes()` and `updateActiveObservation()`. With a provider
   * registered by somebody else it changes nothing but for a warning. Undone when
   * the application closes.
   *
   * @defaultValue `false`
   */
  registerGlobally: flag({ env: [], default: false }),

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
   * Observations that may be open at once, which is started and not ended: an
   * integer of at least 1. Beyond it the oldest is ended as it stands, with
   * level `WARNING`, since one whose `end()` was forgotten would stay for ever.
   * See `LangfuseService.openObservations()`.
   *
   * Env: `LANGFUSE_MAX_OPEN_OBSERVATIONS`.
   *
   * @defaultValue `10000`
   */
  maxOpenObservations: integer({
    env: ['LANGFUSE_MAX_OPEN_OBSERVATIONS'],
    default: 10_000,
    min: 1,
  }),

  /**
   * Size, in bytes, of what the observations that are open have recorded: an
   * integer of at least 1024. A character counts as one byte. Beyond it the
   * oldest is ended, as with `maxOpenObservations`.
   *
   * Env: `LANGFUSE_MAX_OPEN_BYTES`.
   *
   * @defaultValue `67108864` (64 MiB)
   */
  maxOpenBytes: integer({
    env: ['LANGFUSE_MAX_OPEN_BYTES'],
    default: 64 * 1024 * 1024,
    min: 1024,
    unit: 'bytes',
  }),

  /**
   * Longest time that an observation may be open, in milliseconds: an integer
   * from 1 to 2147483647. After it the observation is ended, as with
   * `maxOpenObservations`: for calls that hang, which would otherwise show only
   * at the end of the application. Without it there is no limit.
   *
   * Env: `LANGFUSE_MAX_OPEN_AGE_MS`.
   */
  maxOpenAgeMs: optionalInteger({
    env: ['LANGFUSE_MAX_OPEN_AGE_MS'],
    example: 600_000,
    min: 1,
    max: LONGEST_TIMER_MS,
    unit: 'milliseconds',
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
   * What is kept on the disk, so that it is delivered after an outage that is
   * longer than memory, and after the end of the process:
   *
   * - `'off'`: nothing.
   * - `'overflow'`: what does not fit in memory, and what is left when the
   *   process ends in order or by an error. Nothing is written while the server
   *   takes data.
   * - `'event'`: each record, before it is sent: it also outlives `kill -9` and
   *   the end of memory, for some microseconds a record.
   *
   * What is written is masked. If it is not set, it is `'overflow'` where
   * `spoolDir` is, and otherwise `'off'`: recorded texts are not written to a
   * disk that nobody has thought of.
   *
   * Env: `LANGFUSE_SPOOL`.
   */
  spool: optionalOneOf(['overflow', 'event', 'off'], ['LANGFUSE_SPOOL']),

  /**
   * Folder of the spool: an absolute path. It is made when it is missing, for
   * nobody but the user of the process; one that is there has to be that user's,
   * and nobody else may write to it. Any number of processes and projects may
   * have the same one, as long as they are of the same user. If it is not set,
   * it is `nestjs-langfuse-` and the user's number, in the folder of the system
   * for temporary files, which containers and restarts of the machine empty.
   *
   * Env: `LANGFUSE_SPOOL_DIR`.
   */
  spoolDir: folder({
    env: ['LANGFUSE_SPOOL_DIR'],
    example: '/var/spool/langfuse',
  }),

  /**
   * Size, in bytes, of what one process keeps on the disk: an integer of at
   * least 1048576. Beyond it the oldest records are dropped.
   *
   * Env: `LANGFUSE_SPOOL_MAX_BYTES`.
   *
   * @defaultValue `268435456` (256 MiB)
   */
  spoolMaxBytes: integer({
    env: ['LANGFUSE_SPOOL_MAX_BYTES'],
    default: 256 * 1024 * 1024,
    min: 1024 * 1024,
    unit: 'bytes',
  }),

  /**
   * Time after which a record on the disk is not worth being delivered, in
   * milliseconds: an integer of at least 1. It is dropped then.
   *
   * Env: `LANGFUSE_SPOOL_MAX_AGE_MS`.
   *
   * @defaultValue `86400000` (24 hours)
   */
  spoolMaxAgeMs: integer({
    env: ['LANGFUSE_SPOOL_MAX_AGE_MS'],
    default: 24 * 60 * 60 * 1000,
    min: 1,
    unit: 'milliseconds',
  }),

  /**
   * What stays free on the disk, in bytes: an integer of at least 4194304. With
   * less than that the spool does not grow. The next process needs some of it to
   * take over what is there.
   *
   * Env: `LANGFUSE_SPOOL_MIN_FREE_BYTES`.
   *
   * @defaultValue `67108864` (64 MiB)
   */
  spoolMinFreeBytes: integer({
    env: ['LANGFUSE_SPOOL_MIN_FREE_BYTES'],
    default: 64 * 1024 * 1024,
    min: 4 * 1024 * 1024,
    unit: 'bytes',
  }),

  /**
   * Whether the disk is made to store what was written: `'never'`, it survives
   * the end of the process, or `'always'`, it survives a loss of power, too, for
   * some milliseconds a write, in which nothing else runs.
   *
   * Env: `LANGFUSE_SPOOL_FSYNC`.
   *
   * @defaultValue `'never'`
   */
  spoolFsync: oneOf(['never', 'always'], ['LANGFUSE_SPOOL_FSYNC']),

  /**
   * Compression of requests: `'gzip'` or `'none'`.
   *
   * @defaultValue `'gzip'`
   */
  compression: oneOf(['gzip', 'none']),

  /**
   * Whether the queue's figures are metrics of OpenTelemetry: `langfuse.queue.*`,
   * `langfuse.destination.*`, and for observations those of its conventions for
   * SDKs (`otel.sdk.processor.span.queue.size` and the like). They go to the
   * meter provider that is registered globally when the application has started;
   * without one nothing is measured. By default on: who registers a provider
   * wants the metrics of libraries, and chooses among them with its views.
   *
   * @defaultValue `true`
   */
  metrics: flag({ env: [], default: true }),

  /**
   * Whether each batch, failure and recovery of the server, flush and shutdown
   * writes a line with counts and times: to find out why nothing arrives. The
   * lines hold no recorded values and no keys. They have Nest's level `log`, not
   * `debug`, which is off in most applications in production.
   *
   * Env: `LANGFUSE_DEBUG`.
   *
   * @defaultValue `false`
   */
  debug: flag({ env: ['LANGFUSE_DEBUG'], default: false }),

  /**
   * Whether the server is asked which project the keys belong to when the
   * application has started; one log line says what it answered. The start does
   * not wait for it, and goes on whatever comes. A region of Langfuse Cloud that
   * does not know the keys has the other regions asked: **the keys are then sent
   * to these**, and the line tells a wrong region from wrong keys.
   *
   * Env: `LANGFUSE_VERIFY_ON_BOOT`.
   *
   * @defaultValue `false`
   */
  verifyOnBoot: flag({ env: ['LANGFUSE_VERIFY_ON_BOOT'], default: false }),

  /**
   * HTTP headers that go with every request, such as those that a proxy
   * before the server wants. They cannot replace the headers that each request
   * sets itself (`authorization`, `host`, `content-type`, `content-encoding`,
   * `content-length`, `transfer-encoding`).
   *
   * @defaultValue `{}`
   */
  additionalHeaders: additionalHeaders(),

  /**
   * A function that says, from a request's execution context, which user,
   * session and the like all observations of the request carry. It is called
   * once for each recorded request, after the guards. See
   * {@link RequestAttributesFunction}.
   */
  requestAttributes: callback<RequestAttributesFunction>({
    expects: 'a function that returns attributes of a request',
    example: () => ({ userId: 'user-1' }),
    fix: 'pass e.g. (context) => ({ userId: context.switchToHttp().getRequest().user?.id })',
  }),

  /**
   * Requests that are not recorded, such as health checks: routes as texts
   * (`'/health'`) or regular expressions, or a function that is given the
   * request's execution context. See {@link IgnoreRoutes}; `@NoTrace()` leaves a
   * handler out.
   *
   * @defaultValue `[]`
   */
  ignoreRoutes: ignoreRoutes(),

  /**
   * Hosts that requests tell of the user, the session and the like, as W3C
   * Baggage: those of your own services. `host`, `host:port`, or `*.domain` for
   * all below a domain. `traceparent` goes to all.
   *
   * @defaultValue `[]`
   */
  baggageHosts: hostList(),

  /**
   * Whether the baggage of incoming requests sets user, session and the like.
   * Whoever can send requests can then say that they are somebody else's: only
   * for services that nobody but services of yours can reach.
   *
   * @defaultValue `false`
   */
  trustIncomingBaggage: flag({ env: [], default: false }),

  /**
   * The `LangfuseSpanProcessor` that the application has given to an
   * OpenTelemetry SDK. The module then records into its queue, so that there is
   * one queue and one drain, and ends it when the application shuts down.
   * What is sent, where and how, is said by the options of the processor; only
   * those about requests can be given here besides.
   */
  spanProcessor: spanProcessor(),
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
