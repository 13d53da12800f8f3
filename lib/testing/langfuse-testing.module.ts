import { type DynamicModule, Global, Module } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import { LANGFUSE_START_RUNTIME } from '../langfuse.constants.js';
import { LangfuseModule } from '../langfuse.module.js';
import type { LangfuseModuleOptions } from '../options/index.js';
import { InMemoryLangfuse } from './in-memory-langfuse.js';
import { LangfuseTesting } from './langfuse-testing.js';

const NO_LANGFUSE_MODULE =
  'LangfuseTestingModule found no LangfuseModule in the application under ' +
  'test, so nothing would be recorded. Import the module that imports ' +
  'LangfuseModule.forRoot(), or use LangfuseTestingModule.forRoot() instead.';

/**
 * Keeps in memory what an application records, for its specs. Nothing goes
 * over the network, keys are not needed, and no timer or listener is left when
 * a test ends, whether or not it closes the application.
 *
 * Beside the application's own `LangfuseModule`, whose options hold (`mask`,
 * `shouldExportSpan`, `environment` and the like) but for three: it records
 * even with `enabled: false` and without keys, always all traces, and at once.
 *
 * ```ts
 * const module = await Test.createTestingModule({
 *   imports: [AppModule, LangfuseTestingModule],
 * }).compile();
 * const langfuse = module.get(LangfuseTesting);
 *
 * await module.get(ChatService).answer('hello');
 * expect(langfuse.tree()).toMatchInlineSnapshot(`…`);
 * ```
 *
 * In the place of `LangfuseModule`, where a spec has only a few providers:
 *
 * ```ts
 * Test.createTestingModule({
 *   imports: [LangfuseTestingModule.forRoot()],
 *   providers: [ChatService],
 * });
 * ```
 *
 * `overrideModule()` is not needed. Nest compares by identity and
 * `LangfuseModule.forRoot()` returns an object, so that
 * `overrideModule(LangfuseModule)` replaces nothing. What it does replace is
 * that very object, where the application keeps it: with `export const langfuse
 * = LangfuseModule.forRoot()` it is
 * `overrideModule(langfuse).useModule(LangfuseTestingModule.forRoot())`.
 *
 * @throws when it stands beside no `LangfuseModule`
 * @publicApi
 */
@Global()
@Module({
  providers: [
    InMemoryLangfuse,
    {
      provide: LANGFUSE_START_RUNTIME,
      inject: [InMemoryLangfuse],
      useFactory: ({ start }: InMemoryLangfuse) => start,
    },
    {
      provide: LangfuseTesting,
      inject: [InMemoryLangfuse, ModulesContainer],
      useFactory: createLangfuseTesting,
    },
  ],
  exports: [LANGFUSE_START_RUNTIME, LangfuseTesting],
})
export class LangfuseTestingModule {
  /**
   * `LangfuseModule` and this module in one, for specs without a module that
   * imports `LangfuseModule.forRoot()`; with it there would be two of them.
   *
   * @param options those of `LangfuseModule.forRoot()`
   */
  static forRoot(options: LangfuseModuleOptions = {}): DynamicModule {
    return {
      module: LangfuseTestingModule,
      imports: [LangfuseModule.forRoot(options)],
    };
  }
}

function createLangfuseTesting(
  langfuse: InMemoryLangfuse,
  modules: ModulesContainer,
): LangfuseTesting {
  const isThere = [...modules.values()].some(
    ({ metatype }) => metatype === LangfuseModule,
  );
  if (!isThere) throw new Error(NO_LANGFUSE_MODULE);
  return new LangfuseTesting(langfuse);
}
