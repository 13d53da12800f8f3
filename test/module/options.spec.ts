import { Injectable, Module, type ModuleMetadata } from '@nestjs/common';
import { ConfigModule, type ConfigType } from '@nestjs/config';
import { Test } from '@nestjs/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  langfuseConfig,
  LangfuseModule,
  type LangfuseModuleOptions,
  LangfuseOptionsError,
  type LangfuseOptionsFactory,
} from '../../lib/index.js';
import {
  keysFor,
  PUBLIC_KEY,
  SECRET_KEY,
  startApplication,
  startReceiver,
} from '../support/application.js';
import { langfuseEnvironment } from '../support/environment.js';
import { NestLog } from '../support/nest-log.js';
import { Greeter } from './greeter.js';

beforeEach(() => langfuseEnvironment());

/** The variables with which an application sends to `receiver`. */
function variablesFor(receiver: { readonly url: string }) {
  return {
    LANGFUSE_PUBLIC_KEY: PUBLIC_KEY,
    LANGFUSE_SECRET_KEY: SECRET_KEY,
    LANGFUSE_BASE_URL: receiver.url,
  };
}

/** Expects a call in an application of these modules to arrive, and returns it. */
async function expectDelivery(
  imports: NonNullable<ModuleMetadata['imports']>,
  receiver: Awaited<ReturnType<typeof startReceiver>>,
) {
  const { app, langfuse, log } = await startApplication({
    imports,
    providers: [Greeter],
  });
  expect(app.get(Greeter).greet('Ada')).toBe('Hello Ada');
  await langfuse.flush();
  expect(receiver.observations()).toMatchObject([
    { name: 'Greeter.greet', input: 'Ada', output: 'Hello Ada' },
  ]);
  expect(log.lines).toEqual([]);
  return receiver.observations()[0]!;
}

/** The error with which an application of these modules does not start. */
async function startError(
  ...imports: NonNullable<ModuleMetadata['imports']>
): Promise<unknown> {
  const builder = Test.createTestingModule({ imports });
  return builder
    .setLogger(new NestLog())
    .compile()
    .then(
      () => expect.unreachable('the application started'),
      (error: unknown) => error,
    );
}

describe('forRoot()', () => {
  it('takes everything from the environment when it is given nothing', async () => {
    const receiver = await startReceiver();
    langfuseEnvironment({
      ...variablesFor(receiver),
      LANGFUSE_TRACING_ENVIRONMENT: 'staging',
      LANGFUSE_RELEASE: '1.4.2',
    });
    const observation = await expectDelivery(
      [LangfuseModule.forRoot()],
      receiver,
    );
    expect(observation).toMatchObject({
      environment: 'staging',
      release: '1.4.2',
    });
  });

  it('prefers what it is given over the environment', async () => {
    const receiver = await startReceiver();
    langfuseEnvironment({
      LANGFUSE_BASE_URL: 'http://127.0.0.1:1',
      LANGFUSE_TRACING_ENABLED: 'false',
      LANGFUSE_RELEASE: 'from-the-environment',
    });
    const observation = await expectDelivery(
      [
        LangfuseModule.forRoot({
          ...keysFor(receiver),
          enabled: true,
          release: 'given',
        }),
      ],
      receiver,
    );
    expect(observation.release).toBe('given');
  });
});

