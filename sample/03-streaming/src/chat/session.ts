/** Whose conversation a request belongs to. */
import type { ExecutionContext } from '@nestjs/common';

interface WithQuery {
  readonly query: Readonly<Record<string, unknown>>;
}

/** The page makes an id for each of its tabs. */
export function sessionOf(context: ExecutionContext): string | undefined {
  const { query } = context.switchToHttp().getRequest<WithQuery>();
  const { session } = query;
  return typeof session === 'string' ? session : undefined;
}
