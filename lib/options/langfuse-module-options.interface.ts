/** What users pass to the module. */
import type { GivenValue } from './option-row.js';
import type { OptionsTable } from './options.table.js';

type GivenValues<Table> = {
  -readonly [Name in keyof Table]?: GivenValue<Table[Name]> | undefined;
};

/**
 * Options of `LangfuseModule`. All are optional: an option that is left out or
 * `undefined` is read from its environment variable, and has its default if
 * that is not set either.
 *
 * @publicApi
 */
export interface LangfuseModuleOptions extends GivenValues<OptionsTable> {}
