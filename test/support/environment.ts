import { onTestFinished, vi } from 'vitest';

/**
 * Sets the environment's `LANGFUSE_*` variables to exactly these, until the
 * test ends: a developer's own ones must not decide a test. Others are added;
 * those of platforms are empty in tests.
 */
export function langfuseEnvironment(
  variables: Readonly<Record<string, string>> = {},
): void {
  onTestFinished(() => void vi.unstubAllEnvs());
  for (const name of Object.keys(process.env)) {
    if (name.startsWith('LANGFUSE_')) vi.stubEnv(name, undefined);
  }
  for (const [name, value] of Object.entries(variables)) {
    vi.stubEnv(name, value);
  }
}
