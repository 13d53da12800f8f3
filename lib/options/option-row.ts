/**
 * What one row of the options' table holds. Everything else about options
 * (types, reading, checking, error lines) follows from rows of this shape.
 */

/** Why a value is refused, and what to do about it. */
export interface Fault {
  /** Names the value; e.g. `0 is not an integer from 1 to 100000`. */
  readonly says: string;
  /** The remedy, when it is another one than the row's default or example. */
  readonly fix?: string;
}

/** The value in the form in which it is used, or every fault found in it. */
export type Checked<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly faults: readonly [Fault, ...Fault[]] };

/**
 * Variables that are there whether or not anybody thought of Langfuse. The first
 * one with a valid value counts; the others are passed over.
 */
export interface PlatformVariables {
  readonly names: readonly string[];
  /** A platform's text in the form that the option has. */
  readonly normalize?: (text: string) => string;
}

/**
 * One option. `T` is its type; `D` is `T` when the option has a default and
 * `undefined` when it has none.
 */
export interface OptionRow<T, D extends T | undefined = T | undefined> {
  /** Variables that set the option. The first one that is set wins. */
  readonly env: readonly string[];
  /** What tells the option where neither the application nor `env` does. */
  readonly platform?: PlatformVariables;
  readonly default: D;
  /** A valid value, for messages. */
  readonly example: T;
  readonly unit?: 'seconds' | 'milliseconds' | 'bytes';
  /** What a valid value is; completes the sentence "… is not". */
  readonly expects: string;
  /** A variable's text as a value, or the text itself if it cannot be one. */
  parse(text: string): unknown;
  check(value: unknown): Checked<T>;
}

/** A value that was set, and the variable if it came from one. */
export interface OptionReading {
  readonly env?: string;
  readonly checked: Checked<unknown>;
}

/** The value of an option before its default is applied. */
export type GivenValue<R> = R extends OptionRow<infer T> ? T : never;

/** The value of an option after its default is applied. */
export type ResolvedValue<R> =
  R extends OptionRow<infer T, infer D> ? T | D : never;

/** Accepts a value. */
export function accept<T>(value: T): Checked<T> {
  return { ok: true, value };
}

/** Refuses a value for one reason. */
export function refuse(says: string, fix?: string): Checked<never> {
  return { ok: false, faults: [{ says, fix }] };
}
