/** What the parts of this package read: every option with its value. */
import type {
  CredentialsProvider,
  LangfuseCredentials,
} from './credentials.js';
import type { ResolvedValue } from './option-row.js';
import type { OptionsTable } from './options.table.js';

/** The options that only matter together, as {@link Tracing}. */
type TracingOption = 'enabled' | 'publicKey' | 'secretKey' | 'credentials';

/** As {@link Spooling}. */
type SpoolOption = Extract<keyof OptionsTable, `spool${string}`>;

type ResolvedValues<Table> = {
  readonly [Name in keyof Table]: ResolvedValue<Table[Name]>;
};

/** Every option, checked, with the value of its variable or its default. */
export type OptionValues = ResolvedValues<OptionsTable>;

/** A key without which nothing can be sent. */
export type KeyName = 'publicKey' | 'secretKey';

/** Whether observations are recorded and sent, and if not, why. */
export type Tracing =
  | {
      readonly on: true;
      readonly credentials: LangfuseCredentials | CredentialsProvider;
    }
  | { readonly on: false; readonly reason: 'disabled' }
  | {
      readonly on: false;
      readonly reason: 'missing-keys';
      readonly missing: readonly [KeyName, ...KeyName[]];
    };

/** Which records are kept on the disk, and how; see the options `spool…`. */
export type Spooling =
  | { readonly mode: 'off' }
  | {
      readonly mode: 'overflow' | 'event';
      readonly dir: string;
      readonly maxBytes: number;
      readonly maxAgeMs: number;
      readonly minFreeBytes: number;
      readonly fsync: 'never' | 'always';
    };

/**
 * Options after environment variables, defaults and checks. Units are those of
 * the options: `flushInterval` and `timeout` are seconds.
 */
export interface ResolvedOptions extends Omit<
  OptionValues,
  TracingOption | SpoolOption
> {
  readonly tracing: Tracing;
  readonly spooling: Spooling;
}
