/**
 * `withLangfuseFlush()`: flushes after each invocation of a serverless
 * function, before the platform freezes the process.
 */
import { type INestApplicationContext, Logger } from '@nestjs/common';
import { LOG_CONTEXT } from './langfuse.constants.js';
import { Projects } from './observe/index.js';
import {
  createdOnce,
  type FlushTarget,
  Invocation,
  type WaitUntil,
} from './serverless/index.js';

const DEFAULT_FLUSH_TIMEOUT_MS = 2_000;

const MODULE_MISSING =
  'withLangfuseFlush() found no LangfuseModule in the application, so nothing ' +
  'is flushed. Import LangfuseModule.forRoot() in its root module.';

const BAD_TIMEOUT = (given: unknown) =>
  `withLangfuseFlush(): flushTimeoutMs is ${String(given)}. Give a number of ` +
  'milliseconds, 0 or more.';

const FLUSH_FAILED = (error: unknown) =>
  `withLangfuseFlush(): flush() of the option "queue" failed: ${String(error)}`;

/** Options of {@link withLangfuseFlush}. @publicApi */
export interface LangfuseFlushOptions {
  /**
   * Milliseconds that a flush may take at most; 0 starts it and waits for
   * nothing. On AWS Lambda also at most what `context.getRemainingTimeInMillis()`
   * leaves, less 500 ms. While Langfuse is down, each invocation takes so much
   * longer where there is no `waitUntil`.
   * @default 2000
   */
  readonly flushTimeoutMs?: number;
  /**
   * Keeps the process running until a promise settles, after the response went
   * out: `after` of `next/server`, for instance. The `waitUntil` of Next.js,
   * Vercel, Cloudflare and Netlify is found without this.
   */
  readonly waitUntil?: WaitUntil;
}

/** Options with a queue that exists. @publicApi */
export interface FlushQueueOptions extends LangfuseFlushOptions {
  /**
   * What is flushed: a `LangfuseQueue`, a `LangfuseService`, a
   * `LangfuseSpanProcessor`.
   */
  readonly queue: FlushTarget;
}

/** Options with a Nest application to create. @publicApi */
export interface FlushApplicationOptions<
  App extends INestApplicationContext,
> extends LangfuseFlushOptions {
  /**
   * Creates the application, or returns one that exists. Called by the first
   * invocation; those that run at the same time wait for it, later ones use its
   * result. When it rejects, those invocations reject, and the next one calls it
   * again. Nest ends the process on an error unless it is created with
   * `{ abortOnError: false }`.
   *
   * To have it created while the platform starts the process, create it outside
   * of the handler: `const app = await NestFactory.create…; { app: () => app }`.
   */
  readonly app: () => App | Promise<App>;
}

/**
 * Wraps the handler of a serverless function, so that what an invocation
 * recorded is flushed before the platform freezes the process.
 *
 * ```ts
 * // AWS Lambda; the application is created once and kept.
 * export const handler = withLangfuseFlush(
 *   (app) => {
 *     const chat = app.get(ChatService);
 *     return (event: ChatEvent, context: Context) => chat.answer(event.question);
 *   },
 *   { app: () => NestFactory.createApplicationContext(AppModule) },
 * );
 *
 * // Vercel, Next.js: a queue that exists.
 * export const POST = withLangfuseFlush(
 *   async (request: Request) => Response.json(await answer(request)),
 *   { queue },
 * );
 * ```
 *
 * The handler gets what the platform passes, and its result or error is handed
 * on unchanged. The flush never throws; what it does not deliver by its deadline
 * stays queued and is sent while the next invocation runs. A process that the
 * platform ends instead of thawing takes with it what is still queued.
 *
 * When the flush runs:
 * - AWS Lambda, `(event, context)`: after the handler, before its result is
 *   handed on. Handlers that stream work, too, with the result given to
 *   `awslambda.streamifyResponse()`. Handlers with a callback do not: return a
 *   promise.
 * - `(request) => Response`: when the response's body has been read to its end,
 *   since a model's answer is recorded when it has been streamed. The response
 *   goes out at once, as a copy with the same status, headers and bytes.
 * - `(request, response)`: when the response has been sent. A platform that
 *   freezes at that very moment has to have a `waitUntil`.
 * - Where there is a `waitUntil`, it gets the flush, and nothing waits for it.
 *
 * In serverless functions:
 * - `flushAt: 1` and `exportMode: 'immediate'` are not needed and do not replace
 *   this: they start requests sooner, the process is frozen all the same before
 *   the answers are there. Their price is more and smaller requests.
 * - `flushInterval` does not pass while the process is frozen. A request that
 *   was under way then is answered after the thaw, or sent again.
 * - AWS Lambda sends SIGTERM only to functions with an extension, and kills 300
 *   to 500 ms later. With one, `app.enableShutdownHooks()` and a
 *   `shutdownTimeoutMs` of 250 deliver what a flush had left behind
 *   (https://github.com/aws-samples/graceful-shutdown-with-aws-lambda).
 *
 * @param createHandler makes the handler out of the application, once
 * @returns the handler, to be given to the platform
 * @throws RangeError when `flushTimeoutMs` is no number of milliseconds
 * @publicApi
 */