describe('forRootAsync()', () => {
  @Injectable()
  class Settings {
    langfuse: LangfuseModuleOptions | undefined;
  }

  /** What each test says of the receiver, as an application's own module. */
  function settingsModule(langfuse: LangfuseModuleOptions) {
    @Module({
      providers: [{ provide: Settings, useValue: { langfuse } }],
      exports: [Settings],
    })
    class SettingsModule {}
    return SettingsModule;
  }

  @Injectable()
  class OptionsFactory implements LangfuseOptionsFactory {
    constructor(private readonly settings: Settings) {}

    createLangfuseOptions(): LangfuseModuleOptions {
      return this.settings.langfuse!;
    }
  }

  it('takes options from useFactory, with what it injects', async () => {
    const receiver = await startReceiver();
    await expectDelivery(
      [
        LangfuseModule.forRootAsync({
          imports: [settingsModule(keysFor(receiver))],
          inject: [Settings],
          useFactory: async ({ langfuse }: Settings) => langfuse!,
        }),
      ],
      receiver,
    );
  });

  it('takes options from useClass', async () => {
    const receiver = await startReceiver();
    await expectDelivery(
      [
        LangfuseModule.forRootAsync({
          imports: [settingsModule(keysFor(receiver))],
          useClass: OptionsFactory,
        }),
      ],
      receiver,
    );
  });

  it('takes options from useExisting', async () => {
    const receiver = await startReceiver();
    const settings = settingsModule(keysFor(receiver));
    @Module({
      imports: [settings],
      providers: [OptionsFactory],
      exports: [OptionsFactory],
    })
    class OptionsModule {}
    await expectDelivery(
      [
        LangfuseModule.forRootAsync({
          imports: [OptionsModule],
          useExisting: OptionsFactory,
        }),
      ],
      receiver,
    );
  });

  it('is refused without any of them, at once', () => {
    expect(() => LangfuseModule.forRootAsync({})).toThrow(
      'LangfuseModule.forRootAsync() was called without useFactory, useClass ' +
        'and useExisting. Give it one of them, or use forRoot() for options ' +
        'that are known at once.',
    );
  });

  it('refuses bad options of a factory as forRoot() does', async () => {
    const error = await startError(
      LangfuseModule.forRootAsync({ useFactory: () => ({ flushAt: 0 }) }),
    );
    expect(error).toBeInstanceOf(LangfuseOptionsError);
  });
});

describe('langfuseConfig with @nestjs/config', () => {
  it('is all that forRootAsync() needs, as a provider', async () => {
    const receiver = await startReceiver();
    langfuseEnvironment(variablesFor(receiver));
    await expectDelivery(
      [
        ConfigModule.forRoot({ ignoreEnvFile: true }),
        LangfuseModule.forRootAsync(langfuseConfig.asProvider()),
      ],
      receiver,
    );
  });

  it('is injected by its key where an application adds to it', async () => {
    const receiver = await startReceiver();
    langfuseEnvironment(variablesFor(receiver));
    const observation = await expectDelivery(
      [
        LangfuseModule.forRootAsync({
          imports: [ConfigModule.forFeature(langfuseConfig)],
          inject: [langfuseConfig.KEY],
          useFactory: (config: ConfigType<typeof langfuseConfig>) => ({
            ...config,
            release: 'added',
          }),
        }),
      ],
      receiver,
    );
    expect(observation.release).toBe('added');
  });
});

describe('options that cannot be used', () => {
  it('keep the application from starting, five of them in one error', async () => {
    langfuseEnvironment({
      LANGFUSE_BASE_URL: 'langfuse.local',
      LANGFUSE_FLUSH_INTERVAL: 'soon',
    });
    const error = await startError(
      LangfuseModule.forRoot({
        flushAt: 0,
        timeout: -1,
        environment: 'Über',
      }),
    );
    expect(error).toBeInstanceOf(LangfuseOptionsError);
    const [head, ...lines] = (error as Error).message.split('\n  ');
    expect(head).toBe('LangfuseModule: 5 options are invalid:');
    expect(lines).toEqual([
      expect.stringMatching(
        /^baseUrl \(LANGFUSE_BASE_URL\): "langfuse\.local"/,
      ),
      expect.stringMatching(/^environment: "Über" is not .+; .+\.$/),
      expect.stringMatching(/^flushAt: 0 is not .+; leave it out for 512\.$/),
      expect.stringMatching(
        /^flushInterval \(LANGFUSE_FLUSH_INTERVAL\): "soon" is not .+; .+\.$/,
      ),
      expect.stringMatching(/^timeout: -1 is not .+; leave it out for 30\.$/),
    ]);
  });
});

describe('two roots in one application', () => {
  it('are refused with what to do instead', async () => {
    const error = await startError(
      LangfuseModule.forRoot({ release: 'one' }),
      LangfuseModule.forRoot({ release: 'two' }),
    );
    expect(String(error)).toMatch(
      /LangfuseModule: the results of two calls of forRoot\(\) .+Call it once, in the root module/,
    );
  });

  it('are refused wherever they stand, and with equal options too', async () => {
    @Module({ imports: [LangfuseModule.forRoot()] })
    class FeatureModule {}
    const error = await startError(FeatureModule, LangfuseModule.forRoot());
    expect(String(error)).toContain('two calls of forRoot()');
  });

  it('may be one root that two modules import', async () => {
    const receiver = await startReceiver();
    const root = LangfuseModule.forRoot(keysFor(receiver));
    @Module({ imports: [root] })
    class FeatureModule {}
    await expectDelivery([FeatureModule, root], receiver);
  });
});
