import { execFileSync } from 'node:child_process';
import {
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ConfigurableModuleBuilder, Module } from '@nestjs/common';
import type { DynamicModule } from '@nestjs/common';
import { ConfigModule, ConfigService, registerAs } from '@nestjs/config';
import type { ConfigType } from '@nestjs/config';
import { Test } from '@nestjs/testing';
import ts from 'typescript';
import { afterEach, describe, expect, expectTypeOf, it, vi } from 'vitest';
import {
  LangfuseOptionsError,
  langfuseConfig,
  resolveOptions,
} from '../../lib/options/index.js';
import type { LangfuseModuleOptions } from '../../lib/options/index.js';

const FOLDER = join(
  dirname(fileURLToPath(import.meta.url)),
  '../../lib/options',
);

const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN } =
  new ConfigurableModuleBuilder<LangfuseModuleOptions>()
    .setClassMethodName('forRoot')
    .build();

@Module({})
class OptionsModule extends ConfigurableModuleClass {}

type AsyncOptions = Parameters<typeof OptionsModule.forRootAsync>[0];

/** Sets these variables and no other ones of Langfuse until the test ends. */
function setEnv(env: Readonly<Record<string, string>>): void {
  for (const name of Object.keys(process.env)) {
    if (name.startsWith('LANGFUSE_')) vi.stubEnv(name, undefined);
  }
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
}

async function optionsOf(
  asyncOptions: AsyncOptions,
  ...imports: DynamicModule[]
): Promise<unknown> {
  const testing = await Test.createTestingModule({
    imports: [...imports, OptionsModule.forRootAsync(asyncOptions)],
  }).compile();
  return testing.get(MODULE_OPTIONS_TOKEN, { strict: false });
}

afterEach(() => vi.unstubAllEnvs());

describe('langfuseConfig', () => {
  it('returns only what variables set', () => {
    setEnv({ LANGFUSE_FLUSH_AT: '10', LANGFUSE_TRACING_ENABLED: 'off' });
    expect(langfuseConfig()).toStrictEqual({ flushAt: 10, enabled: false });
  });

  it('leaves broken values to resolveOptions, which names the variable', () => {
    setEnv({ LANGFUSE_FLUSH_AT: 'many', LANGFUSE_TIMEOUT: '3' });
    const config = langfuseConfig();
    expect(config).toStrictEqual({ timeout: 3 });
    expect(() => resolveOptions(config, process.env)).toThrow(
      LangfuseOptionsError,
    );
    expect(() => resolveOptions(config, process.env)).toThrow(
      /flushAt \(LANGFUSE_FLUSH_AT\): "many"/,
    );
  });

  it('has the key that registerAs gives', () => {
    expect(langfuseConfig.KEY).toBe(registerAs('langfuse', () => ({})).KEY);
  });

  it('has the type that registerAs gives', () => {
    expectTypeOf<
      ConfigType<typeof langfuseConfig>
    >().toEqualTypeOf<LangfuseModuleOptions>();
  });
});

describe('langfuseConfig in an application', () => {
  it('is the argument of forRootAsync with asProvider()', async () => {
    setEnv({ LANGFUSE_FLUSH_AT: '10' });
    expect(await optionsOf(langfuseConfig.asProvider())).toEqual({
      flushAt: 10,
    });
  });

  it('can be injected by its key', async () => {
    setEnv({ LANGFUSE_FLUSH_AT: '10', LANGFUSE_TIMEOUT: '3' });
    const options = await optionsOf({
      imports: [ConfigModule.forFeature(langfuseConfig)],
      inject: [langfuseConfig.KEY],
      useFactory: (config: ConfigType<typeof langfuseConfig>) => ({
        ...config,
        timeout: 4,
      }),
    });
    expect(options).toEqual({ flushAt: 10, timeout: 4 });
  });

  it('is loaded by ConfigModule.forRoot and read by ConfigService', async () => {
    setEnv({ LANGFUSE_FLUSH_AT: '10' });
    const testing = await Test.createTestingModule({
      imports: [
        ConfigModule.forRoot({ ignoreEnvFile: true, load: [langfuseConfig] }),
      ],
    }).compile();
    const service = testing.get(ConfigService);
    expect(service.get('langfuse')).toEqual({ flushAt: 10 });
    expect(service.get('langfuse.flushAt')).toBe(10);
    expect(testing.get(langfuseConfig.KEY)).toEqual({ flushAt: 10 });
  });

  it('sees the variables of an env file', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'langfuse-config-'));
    const envFilePath = join(folder, '.env');
    setEnv({});
    // Restored after the test, although ConfigModule is what sets it.
    vi.stubEnv('LANGFUSE_RELEASE', undefined);
    writeFileSync(envFilePath, 'LANGFUSE_RELEASE=from-file\n');
    const root = await ConfigModule.forRoot({ envFilePath, isGlobal: true });
    const options = await optionsOf(langfuseConfig.asProvider(), root);
    rmSync(folder, { recursive: true });
    expect(options).toEqual({ release: 'from-file' });
  });
});

/** Runs code beside the compiled options, where no package is installed. */
function runAlone(code: string): unknown {
  const folder = mkdtempSync(join(tmpdir(), 'langfuse-alone-'));
  try {
    writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
    for (const name of readdirSync(FOLDER)) {
      const source = readFileSync(join(FOLDER, name), 'utf8');
      const { outputText } = ts.transpileModule(source, {
        compilerOptions: {
          target: ts.ScriptTarget.ES2023,
          module: name.endsWith('.cts')
            ? ts.ModuleKind.CommonJS
            : ts.ModuleKind.ESNext,
        },
      });
      writeFileSync(join(folder, name.replace(/ts$/, 'js')), outputText);
    }
    writeFileSync(
      join(folder, 'run.js'),
      `import { langfuseConfig } from './index.js';\n${code}`,
    );
    const printed = execFileSync(process.execPath, [join(folder, 'run.js')], {
      encoding: 'utf8',
      env: { LANGFUSE_FLUSH_AT: '10' },
    });
    return JSON.parse(printed);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe('langfuseConfig without @nestjs/config', () => {
  it('can be imported and read', () => {
    const printed = runAlone('console.log(JSON.stringify(langfuseConfig()));');
    expect(printed).toEqual({ flushAt: 10 });
  });

  it('tells in asProvider() what to install', () => {
    const printed = runAlone(`
      try {
        langfuseConfig.asProvider();
      } catch ({ name, message }) {
        console.log(JSON.stringify({ name, message }));
      }`);
    expect(printed).toEqual({
      name: 'NestConfigNotInstalledError',
      message: expect.stringContaining('npm install @nestjs/config'),
    });
  });

  it('has no types from it', () => {
    for (const name of readdirSync(FOLDER)) {
      const source = readFileSync(join(FOLDER, name), 'utf8');
      const { importedFiles } = ts.preProcessFile(source);
      expect(importedFiles.map((file) => file.fileName)).not.toContain(
        '@nestjs/config',
      );
    }
  });
});