export function withLangfuseFlush<
  App extends INestApplicationContext,
  Args extends unknown[],
  Result,
>(
  createHandler: (
    app: App,
  ) => ((...args: Args) => Result) | Promise<(...args: Args) => Result>,
  options: FlushApplicationOptions<App>,
): (...args: Args) => Promise<Awaited<Result>>;
/**
 * As above, around a handler that needs no application.
 *
 * @publicApi
 */
export function withLangfuseFlush<Args extends unknown[], Result>(
  handler: (...args: Args) => Result,
  options: FlushQueueOptions,
): (...args: Args) => Promise<Awaited<Result>>;
export function withLangfuseFlush<
  App extends INestApplicationContext,
  Args extends unknown[],
  Result,
>(
  first: Handler<Args, Result> | CreateHandler<App, Args, Result>,
  options: FlushQueueOptions | FlushApplicationOptions<App>,
): Handler<Args, Promise<Awaited<Result>>> {
  // Which of the two it is follows from the options, which the overloads tie.
  return 'app' in options
    ? flushAfterEach(
        prepareOnce(first as CreateHandler<App, Args, Result>, options),
        options,
      )
    : flushAfterEach(
        async () => ({
          handler: first as Handler<Args, Result>,
          target: options.queue,
        }),
        options,
      );
}

type Handler<Args extends unknown[], Result> = (...args: Args) => Result;

type CreateHandler<App, Args extends unknown[], Result> = (
  app: App,
) => Handler<Args, Result> | Promise<Handler<Args, Result>>;

/** What an invocation needs. */
interface Prepared<Args extends unknown[], Result> {
  readonly handler: Handler<Args, Result>;
  /** Undefined where the application has nothing to flush. */
  readonly target: FlushTarget | undefined;
}

function prepareOnce<
  App extends INestApplicationContext,
  Args extends unknown[],
  Result,
>(
  createHandler: CreateHandler<App, Args, Result>,
  options: FlushApplicationOptions<App>,
): () => Promise<Prepared<Args, Result>> {
  // Two steps: an application whose handler could not be made is not made again.
  const application = createdOnce(options.app);
  return createdOnce(async () => {
    const app = await application();
    return { handler: await createHandler(app), target: projectsOf(app) };
  });
}

function projectsOf(app: INestApplicationContext): FlushTarget | undefined {
  try {
    return app.get(Projects, { strict: false });
  } catch {
    new Logger(LOG_CONTEXT).error(MODULE_MISSING);
    return undefined;
  }
}

function flushAfterEach<Args extends unknown[], Result>(
  prepare: () => Promise<Prepared<Args, Result>>,
  options: LangfuseFlushOptions,
): Handler<Args, Promise<Awaited<Result>>> {
  const { flushTimeoutMs = DEFAULT_FLUSH_TIMEOUT_MS, waitUntil } = options;
  // Written so that NaN fails, too.
  if (!(flushTimeoutMs >= 0)) throw new RangeError(BAD_TIMEOUT(flushTimeoutMs));
  const onError = (error: unknown) =>
    new Logger(LOG_CONTEXT).warn(FLUSH_FAILED(error));
  const settings = { flushTimeoutMs, waitUntil, onError };

  return async (...args: Args): Promise<Awaited<Result>> => {
    const { handler, target } = await prepare();
    if (!target) return await handler(...args);
    const invocation = new Invocation(args, target, settings);
    let result: Awaited<Result>;
    try {
      result = await handler(...args);
    } catch (error) {
      await invocation.failed();
      throw error;
    }
    return invocation.returned(result);
  };
}
