/** What variables of platforms and CI systems say of release and environment. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  LangfuseModule,
  type LangfuseModuleOptions,
  LangfuseSpanProcessor,
} from '../../lib/index.js';
import { resolveOptions } from '../../lib/options/index.js';
import {
  keysFor,
  startApplication,
  startReceiver,
} from '../support/application.js';
import { langfuseEnvironment } from '../support/environment.js';

/** `getCommonReleaseEnvs()` of the JavaScript client, version 3. */
const OF_JAVASCRIPT_CLIENT = [
  'VERCEL_GIT_COMMIT_SHA',
  'NEXT_PUBLIC_VERCEL_GIT_COMMIT_SHA',
  'COMMIT_REF',
  'RENDER_GIT_COMMIT',
  'CI_COMMIT_SHA',
  'CIRCLE_SHA1',
  'CF_PAGES_COMMIT_SHA',
  'REACT_APP_GIT_SHA',
  'SOURCE_VERSION',
  'TRIGGER_DEPLOYMENT_ID',
];

/** `get_common_release_envs()` of the Python SDK, without those above. */
const OF_PYTHON_SDK = [
  'TRAVIS_COMMIT',
  'GIT_COMMIT',
  'GITHUB_SHA',
  'BITBUCKET_COMMIT',
  'BUILD_SOURCEVERSION',
  'DRONE_COMMIT_SHA',
];

/** Of `getSentryRelease()`, without those above. */
const OF_SENTRY = [
  'AWS_COMMIT_ID',
  'FC_GIT_COMMIT_SHA',
  'HEROKU_BUILD_COMMIT',
  'HEROKU_SLUG_COMMIT',
  'RAILWAY_GIT_COMMIT_SHA',
  'BUILDKITE_COMMIT',
  'CODEBUILD_RESOLVED_SOURCE_VERSION',
  'SEMAPHORE_GIT_SHA',
  'APPVEYOR_REPO_COMMIT',
  'SOURCE_COMMIT',
  'BUILD_VCS_NUMBER',
];

const OF_ENVIRONMENT = [
  'VERCEL_TARGET_ENV',
  'VERCEL_ENV',
  'RAILWAY_ENVIRONMENT_NAME',
  'PLATFORM_ENVIRONMENT_TYPE',
];

function releaseFrom(
  env: NodeJS.ProcessEnv,
  given?: LangfuseModuleOptions,
): string | undefined {
  return resolveOptions(given, env).release;
}

function environmentFrom(
  env: NodeJS.ProcessEnv,
  given?: LangfuseModuleOptions,
): string | undefined {
  return resolveOptions(given, env).environment;
}

describe('the release', () => {
  it.each([
    ...OF_JAVASCRIPT_CLIENT,
    ...OF_PYTHON_SDK,
    ...OF_SENTRY,
    'NF_DEPLOYMENT_SHA',
  ])('is read from %s', (name) => {
    expect(releaseFrom({ [name]: ' 4f2a9c1\n' })).toBe('4f2a9c1');
  });

  it('comes last from a platform', () => {
    const env = { VERCEL_GIT_COMMIT_SHA: 'commit' };
    const own = { ...env, LANGFUSE_RELEASE: 'own' };
    expect(releaseFrom(own)).toBe('own');
    expect(releaseFrom({ ...env, LANGFUSE_RELEASE: '' })).toBe('commit');
    expect(releaseFrom(own, { release: 'given' })).toBe('given');
  });

  it('is what the process was deployed from, before what a build had', () => {
    const names = [
      'RENDER_GIT_COMMIT',
      'HEROKU_BUILD_COMMIT',
      'HEROKU_SLUG_COMMIT',
      'GITHUB_SHA',
      'GIT_COMMIT',
    ];
    for (const [index, name] of names.entries()) {
      const set = names.slice(index).map((each) => [each, `of ${each}`]);
      expect(releaseFrom(Object.fromEntries(set.toReversed()))).toBe(
        `of ${name}`,
      );
    }
  });

  it('is nothing where a variable is empty', () => {
    expect(releaseFrom({ GITHUB_SHA: '', GIT_COMMIT: ' \n' })).toBeUndefined();
    expect(releaseFrom({ GITHUB_SHA: '', GIT_COMMIT: 'abc' })).toBe('abc');
  });
});

