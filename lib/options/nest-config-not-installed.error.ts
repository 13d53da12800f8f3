/** The error for a method that needs a package which is only optional. */

/**
 * `langfuseConfig.asProvider()` was called without `@nestjs/config`.
 *
 * @publicApi
 */
export class NestConfigNotInstalledError extends Error {
  override readonly name = 'NestConfigNotInstalledError';

  constructor(cause: unknown) {
    super(
      'langfuseConfig.asProvider() needs the package @nestjs/config, which cannot be found. ' +
        'Run "npm install @nestjs/config", or call LangfuseModule.forRoot() ' +
        'without options: it reads the same variables.',
      { cause },
    );
  }
}
