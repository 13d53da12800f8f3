/**
 * The `LANGFUSE_*` variables as a namespace of `@nestjs/config`. This has the
 * shape of what its `registerAs()` returns, but that package is optional: it
 * is only loaded by `asProvider()`, and no type here comes from it.
 */
import { createRequire } from 'node:module';
import type { DynamicModule } from '@nestjs/common';
import type { LangfuseModuleOptions } from './langfuse-module-options.interface.js';
import { NestConfigNotInstalledError } from './nest-config-not-installed.error.js';
import { optionsFromEnv } from './options-from-env.js';
import { ownPath } from './own-path.cjs';

/**
 * What `registerAs('langfuse', …)` of `@nestjs/config` would return.
 *
 * @publicApi
 */
export interface LangfuseConfig {
  (): LangfuseModuleOptions;

  /** Injection token of the options. */
  readonly KEY: string;

  /**
   * The argument of `LangfuseModule.forRootAsync()`.
   *
   * @throws {@link NestConfigNotInstalledError} without `@nestjs/config`.
   */
  asProvider(): {
    imports: [DynamicModule];
    useFactory: (config: LangfuseModuleOptions) => LangfuseModuleOptions;
    inject: [string];
  };
}

/** The part of `@nestjs/config` that `asProvider()` needs. */
interface NestConfig {
  readonly ConfigModule: {
    forFeature(factory: () => LangfuseModuleOptions): DynamicModule;
  };
}

const NAMESPACE = 'langfuse';
const KEY = `CONFIGURATION(${NAMESPACE})`;

/**
 * The options that `LANGFUSE_*` variables set, for `@nestjs/config`. Variables
 * with bad values are left out here; the module reads them again and throws
 * `LangfuseOptionsError`.
 *
 * @example
 * ```ts
 * LangfuseModule.forRootAsync(langfuseConfig.asProvider());
 *
 * ConfigModule.forRoot({ load: [langfuseConfig] });
 *
 * LangfuseModule.forRootAsync({
 *   imports: [ConfigModule.forFeature(langfuseConfig)],
 *   inject: [langfuseConfig.KEY],
 *   useFactory: (config: ConfigType<typeof langfuseConfig>) => ({
 *     ...config,
 *     flushAt: 100,
 *   }),
 * });
 * ```
 *
 * @publicApi
 */
export const langfuseConfig: LangfuseConfig = Object.assign(
  () => optionsFromEnv(process.env),
  {
    // Where `ConfigModule` looks for the name of the namespace.
    PARTIAL_CONFIGURATION_KEY: NAMESPACE,
    KEY,
    asProvider: (): ReturnType<LangfuseConfig['asProvider']> => ({
      imports: [loadNestConfig().ConfigModule.forFeature(langfuseConfig)],
      useFactory: (config) => config,
      inject: [KEY],
    }),
  },
);

function loadNestConfig(): NestConfig {
  const require = createRequire(ownPath());
  try {
    require.resolve('@nestjs/config');
  } catch (cause) {
    throw new NestConfigNotInstalledError(cause);
  }
  return require('@nestjs/config') as NestConfig;
}