describe('the environment', () => {
  it.each(OF_ENVIRONMENT)('is read from %s, in lower case', (name) => {
    expect(environmentFrom({ [name]: 'Production' })).toBe('production');
  });

  it('comes last from a platform', () => {
    const env = { VERCEL_ENV: 'preview' };
    const own = { ...env, LANGFUSE_TRACING_ENVIRONMENT: 'own' };
    expect(environmentFrom(own)).toBe('own');
    expect(environmentFrom(own, { environment: 'default' })).toBe('default');
  });

  it('is the custom one on Vercel', () => {
    const env = { VERCEL_ENV: 'preview', VERCEL_TARGET_ENV: 'staging' };
    expect(environmentFrom(env)).toBe('staging');
  });

  it('is not what the code was built for, nor where a job deploys to', () => {
    expect(
      environmentFrom({
        NODE_ENV: 'production',
        CI_ENVIRONMENT_NAME: 'production',
        CONTEXT: 'production',
      }),
    ).toBeUndefined();
  });

  it.each(['my env', 'langfuse-eu', 'x'.repeat(41), 'Überall', 'a.b'])(
    'is never %s, and the next variable counts',
    (name) => {
      expect(environmentFrom({ VERCEL_TARGET_ENV: name })).toBeUndefined();
      const env = { VERCEL_TARGET_ENV: name, VERCEL_ENV: 'preview' };
      expect(environmentFrom(env)).toBe('preview');
    },
  );

  it('is always one that the server takes, or none', () => {
    const env = fc.dictionary(
      fc.constantFrom(...OF_ENVIRONMENT),
      fc.oneof(fc.string(), fc.stringMatching(/^[A-Za-z0-9_-]{1,45}$/)),
    );
    let named = 0;
    fc.assert(
      fc.property(env, (variables) => {
        const environment = environmentFrom(variables);
        if (environment === undefined) return;
        named += 1;
        expect(environment).toMatch(/^(?!langfuse)[a-z0-9_-]{1,40}$/);
      }),
    );
    expect(named).toBeGreaterThan(10);
  });
});

describe('an application on a platform', () => {
  it('has its release and environment on what arrives', async () => {
    langfuseEnvironment({
      VERCEL_ENV: 'preview',
      VERCEL_GIT_COMMIT_SHA: '4f2a9c1',
    });
    const receiver = await startReceiver();
    const { langfuse, log } = await startApplication({
      imports: [LangfuseModule.forRoot(keysFor(receiver))],
    });
    langfuse.startObservation('answer').end();
    await langfuse.flush();
    expect(receiver.observations()).toMatchObject([
      { environment: 'preview', release: '4f2a9c1' },
    ]);
    expect(log.lines).toEqual([]);
  });

  const warning =
    'environment (RAILWAY_ENVIRONMENT_NAME): "pr 12" is not 1 to 40 ' +
    'characters a-z, 0-9, - and _, not beginning with "langfuse". The ' +
    'platform set it, so it is left out; set the option to choose a value.';

  it('starts with a name that Langfuse does not take, and says so', async () => {
    langfuseEnvironment({ RAILWAY_ENVIRONMENT_NAME: 'PR 12' });
    const receiver = await startReceiver();
    const { langfuse, log } = await startApplication({
      imports: [LangfuseModule.forRoot(keysFor(receiver))],
    });
    langfuse.startObservation('answer').end();
    await langfuse.flush();
    expect(receiver.observations()).toMatchObject([{ environment: 'default' }]);
    expect(log.lines).toEqual([`warn: ${warning}`]);
  });

  it('says so once where a span processor has the queue', async () => {
    langfuseEnvironment({ RAILWAY_ENVIRONMENT_NAME: 'PR 12' });
    const receiver = await startReceiver();
    const { log } = await startApplication({
      imports: [
        LangfuseModule.forRootAsync({
          useFactory: () => ({
            spanProcessor: new LangfuseSpanProcessor(keysFor(receiver)),
          }),
        }),
      ],
    });
    expect(log.lines).toEqual([`warn: ${warning}`]);
  });

  it.each<[string, LangfuseModuleOptions]>([
    ['an environment is given', { environment: 'review' }],
    ['tracing is off', { enabled: false }],
  ])('says nothing where %s', async (_, options) => {
    langfuseEnvironment({ RAILWAY_ENVIRONMENT_NAME: 'PR 12' });
    const receiver = await startReceiver();
    const { log } = await startApplication({
      imports: [LangfuseModule.forRoot({ ...keysFor(receiver), ...options })],
    });
    expect(log.lines).toEqual([]);
  });
});
