/** Reads options from environment variables. */
import type { LangfuseModuleOptions } from './langfuse-module-options.interface.js';
import type { OptionReading, OptionRow } from './option-row.js';
import { optionNames, optionsTable } from './options.table.js';
import type { OptionName } from './options.table.js';

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

/** The first of a row's platform variables with a value that the row takes. */
export function readPlatform(
  row: OptionRow<unknown>,
  env: NodeJS.ProcessEnv,
): OptionReading | undefined {
  return platformReadings(row, env).find(({ checked }) => checked.ok);
}

/**
 * What platform variables would have set, were their values valid: none for an
 * option that has a value. Each as a text such as
 * `environment (VERCEL_ENV): "my env" is not …`.
 */
export function unusedPlatformVariables(
  values: Readonly<Partial<Record<OptionName, unknown>>>,
  env: NodeJS.ProcessEnv,
): string[] {
  return optionNames
    .filter((name) => values[name] === undefined)
    .flatMap((name) =>
      platformReadings(optionsTable[name], env).flatMap((reading) => {
        const { checked } = reading;
        if (checked.ok) return [];
        return [`${name} (${reading.env}): ${checked.faults[0].says}`];
      }),
    );
}

function platformReadings(
  row: OptionRow<unknown>,
  env: NodeJS.ProcessEnv,
): OptionReading[] {
  if (row.platform === undefined) return [];
  const { names, normalize = (text: string) => text } = row.platform;
  return names.flatMap((name) => {
    const text = env[name]?.trim();
    return text ? [{ env: name, checked: row.check(normalize(text)) }] : [];
  });
}

/**
 * The options that their own variables set, without defaults. Variables with bad values
 * are left out: `resolveOptions` reads them again and names them.
 */
export function optionsFromEnv(env: NodeJS.ProcessEnv): LangfuseModuleOptions {
  const entries = optionNames.flatMap((name) => {
    const checked = readEnv(optionsTable[name], env)?.checked;
    return checked?.ok ? [[name, checked.value] as const] : [];
  });
  return Object.fromEntries(entries);
}
