/** Reads the options that the application passes. */
import { describeName, describeType, describeValue } from './describe-value.js';
import type { OptionProblem } from './langfuse-options.error.js';
import { refuse } from './option-row.js';
import type { Checked, OptionReading, OptionRow } from './option-row.js';
import { optionNames, optionsTable } from './options.table.js';
import type { OptionName } from './options.table.js';
import { unknownOptionMessage } from './unknown-option.js';

/** The options that were given, and what is wrong with the object itself. */
export interface GivenOptions {
  readonly readings: ReadonlyMap<OptionName, OptionReading>;
  readonly problems: readonly OptionProblem[];
}

/**
 * Reads an object of options, whatever it is: the getters of a class instance
 * count, and an object that throws when it is read is a problem like others.
 */
export function readGivenOptions(given: unknown): GivenOptions {
  const readings = new Map<OptionName, OptionReading>();
  if (given === undefined) return { readings, problems: [] };
  try {
    if (!isObject(given)) {
      return refuseAll(
        `${describeType(given)} is not an object of options; pass an object, or nothing.`,
      );
    }
    const problems = Object.keys(given)
      .filter((name) => !Object.hasOwn(optionsTable, name))
      .map((name) => ({
        option: describeName(name),
        message: unknownOptionMessage(name),
      }));
    for (const name of optionNames) {
      const reading = readGivenOption(name, given);
      if (reading) readings.set(name, reading);
    }
    return { readings, problems };
  } catch {
    return refuseAll('the object throws when it is read; pass a plain object.');
  }
}

function readGivenOption(
  name: OptionName,
  given: Readonly<Record<string, unknown>>,
): OptionReading | undefined {
  try {
    const value = given[name];
    return value === undefined
      ? undefined
      : { checked: checkGiven(optionsTable[name], value) };
  } catch {
    return {
      checked: refuse('the value throws when it is read', 'pass a plain value'),
    };
  }
}

/** As `row.check`, with a better remedy for `'10'` in the place of `10`. */
function checkGiven(row: OptionRow<unknown>, value: unknown): Checked<unknown> {
  const checked = row.check(value);
  if (checked.ok || typeof value !== 'string') return checked;
  const parsed = row.parse(value.trim());
  return typeof parsed !== 'string' && row.check(parsed).ok
    ? refuse(
        checked.faults[0].says,
        `pass the ${typeof parsed} ${describeValue(parsed)}`,
      )
    : checked;
}

function refuseAll(message: string): GivenOptions {
  return { readings: new Map(), problems: [{ option: 'options', message }] };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
