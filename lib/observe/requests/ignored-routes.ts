import type { ExecutionContext } from '@nestjs/common';

/**
 * Which requests are left out. Texts are compared with the route as it is
 * declared and with the path (`/health`), regular expressions are tried on both;
 * of a message it is the pattern, of a GraphQL operation its name and its first
 * field. A function is asked for each request that reaches a handler.
 *
 * @publicApi
 */
export type IgnoreRoutes =
  readonly (string | RegExp)[] | ((context: ExecutionContext) => boolean);

/** Whether one of `routes` is in the list. */
export function isListed(
  ignored: readonly (string | RegExp)[],
  routes: readonly string[],
): boolean {
  return ignored.some((entry) =>
    typeof entry === 'string'
      ? routes.includes(entry)
      : // `test` of a global or sticky one begins where it was last time.
        routes.some((route) => route.search(entry) >= 0),
  );
}
