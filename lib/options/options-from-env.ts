/** Reads options from environment variables. */
import type { LangfuseModuleOptions } from './langfuse-module-options.interface.js';
import type { OptionReading, OptionRow } from './option-row.js';
import { optionNames, optionsTable } from './options.table.js';

/**
 * The first of a row's variables that is set. White space around a value is
 * ignored, and a variable that holds nothing else counts as not set.
 */
export function readEnv(
  row: OptionRow<unknown>,
  env: NodeJS.ProcessEnv,
): OptionReading | undefined {
  for (const name of row.env) {
    const text = env[name]?.trim();
    if (text) return { env: name, checked: row.check(row.parse(text)) };
  }
  return undefined;
}

/**
 * The options that variables set, without defaults. Variables with bad values
 * are left out: `resolveOptions` reads them again and names them.
 */
export function optionsFromEnv(env: NodeJS.ProcessEnv): LangfuseModuleOptions {
  const entries = optionNames.flatMap((name) => {
    const checked = readEnv(optionsTable[name], env)?.checked;
    return checked?.ok ? [[name, checked.value] as const] : [];
  });
  return Object.fromEntries(entries);
}
