/** The one place where options, variables and defaults become one value. */
import { describeValue } from './describe-value.js';
import { readGivenOptions } from './given-options.js';
import type { LangfuseModuleOptions } from './langfuse-module-options.interface.js';
import { LangfuseOptionsError } from './langfuse-options.error.js';
import type { OptionProblem } from './langfuse-options.error.js';
import type { OptionReading, OptionRow } from './option-row.js';
import { readEnv, readPlatform } from './options-from-env.js';
import { optionNames, optionsTable } from './options.table.js';
import type { OptionName } from './options.table.js';
import type {
  KeyName,
  OptionValues,
  ResolvedOptions,
  Tracing,
} from './resolved-options.interface.js';
import { idleSpoolSettings, spoolingOf } from './spooling.js';

type Readings = ReadonlyMap<OptionName, OptionReading>;

/** Pairs in which the first option cannot use more than the second allows. */
const LIMITED_BY = [
  ['flushAt', 'maxQueueSize'],
  ['maxBatchBytes', 'maxQueueBytes'],
] as const;

type LimitedOption = (typeof LIMITED_BY)[number][0];

/**
 * Options with the values of their variables and their defaults. An option
 * that is given goes before its variable, even if the variable is invalid;
 * `undefined` is not given. What a platform's variables say comes last, and is
 * never an error.
 *
 * Missing keys are no error: {@link Tracing} says which are missing.
 *
 * @throws {@link LangfuseOptionsError} with every problem, one line each.
 */
export function resolveOptions(
  given: LangfuseModuleOptions | undefined,
  env: NodeJS.ProcessEnv,
): ResolvedOptions {
  const fromObject = readGivenOptions(given);
  const readings = new Map<OptionName, OptionReading>();
  for (const name of optionNames) {
    const row = optionsTable[name];
    const reading =
      fromObject.readings.get(name) ??
      readEnv(row, env) ??
      readPlatform(row, env);
    if (reading) readings.set(name, reading);
  }
  const [first, ...others] = [
    ...[...readings].flatMap(([name, reading]) => problemsOf(name, reading)),
    ...fromObject.problems,
    ...excesses(readings),
    ...conflicts(fromObject.readings),
    ...idleSpoolSettings(readings),
  ];
  if (first) throw new LangfuseOptionsError([first, ...others]);
  return grouped(valuesOf(readings));
}

function problemsOf(
  name: OptionName,
  { env, checked }: OptionReading,
): OptionProblem[] {
  if (checked.ok) return [];
  const row: OptionRow<unknown> = optionsTable[name];
  const remedy =
    env === undefined && row.default !== undefined
      ? `leave it out for ${describeValue(row.default)}`
      : `e.g. ${describeValue(row.example)}`;
  return checked.faults.map(({ says, fix }) => ({
    option: name,
    env,
    message: `${says}; ${fix ?? remedy}.`,
  }));
}

/** A default is never the first of a pair here: it is lowered instead. */
function excesses(readings: Readings): OptionProblem[] {
  return LIMITED_BY.flatMap(([name, limitName]) => {
    const reading = readings.get(name);
    if (!reading?.checked.ok) return [];
    const value = Number(reading.checked.value);
    const limit = limitOf(limitName, readings);
    if (value <= limit) return [];
    const message = `${value} is more than ${limitName}, ${limit}; lower it or raise ${limitName}.`;
    return [{ option: name, env: reading.env, message }];
  });
}

/** Keys from variables are no conflict: the function is the nearer wish. */
function conflicts(given: Readings): OptionProblem[] {
  if (!given.has('credentials')) return [];
  const message = 'it is given besides credentials; leave out one of them.';
  return (['publicKey', 'secretKey'] as const)
    .filter((name) => given.has(name))
    .map((option) => ({ option, message }));
}

/** A limit that was refused limits nothing: it has its own line. */
function limitOf(
  name: (typeof LIMITED_BY)[number][1],
  readings: Readings,
): number {
  const reading = readings.get(name);
  if (!reading) return optionsTable[name].default;
  return reading.checked.ok ? Number(reading.checked.value) : Infinity;
}

function valuesOf(readings: Readings): OptionValues {
  const entries = optionNames.map((name) => {
    const checked = readings.get(name)?.checked;
    return [name, checked?.ok ? checked.value : optionsTable[name].default];
  });
  // Each value passed the check of the row that its type is taken from.
  const values = Object.fromEntries(entries) as OptionValues;
  const lowered = LIMITED_BY.map(([name, limitName]) => [
    name,
    Math.min(values[name], values[limitName]),
  ]);
  return {
    ...values,
    ...(Object.fromEntries(lowered) as Record<LimitedOption, number>),
  };
}

/** With those that only matter together in one. */
function grouped(values: OptionValues): ResolvedOptions {
  const { enabled, publicKey, secretKey, credentials, ...rest } = values;
  const {
    spool: _mode,
    spoolDir: _dir,
    spoolMaxBytes: _maxBytes,
    spoolMaxAgeMs: _maxAgeMs,
    spoolMinFreeBytes: _minFreeBytes,
    spoolFsync: _fsync,
    ...others
  } = rest;
  return { ...others, tracing: tracing(), spooling: spoolingOf(values) };

  function tracing(): Tracing {
    if (!enabled) return { on: false, reason: 'disabled' };
    if (credentials) return { on: true, credentials };
    if (publicKey && secretKey) {
      return { on: true, credentials: { publicKey, secretKey } };
    }
    const missing = missingKeys(publicKey, secretKey);
    return { on: false, reason: 'missing-keys', missing };
  }
}

function missingKeys(
  publicKey: string | undefined,
  secretKey: string | undefined,
): readonly [KeyName, ...KeyName[]] {
  if (publicKey) return ['secretKey'];
  return secretKey ? ['publicKey'] : ['publicKey', 'secretKey'];
}
