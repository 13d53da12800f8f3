/** Options: what users pass, and what the parts of this package read. */
export { describeValue } from './describe-value.js';
export type { HttpHeaders } from './additional-headers.js';
export { readCredentials } from './credentials.js';
export type {
  CredentialsProvider,
  LangfuseCredentials,
} from './credentials.js';
export { langfuseConfig } from './langfuse.config.js';
export type { LangfuseConfig } from './langfuse.config.js';
export type { LangfuseModuleOptions } from './langfuse-module-options.interface.js';
export { LangfuseOptionsError } from './langfuse-options.error.js';
export type { OptionProblem } from './langfuse-options.error.js';
export { NestConfigNotInstalledError } from './nest-config-not-installed.error.js';
export { unusedPlatformVariables } from './options-from-env.js';
export { describeOption, optionNames } from './options.table.js';
export type { OptionName } from './options.table.js';
export { resolveOptions } from './resolve-options.js';
export type { GivenSpanProcessor } from './span-processor.js';
export type {
  KeyName,
  ResolvedOptions,
  Spooling,
  Tracing,
} from './resolved-options.interface.js';
