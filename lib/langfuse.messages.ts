import { describeOption, type KeyName } from './options/index.js';

export const TRACING_OFF_WITHOUT_KEYS = (missing: readonly KeyName[]) =>
  'Tracing is off, the application runs without it: ' +
  missing.map(describeOption).join(' and ') +
  ' missing. Set what is missing, or set enabled: false ' +
  '(LANGFUSE_TRACING_ENABLED=false) to say that this is intended.';

export const SECOND_ROOT = (count: number) =>
  `LangfuseModule: the results of ${count} calls of forRoot() or forRootAsync() ` +
  'are imported in this application. Call it once, in the root module; it is ' +
  'global, so all other modules see it.';

export const ASYNC_WITHOUT_FACTORY =
  'LangfuseModule.forRootAsync() was called without useFactory, useClass and ' +
  'useExisting. Give it one of them, or use forRoot() for options that are ' +
  'known at once.';
