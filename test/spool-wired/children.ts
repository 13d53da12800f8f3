/** The fixtures of this folder, as processes of their own that run the built package. */
import { PUBLIC_KEY, SECRET_KEY } from '../support/application.js';
import { ChildApplication } from '../support/child-application.js';

export interface SpoolChild {
  readonly url: string;
  readonly dir: string;
  readonly mode: 'off' | 'overflow' | 'event';
  readonly env?: Readonly<Record<string, string>>;
}

/** Starts a fixture with a spool. */
export function startChild(
  fixture: 'endings' | 'recorder' | 'async-mask',
  args: readonly string[],
  { url, dir, mode, env }: SpoolChild,
): ChildApplication {
  return new ChildApplication(
    new URL(`fixtures/${fixture}.mjs`, import.meta.url),
    args,
    {
      LANGFUSE_PUBLIC_KEY: PUBLIC_KEY,
      LANGFUSE_SECRET_KEY: SECRET_KEY,
      LANGFUSE_BASE_URL: url,
      LANGFUSE_SPOOL: mode,
      LANGFUSE_SPOOL_DIR: dir,
      ...env,
    },
  );
}
