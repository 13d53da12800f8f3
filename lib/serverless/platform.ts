/**
 * What a serverless platform tells about an invocation. Platforms differ in
 * what they pass to a handler, so it is found by its shape.
 */
import { finished, type Writable } from 'node:stream';

/**
 * Has the platform keep the process running until a promise settles, while the
 * response is already on its way.
 *
 * @publicApi
 */
export type WaitUntil = (promise: Promise<unknown>) => void;

/** Where a platform keeps the context of the current request. */
interface RequestContextGlobal {
  readonly get?: () => { readonly waitUntil?: WaitUntil } | undefined;
}

/** AWS Lambda's `Context`, as far as it counts here. */
interface LambdaContext {
  getRemainingTimeInMillis(): number;
}

/**
 * Next.js has any platform put its context here
 * (https://nextjs.org/docs/app/api-reference/functions/after), and the second
 * is what `waitUntil` of `@vercel/functions` reads.
 */
const REQUEST_CONTEXTS = [
  Symbol.for('@next/request-context'),
  Symbol.for('@vercel/request-context'),
];

/**
 * The platform's `waitUntil`: of a context among the arguments (Cloudflare,
 * Netlify, middleware of Next.js), else of Next.js or Vercel.
 */
export function findWaitUntil(args: readonly unknown[]): WaitUntil | undefined {
  const context = args.find((arg) => has(arg, 'waitUntil'));
  // As a method: platforms refuse a call without its object.
  if (context) return (promise) => context.waitUntil(promise);
  const globals = globalThis as { readonly [key: symbol]: unknown };
  for (const key of REQUEST_CONTEXTS) {
    const current = (globals[key] as RequestContextGlobal | undefined)?.get?.();
    if (current?.waitUntil) return (promise) => current.waitUntil?.(promise);
  }
  return undefined;
}

/** Milliseconds until AWS Lambda ends the invocation; elsewhere `Infinity`. */
export function remainingTimeMs(args: readonly unknown[]): number {
  return args.find(isLambdaContext)?.getRemainingTimeInMillis() ?? Infinity;
}

/**
 * Resolves once the response is sent or broken off, for handlers of
 * `(request, response)`, which may return long before. Resolves at once for
 * others, those of AWS Lambda that stream among them: there the runtime ends
 * the stream of a handler that returns.
 */
export function responseSent(args: readonly unknown[]): Promise<void> {
  const response = args.find(isServerResponse);
  if (!response || args.some(isLambdaContext)) return Promise.resolve();
  return new Promise((resolve) => {
    try {
      finished(response, { readable: false }, () => resolve());
    } catch {
      // Some look like a response and are no stream.
      resolve();
    }
  });
}

/** Whether a response to this request is sent without its body. */
export function isHead(args: readonly unknown[]): boolean {
  const [request] = args;
  return request instanceof Request && request.method === 'HEAD';
}

function isLambdaContext(arg: unknown): arg is LambdaContext {
  return has(arg, 'getRemainingTimeInMillis');
}

function isServerResponse(arg: unknown): arg is Writable {
  return has(arg, 'writeHead') && has(arg, 'end') && has(arg, 'on');
}

function has<Name extends string>(
  arg: unknown,
  name: Name,
): arg is { [name in Name]: (...args: unknown[]) => unknown } {
  return (
    typeof arg === 'object' &&
    arg !== null &&
    typeof (arg as { readonly [name: string]: unknown })[name] === 'function'
  );
}
