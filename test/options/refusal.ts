/** How specs of this folder look at refused options. */
import {
  LangfuseOptionsError,
  resolveOptions,
} from '../../lib/options/index.js';
import type { LangfuseModuleOptions } from '../../lib/options/index.js';

/** Options as a JavaScript user may pass them: of any names and types. */
export function untyped(given: unknown): LangfuseModuleOptions {
  return given as LangfuseModuleOptions;
}

/** The error of options that must be refused. */
export function refusalOf(
  given: unknown,
  env: NodeJS.ProcessEnv = {},
): LangfuseOptionsError {
  try {
    resolveOptions(untyped(given), env);
  } catch (error) {
    if (error instanceof LangfuseOptionsError) return error;
    throw error;
  }
  throw new Error('The options were accepted.');
}

/** The lines of the error's message, one for each problem. */
export function linesOf(given: unknown, env: NodeJS.ProcessEnv = {}): string[] {
  const [head, ...lines] = refusalOf(given, env).message.split('\n  ');
  if (!head?.startsWith('LangfuseModule: ')) throw new Error(`Head: ${head}`);
  return lines;
}
