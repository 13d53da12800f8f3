import { ConfigurableModuleBuilder } from '@nestjs/common';
import type { LangfuseModuleOptions } from './options/index.js';

/**
 * Settings that shape the module itself. In `forRootAsync()` they stand beside
 * the factory and not in its result: modules are built before factories run.
 *
 * @publicApi
 */
export interface LangfuseModuleExtras {
  /**
   * Whether all modules see the providers without importing the module.
   * @default true
   */
  isGlobal?: boolean;
}

/** Makes options; for `useClass` and `useExisting`. @publicApi */
export interface LangfuseOptionsFactory {
  createLangfuseOptions():
    Promise<LangfuseModuleOptions> | LangfuseModuleOptions;
}

export const {
  ConfigurableModuleClass,
  MODULE_OPTIONS_TOKEN,
  OPTIONS_TYPE,
  ASYNC_OPTIONS_TYPE,
} = new ConfigurableModuleBuilder<LangfuseModuleOptions>({
  moduleName: 'Langfuse',
})
  .setClassMethodName('forRoot')
  .setFactoryMethodName('createLangfuseOptions')
  .setExtras<LangfuseModuleExtras>(
    { isGlobal: true },
    (definition, { isGlobal }) => ({ ...definition, global: isGlobal }),
  )
  .build();
